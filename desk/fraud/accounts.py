"""Accounts of the Ethereum fraud file as features that a model may honestly see.

Read are counts, times and values of an account's own transactions. Kept out, because they tell the label without
telling anything about behaviour (docs/fraud-learning.md): the index (the file is sorted by label), the address, both
token names, and whether a value was missing (a missing value is 0, as a true zero is). Rows of equal features are one.
"""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desk.errors import InputError
from desk.fraud.graph import Floats

Labels = NDArray[np.bool_]
MOST_BYTES = 256 * 2**20
LABEL, ADDRESS = "flag", "address"
RAW = {
    "gap_sent": "avg min between sent tnx",
    "gap_received": "avg min between received tnx",
    "life": "time diff between first and last (mins)",
    "sent": "sent tnx",
    "received": "received tnx",
    "created": "number of created contracts",
    "senders": "unique received from addresses",
    "receivers": "unique sent to addresses",
    "in_min": "min value received",
    "in_max": "max value received",
    "in_mean": "avg val received",
    "out_min": "min val sent",
    "out_max": "max val sent",
    "out_mean": "avg val sent",
    "all": "total transactions (including tnx to create contract",
    "out": "total ether sent",
    "in": "total ether received",
    "balance": "total ether balance",
    "erc_all": "total erc20 tnxs",
    "erc_in": "erc20 total ether received",
    "erc_out": "erc20 total ether sent",
    "erc_contract": "erc20 total ether sent contract",
    "erc_receivers": "erc20 uniq sent addr",
    "erc_senders": "erc20 uniq rec addr",
    "erc_contracts": "erc20 uniq rec contract addr",
    "erc_in_min": "erc20 min val rec",
    "erc_in_max": "erc20 max val rec",
    "erc_in_mean": "erc20 avg val rec",
    "erc_out_min": "erc20 min val sent",
    "erc_out_max": "erc20 max val sent",
    "erc_out_mean": "erc20 avg val sent",
    "erc_tokens_out": "erc20 uniq sent token name",
    "erc_tokens_in": "erc20 uniq rec token name",
}
"""Our name and the file's, in lower case without outer blanks. The token columns here are counts, not names."""

RATIOS = {
    "sent_share": ("sent", "both"),
    "out_of_in": ("out", "in"),
    "kept": ("balance", "in"),
    "senders_each": ("senders", "received"),
    "receivers_each": ("receivers", "sent"),
    "receivers_of_senders": ("receivers", "senders"),
    "rate": ("both", "life"),
    "pause": ("life", "both"),
    "in_mean_of_max": ("in_mean", "in_max"),
    "in_min_of_max": ("in_min", "in_max"),
    "out_mean_of_max": ("out_mean", "out_max"),
    "out_min_of_max": ("out_min", "out_max"),
    "out_mean_of_in": ("out_mean", "in_mean"),
    "out_max_of_in": ("out_max", "in_max"),
    "out_max_of_all": ("out_max", "out"),
    "in_max_of_all": ("in_max", "in"),
    "gaps": ("gap_sent", "gap_received"),
    "in_each": ("in", "received"),
    "in_per_sender": ("in", "senders"),
    "in_per_minute": ("in", "life"),
    "out_per_minute": ("out", "life"),
    "erc_in_each": ("erc_in", "erc_all"),
    "erc_share": ("erc_all", "both"),
    "erc_senders_each": ("erc_senders", "erc_all"),
    "erc_contracts_each": ("erc_contracts", "erc_all"),
    "erc_receivers_of_senders": ("erc_receivers", "erc_senders"),
    "erc_out_of_in": ("erc_out", "erc_in"),
    "erc_in_mean_of_max": ("erc_in_mean", "erc_in_max"),
    "active_sending": ("sending", "life"),
    "active_receiving": ("receiving", "life"),
}
"""Feature, numerator, denominator; 0 where the denominator is 0."""
ROUND = ("in_min", "in_max", "out_min", "out_max", "balance")
"""Values of which a feature says whether they are whole tenths of an ether."""


