"""`tenor bench list` and `tenor bench run`: always a process of its own."""

from __future__ import annotations

from argparse import Namespace
from typing import cast

from api.holder import Outcome
from bench.run import benches, find_benches, measure


def bench(args: Namespace) -> Outcome:
    """The exit code is 1 when a bench's correctness gate failed."""
    if args.verb == "list":
        rows = [{"name": b.name, "about": b.about} for b in benches().values()]
        return Outcome(0, {"benches": rows}, "\n".join(f"{r['name']:12} {r['about']}" for r in rows))
    results = measure(find_benches(args.name))
    lines = []
    for result in results:
        lines.append(f"{result['name']}: {'correct' if result['correct'] else 'NOT CORRECT'}")
        figures = {**cast(dict[str, object], result["metrics"]), **cast(dict[str, object], result["ratios"])}
        lines += [f"  {name:20} {value}" for name, value in figures.items()]
    shown: dict[str, object] = results[0] if args.name != "all" else {"benches": results}
    return Outcome(0 if all(result["correct"] for result in results) else 1, shown, "\n".join(lines))
