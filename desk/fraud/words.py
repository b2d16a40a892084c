"""An alert in words: the path of the money, and what else it could be. Never a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from desk.fraud.alerts import Alert
from desk.fraud.typologies import INNOCENT

MOST_SHOWN = 8


def path_text(alert: Alert) -> str:
    """The accounts along the money's path, joined by arrows; a ring ends where it began.

    Patterns that are not one line list their givers and takers.
    """
    if alert.typology in {"cycle", "pass_through"}:
        stops = [alert.edges[0].source, *(edge.target for edge in alert.edges)]
        return " → ".join(stop for n, stop in enumerate(stops) if n == 0 or stop != stops[n - 1])
    givers = list(dict.fromkeys(edge.source for edge in alert.edges))
    takers = list(dict.fromkeys(edge.target for edge in alert.edges))
    if alert.typology == "scatter_gather":
        mids = [name for name in takers if name in givers]
        ends = [name for name in takers if name not in givers]
        return " → ".join(listed(part) for part in ([name for name in givers if name not in mids], mids, ends))
    return f"{listed(givers)} → {listed(takers)}"


def innocent(alert: Alert) -> str:
    """The harmless explanation to rule out first."""
    return INNOCENT[alert.typology]


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - MOST_SHOWN
    return ", ".join(names[:MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")
