"""What each agent's turns cost and how long they took, by the model asked and the version of the prompt.

A turn is one agent's part of an answer: its plan and, when it asked a model, every call of that. The rows stand in
the store for a month, those of the last week in memory too, where sums and percentiles are made. No words and no
person are kept: only which run it was.
"""

from __future__ import annotations

import re
import threading
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, insert, select

from desk.clock import Clock, from_iso, to_iso
from desk.llm.models import NANOS
from desk.store.engine import Store
from desk.store.later import LaterWriter
from desk.store.model_tables import agent_turns
from desk.store.statements import Statement

KEPT_DAYS = 31
WINDOWS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
MOST_ROWS = 250_000
"""Turns held in memory; of more than that in a week the oldest are not counted, and `truncated` says so."""
MOST_REASONS, REASON_LENGTH = 1_000, 160
"""Different reasons told apart, numbers aside; further ones count as OTHER."""
OTHER = "other reasons"
_NUMBER = re.compile(r"\d[\d.,]*")

Ints = NDArray[np.int64]
_Row = tuple[str, str, str, str, str, int | None, int, int, int, int]


@dataclass(frozen=True)
class AgentTurn:
    """One turn. `asked` is the model first in order, empty when none was; `model` whose words were used, empty: the
    plan's; `reason` why not the first one's. `first_ms` until the first token of the words used, `ms` in all.
    """

    run: str
    agent: str
    prompt: str
    asked: str
    model: str
    reason: str
    first_ms: float | None
    ms: float
    tokens_in: int
    tokens_out: int
    cost_usd: float


class Spread(NamedTuple):
    """The middle and the 95th percentile of some milliseconds (nearest rank); None of none."""

    p50: float | None
    p95: float | None


@dataclass(frozen=True)
class TurnSummary:
    """Turns of one agent under one prompt with one model asked first. `nanos` are nano-dollars of all of them."""

    agent: str
    prompt: str
    asked: str
    turns: int
    first: Spread
    total: Spread
    tokens_in: int
    tokens_out: int
    nanos: int
    fallbacks: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class TurnReport:
    """Summaries of a window by agent, prompt and model; `truncated` when there were too many turns to count all."""

    since: str
    summaries: tuple[TurnSummary, ...]
    truncated: bool


_KEPT = tuple(column.name for column in agent_turns.columns if column.name != "id")
_ADD = Statement(insert(agent_turns), *_KEPT)
_NAMES = ("at", "agent", "prompt", "asked", "reason", "first_micros", "micros", "tokens_in", "tokens_out", "nanos")
_NEWEST = Statement(
    select(*(agent_turns.c[name] for name in _NAMES))
    .where(agent_turns.c.at >= bindparam("since_"))
    .order_by(agent_turns.c.id.desc())
    .limit(MOST_ROWS),
    "since_",
)
_FIGURES = ("at", "group", "reason", "first", "total", "tokens_in", "tokens_out", "nanos")