@dataclass(frozen=True)
class Accounts:
    """`features` (n, k) with `names` (k,), `labels` (n,) true for fraud; `dropped` rows repeated another."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]
    features: Floats
    labels: Labels
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.addresses)

    def without(self, other: Accounts) -> Accounts:
        """These accounts but for those that stand in `other` too: the same address, or the same features."""
        seen, addresses = {row.tobytes() for row in other.features}, set(other.addresses)
        pairs = zip(self.features, self.addresses, strict=True)
        keep = np.array([row.tobytes() not in seen and name not in addresses for row, name in pairs], dtype=np.bool_)
        return self.part(keep)

    def part(self, keep: Labels) -> Accounts:
        """The rows that are kept; the others count as dropped."""
        named = tuple(name for name, kept in zip(self.addresses, keep, strict=True) if kept)
        gone = self.dropped + int((~keep).sum())
        return Accounts(named, self.names, self.features[keep], self.labels[keep], gone)


def read_accounts(path: Path) -> Accounts:
    """Reads the CSV file, gzipped or plain; of rows with equal features the first stays.

    InputError names the file and a missing column, the line and field that is no number, or that one of the two
    labels does not occur.
    """
    rows = list(csv.reader(io.StringIO(_text(path))))
    header = [name.strip().lower() for name in rows[0]] if rows else []
    missing = sorted({LABEL, ADDRESS, *RAW.values()} - set(header))
    if missing:
        raise InputError(f"{path.name} has no column {', '.join(map(repr, missing))}")
    body = [row for row in rows[1:] if row]
    for number, row in enumerate(body, 2):
        if len(row) != len(header):
            raise InputError(f"{path.name} row {number} has {len(row)} fields, the header {len(header)}")
    raw = {name: _column(body, header.index(wanted), wanted, path.name) for name, wanted in RAW.items()}
    flags = _column(body, header.index(LABEL), LABEL, path.name)
    if set(np.unique(flags)) != {0.0, 1.0}:
        raise InputError(f"{path.name}: FLAG must be 0 or 1 and both must occur")
    features = derive(raw)
    place = header.index(ADDRESS)
    matrix = np.stack(list(features.values()), axis=1)
    addresses = tuple(row[place].strip().lower() for row in body)
    return _distinct(Accounts(addresses, tuple(features), matrix, flags > 0))


def derive(raw: dict[str, Floats]) -> dict[str, Floats]:
    """The features: what was read, ratios, round amounts, two differences. Deterministic, row by row."""
    parts = raw | {
        "both": raw["sent"] + raw["received"],
        "sending": raw["gap_sent"] * raw["sent"],
        "receiving": raw["gap_received"] * raw["received"],
    }
    ratios: dict[str, Floats] = {name: _ratio(parts[above], parts[below]) for name, (above, below) in RATIOS.items()}
    tenths = {f"{name}_round": _whole_tenths(raw[name]) for name in ROUND}
    apart = {
        "sent_less_received": raw["sent"] - raw["received"],
        "tokens_less_contracts": raw["erc_tokens_in"] - raw["erc_contracts"],
    }
    return raw | ratios | tenths | apart


def _text(path: Path) -> str:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, EOFError) as error:
        raise InputError(f"cannot read {path.name}: {error}") from None
    if len(data) > MOST_BYTES:
        raise InputError(f"{path.name} holds more than {MOST_BYTES >> 20} MB; give fewer accounts")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8 text: {error}") from None


def _column(body: list[list[str]], place: int, name: str, file: str) -> Floats:
    """The numbers of a column; what is empty, not a number or infinite is 0, as the file's own zeros are."""
    try:
        values = np.array([float(row[place] or 0.0) for row in body])
    except ValueError as error:
        raise InputError(f"{file}: column {name!r} holds what is no number ({error})") from None
    return np.where(np.isfinite(values), values, 0.0)


def _whole_tenths(values: Floats) -> Floats:
    return (np.abs(values * 10 - np.rint(values * 10)) < 1e-6).astype(np.float64)


def _ratio(above: Floats, below: Floats) -> Floats:
    whole = np.where(below == 0, 1.0, below)
    return np.where(below == 0, 0.0, above / whole)


def _distinct(accounts: Accounts) -> Accounts:
    first = np.zeros(len(accounts), dtype=np.bool_)
    first[np.unique(accounts.features, axis=0, return_index=True)[1]] = True
    return accounts.part(first)
