"""`tenor bench list` and `tenor bench run`: always a process of its own."""

from __future__ import annotations

from argparse import Namespace

from api.holder import Outcome
from bench.run import attempt, benches, find_benches


def bench(args: Namespace) -> Outcome:
    """The exit code is 1 when a bench's correctness gate failed."""
    if args.verb == "list":
        rows = [{"name": b.name, "about": b.about} for b in benches().values()]
        return Outcome(0, {"benches": rows}, "\n".join(f"{r['name']:12} {r['about']}" for r in rows))
    found = find_benches(args.name)
    reports = [attempt(one) for one in found]
    results = [report.to_dict() for report in reports]
    lines = [f"{report.name}: {'correct' if report.correct else 'NOT CORRECT'}" for report in reports]
    for report in reports:
        lines += [f"  {name:20} {value}" for name, value in {**report.metrics, **report.ratios}.items()]
    result: dict[str, object] = results[0] if args.name != "all" else {"benches": results}
    return Outcome(0 if all(report.correct for report in reports) else 1, result, "\n".join(lines))
