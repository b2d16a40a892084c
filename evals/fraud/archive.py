"""The truth of an AMLSim archive, for scoring only: which accounts are labelled, which transfers are a pattern's.

`nodes.csv` labels accounts and gives opening balances; a background payment is its sender's opening balance, so a
payment between two labelled accounts that is not is a pattern's. `metadata.txt` says which patterns were planted; with
several, each has amounts of its own scale, and the scale with more accounts that both get and give is the cycles'.
"""

from __future__ import annotations

import csv
import io
import re
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from desk.errors import InputError
from desk.fraud.graph import Columns, Flags, Floats, Ints, build_columns
from desk.fraud.typologies import Typology

KINDS: dict[str, Typology] = {"fan-in": "fan_in", "fan-out": "fan_out", "cycle": "cycle"}
OFF = 0.05
"""A payment further than this share from the opening balance is none of the background."""
APART = 0.25
"""Amounts of two patterns are at least this far apart, as a logarithm; else their scales are not told apart."""


@dataclass(frozen=True)
class Truth:
    """Labelled accounts; per transfer id of a pattern its typology, None where the archive does not tell."""

    accounts: frozenset[str]
    patterns: dict[str, Typology | None]
    balance: dict[str, float]

    def acting(self, columns: Columns) -> frozenset[str]:
        """The labelled accounts with at least one pattern transfer."""
        rows = [row for row, id in enumerate(columns.ids) if id in self.patterns]
        return frozenset(columns.accounts[end] for row in rows for end in (columns.source[row], columns.target[row]))


def read_truth(path: Path, columns: Columns) -> Truth:
    """The labels of an archive. InputError when it holds none."""
    try:
        with tarfile.open(path, "r:*") as archive:
            texts = {
                Path(member.name).name: stream.read().decode("utf-8-sig")
                for member in archive
                if Path(member.name).name in {"nodes.csv", "metadata.txt"} and (stream := archive.extractfile(member))
            }
        nodes = list(csv.DictReader(io.StringIO(texts["nodes.csv"])))
        labelled = frozenset(row["nodeid"] for row in nodes if row["isFraud"] == "1")
        balance = {row["nodeid"]: float(row["init_balance"]) for row in nodes}
    except (OSError, tarfile.TarError, UnicodeDecodeError, KeyError, ValueError) as error:
        raise InputError(
            f"{path.name} has no labels to score by: it wants nodes.csv with nodeid, isFraud, init_balance ({error})"
        ) from None
    truth = Truth(labelled, {}, balance)
    rows = np.flatnonzero(_is_pattern(columns, truth))
    kinds = [kind for word, kind in KINDS.items() if re.search(word, texts.get("metadata.txt", ""))]
    names = _kinds_of(columns, rows, kinds)
    return replace(truth, patterns=dict(zip([columns.ids[row] for row in rows], names, strict=True)))


def structure_alone(columns: Columns, truth: Truth) -> Columns:
    """The same graph without what amounts and repeats tell: a pair pays once an instant, the sender's constant."""
    n = len(columns.accounts)
    key = (columns.source * n + columns.target) * (int(columns.at.max()) + 1) + columns.at
    keep = np.sort(np.unique(key, return_index=True)[1])
    constant = np.maximum(np.round(_constants(columns, truth)[columns.source[keep]] * 100), 1)
    return build_columns(
        [columns.ids[row] for row in keep],
        [columns.accounts[end] for end in columns.source[keep]],
        [columns.accounts[end] for end in columns.target[keep]],
        constant.astype(np.int64),
        columns.at[keep],
        columns.currency,
    )


def _constants(columns: Columns, truth: Truth) -> Floats:
    return np.array([truth.balance.get(name, 1.0) for name in columns.accounts])


def _is_pattern(columns: Columns, truth: Truth) -> Flags:
    labelled = np.array([name in truth.accounts for name in columns.accounts], dtype=np.bool_)
    constant = _constants(columns, truth)[columns.source]
    off = np.abs(columns.minor / 100 - constant) > OFF * constant
    marked: Flags = off & labelled[columns.source] & labelled[columns.target]
    return marked


def _kinds_of(columns: Columns, rows: Ints, kinds: list[Typology]) -> list[Typology | None]:
    """Per pattern row its typology: the one planted, or that of its scale of amounts."""
    if len(kinds) == 1:
        return [kinds[0]] * len(rows)
    logs = np.sort(np.log(columns.minor[rows]))
    gap = int(np.argmax(np.diff(logs))) if len(logs) > 1 else 0
    if set(kinds) != {"fan_in", "cycle"} or len(logs) < 2 or logs[gap + 1] - logs[gap] < APART:
        return [None] * len(rows)
    small = np.log(columns.minor[rows]) <= logs[gap]
    cycles_are_small = _both_ways(columns, rows[small]) > _both_ways(columns, rows[~small])
    return ["cycle" if bool(flag) == cycles_are_small else "fan_in" for flag in small]


def _both_ways(columns: Columns, rows: Ints) -> float:
    """The share of the accounts in these rows that both give and take."""
    givers, takers = np.unique(columns.source[rows]), np.unique(columns.target[rows])
    return len(np.intersect1d(givers, takers)) / max(len(np.union1d(givers, takers)), 1)
