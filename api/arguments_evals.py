"""The options of `tenor evals run` and `compare`."""

from __future__ import annotations

from argparse import ArgumentParser


def add_evals(run: ArgumentParser, compare: ArgumentParser) -> None:
    """Adds them to the two parsers."""
    run.add_argument("--data", metavar="PATH")
    run.add_argument("--train", metavar="PATH", help="learn from this file, score --data")
    run.add_argument("--model", metavar="ID")
    run.add_argument("--prompt", action="append", default=[], metavar="AGENT=vN", help="again for each agent")
    run.add_argument("--trials", type=int, default=1, metavar="N", help="each case so often (1)")
    run.add_argument("--parallel", type=int, default=1, metavar="N", help="cases at once (1)")
    run.add_argument("--resume", action="store_true", help="go on with this suite's newest run that was stopped")
    run.add_argument("--junit", metavar="PATH")
    run.add_argument("--html", metavar="PATH", help="one page for people")
    run.add_argument("--fail-under", action="append", default=[], metavar="METRIC=X")
    run.add_argument("--baseline", nargs="?", const=True, metavar="PATH", help="exit 1 when worse than the baseline")
    run.add_argument("--judge", default="", metavar="MODEL", help="a model judges free text too, reported apart")
    run.add_argument("--renew", action="store_true", help="write this result into the baseline")
    compare.add_argument("other", help="the second run, measured against the first")
    compare.add_argument("--html", metavar="PATH", help="one page for people")
