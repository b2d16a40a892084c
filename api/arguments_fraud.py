"""The words of `tenor fraud`."""

from __future__ import annotations

import argparse

FRAUD = (
    ("scan", "CSV, Parquet or an AMLSim archive", "file"),
    ("report", "the draft of a suspicious activity report", "id"),
)


def add_fraud(verbs: dict[str, argparse.ArgumentParser]) -> None:
    """Adds the options of both."""
    verbs["scan"].add_argument("--columns", default="", metavar="ROLE=NAME,…", help="source, target, amount, time, …")
    verbs["report"].add_argument("--out", required=True, metavar="FILE", help="written there; .pdf or .json")
