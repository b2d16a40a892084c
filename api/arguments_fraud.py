"""Arguments of `tenor fraud`."""

from __future__ import annotations

from argparse import ArgumentParser

FRAUD: tuple[tuple[str, str, str | None], ...] = (
    ("scan", "transfers: CSV, Parquet or an AMLSim archive", "file"),
    ("report", "the draft of a suspicious activity report", "id"),
    ("thresholds", "levels of the rules: show, propose, accept NUMBER, undo NUMBER", "step"),
    ("triage", "a model's opinions on borderline alerts, and the queue in their order", None),
    ("surveil", "market abuse in a CSV of orders, trades or bars", "file"),
    ("drift", "whether transfers still look like those the learned score was taught on", None),
)


def add_fraud(verbs: dict[str, ArgumentParser]) -> None:
    """Other names of columns for files, and where a draft goes."""
    for verb, roles in (
        ("scan", "source, target, amount, time, …"),
        ("surveil", "account, instrument, time, price, …"),
        ("drift", "source, target, amount, time, …"),
    ):
        verbs[verb].add_argument("--columns", default="", metavar="ROLE=NAME,…", help=roles)
    verbs["drift"].add_argument("file", nargs="?", default="", help="as for scan; else the desk's own transfers")
    steps = verbs["thresholds"]
    steps.add_argument("number", nargs="?", type=int, help="accept: of a proposal; undo: of a version")
    steps.add_argument("--typology", default="", help="propose for this one alone")
    steps.add_argument("--reason", default="", help="undo: why")
    verbs["triage"].add_argument("--ask", type=int, default=0, metavar="N", help="about the N most urgent first")
    verbs["scan"].add_argument("--learned", action="store_true", help="the learned score beside the rules")
    verbs["report"].add_argument("--out", required=True, metavar="FILE", help="written there; .pdf or .json")