class TurnBook:
    """The turns of a store; this process is its only writer."""

    def __init__(self, store: Store, wall: Clock) -> None:
        self._store, self._wall = store, wall
        self._writer = LaterWriter(store, "tenor-agent-turns")
        self._lock = threading.Lock()
        self._figures: dict[str, array[int]] | None = None
        self._groups: dict[tuple[str, str, str], int] = {}
        self._reasons: dict[str, int] = {"": 0, OTHER: 1}
        self._truncated = False

    def keep(self, turn: AgentTurn) -> None:
        """Counts a turn; it is on disk a moment later."""
        at, first = to_iso(self._wall.now()), None if turn.first_ms is None else round(turn.first_ms * 1000)
        total, nanos = round(turn.ms * 1000), round(turn.cost_usd * NANOS)
        tokens = (turn.tokens_in, turn.tokens_out)
        words = (turn.agent, turn.prompt, turn.asked)
        with self._lock:
            row = (at, turn.run, *words, turn.model, turn.reason, first, total, *tokens, nanos)
            self._writer.add(_ADD, lambda: row)
            if self._figures is not None:
                self._count((at, *words, turn.reason, first, total, *tokens, nanos), self._figures)
                self._trim(self._figures)

    def flush(self) -> None:
        """Writes what waits."""
        self._writer.flush()

    def warm(self) -> None:
        """Reads the store in the background, so that the first report does not wait for that; returns at once."""
        threading.Thread(target=self._columns, name="tenor-turns", daemon=True).start()

    def report(self, window: str) -> TurnReport:
        """The turns of the last hour, day or week (KeyError for another word). The first call reads the store."""
        since = self._wall.now() - WINDOWS[window]
        columns = self._columns()
        recent = columns["at"] >= _micros(to_iso(since))
        columns = {name: column[recent] for name, column in columns.items()}
        names, reasons = list(self._groups), list(self._reasons)
        found = [_summary(names[n], part, reasons) for n, part in _by_group(columns)]
        return TurnReport(
            to_iso(since), tuple(sorted(found, key=lambda s: (s.agent, s.prompt, s.asked))), self._truncated
        )

    def close(self) -> None:
        """Writes what waits and forgets what is older than a month; safe to call twice."""
        if self._writer.close():
            oldest = to_iso(self._wall.now() - timedelta(days=KEPT_DAYS))
            with self._store.begin() as connection:
                connection.execute(delete(agent_turns).where(agent_turns.c.at < oldest))

    def _columns(self) -> dict[str, Ints]:
        with self._lock:
            if self._figures is None:
                self._figures = self._load()
            return {name: np.array(column, dtype=np.int64) for name, column in self._figures.items()}

    def _load(self) -> dict[str, array[int]]:
        self._writer.flush()
        figures: dict[str, array[int]] = {name: array("q") for name in _FIGURES}
        with self._store.read() as connection:
            rows = _NEWEST.rows(connection, to_iso(self._wall.now() - WINDOWS["week"]))
        self._truncated = len(rows) == MOST_ROWS
        for row in reversed(rows):
            self._count(cast(_Row, row), figures)
        return figures

    def _count(self, row: _Row, figures: dict[str, array[int]]) -> None:
        at, agent, prompt, asked, reason, first, total, tokens_in, tokens_out, nanos = row
        group = self._groups.setdefault((agent, prompt, asked), len(self._groups))
        kind = _NUMBER.sub("…", reason)[:REASON_LENGTH]
        if len(self._reasons) < MOST_REASONS:
            self._reasons.setdefault(kind, len(self._reasons))
        place = self._reasons.get(kind, self._reasons[OTHER])
        values = (_micros(at), group, place, -1 if first is None else first, total, tokens_in, tokens_out, nanos)
        for name, value in zip(_FIGURES, values, strict=True):
            figures[name].append(value)

    def _trim(self, figures: dict[str, array[int]]) -> None:
        """Forgets the oldest half when there are twice as many as are counted."""
        if len(figures["at"]) >= 2 * MOST_ROWS:
            oldest = _micros(to_iso(self._wall.now() - WINDOWS["week"]))
            self._truncated = figures["at"][MOST_ROWS] >= oldest
            for column in figures.values():
                del column[:MOST_ROWS]


def _by_group(columns: dict[str, Ints]) -> Iterator[tuple[int, dict[str, Ints]]]:
    """The turns of each group that has any."""
    order = np.argsort(columns["group"], kind="stable")
    sorted_columns = {name: column[order] for name, column in columns.items()}
    numbers, starts = np.unique(sorted_columns["group"], return_index=True)
    for number, start, end in zip(numbers, starts, np.append(starts, len(order))[1:], strict=True):
        yield int(number), {name: column[start:end] for name, column in sorted_columns.items()}


def _summary(names: tuple[str, str, str], part: dict[str, Ints], reasons: list[str]) -> TurnSummary:
    fell = Counter(part["reason"][part["reason"] > 0].tolist())
    return TurnSummary(
        *names,
        turns=len(part["at"]),
        first=_spread(part["first"][part["first"] >= 0]),
        total=_spread(part["total"]),
        tokens_in=int(part["tokens_in"].sum()),
        tokens_out=int(part["tokens_out"].sum()),
        nanos=int(part["nanos"].sum()),
        fallbacks=sum(fell.values()),
        reasons=tuple((reasons[number], count) for number, count in fell.most_common(3)),
    )


def _spread(micros: Ints) -> Spread:
    if not len(micros):
        return Spread(None, None)
    p50, p95 = np.percentile(micros, (50, 95), method="inverted_cdf")
    return Spread(float(p50) / 1000, float(p95) / 1000)


def _micros(at: str) -> int:
    return round(from_iso(at).timestamp() * 1_000_000)
