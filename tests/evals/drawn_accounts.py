"""Invented accounts in the form of the Ethereum fraud file; run as a module it writes the shipped ones.

Fraudulent accounts tend to live shorter, to have more senders than receivers and to keep little. What is missing and
what a token is called say nothing here, unless `marked`, where they tell the label as they do in the real file.
"""

from __future__ import annotations

import csv
import io

import numpy as np

from desk.fraud.accounts import RAW

TEXTS = ("ERC20 most sent token type", "ERC20_most_rec_token_type")


def draw(rows: int = 240, seed: int = 9, marked: bool = False, first: int = 0) -> str:
    """The file's text; `first` is the number of the first address."""
    dice = np.random.default_rng(seed)
    fraud = dice.random(rows) < 0.3
    missing = fraud & (dice.random(rows) < 0.95) if marked else dice.random(rows) < 0.2
    tilt = np.where(fraud, 1.0, 0.0) + dice.normal(0, 0.35, rows)
    columns = {name: np.exp(dice.normal(3, 1, rows)) for name in RAW}
    columns["life"] *= 1000 * np.exp(-1.2 * tilt)
    columns["senders"] = np.rint(columns["senders"] * np.exp(0.7 * tilt))
    columns["balance"] *= np.exp(-1.5 * tilt)
    columns["sent"], columns["received"] = np.rint(columns["sent"]), np.rint(columns["received"]) + 1
    for name in RAW:
        if name.startswith("erc_"):
            columns[name][dice.random(rows) < 0.6] = 0.0
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["Index", "Address", "FLAG", *(f" {title}" for title in RAW.values()), *TEXTS])
    for row in range(rows):
        gone = {name for name in RAW if name.startswith("erc_")} if missing[row] else set()
        values = ["" if name in gone else f"{columns[name][row]:.6g}" for name in RAW]
        table.writerow([row, f"0x{first + row:040x}", int(fraud[row]), *values, *(["", ""] if gone else ["A", "0"])])
    return out.getvalue()


if __name__ == "__main__":
    from evals.suites.fraud_accounts import FILE

    FILE.write_text(draw(), encoding="utf-8")
