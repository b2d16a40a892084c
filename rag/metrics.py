"""The metric table: what people call a line item and how filings label its row (`metrics.yaml`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from rag.documents import Figure, StatementKind
from rag.words import label_key, label_words, stem, tokens

_AFTER_PREFIX = frozenset(map(stem, ("net", "including", "less", "exclusive", "excluding", "gross", "of", "inclusive")))


class Formula(BaseModel):
    """A figure derived from two others: their ratio (as a percentage or not), difference or sum."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ratio: tuple[str, str] | None = None
    difference: tuple[str, str] | None = None
    sum: tuple[str, str] | None = None
    percent: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        """The ids of the two metrics it is made of."""
        return self.ratio or self.difference or self.sum or ()

    def combine(self, first: Decimal, second: Decimal) -> Decimal | None:
        """The value from both inputs; None for a division by zero."""
        if self.ratio:
            return first / second * (100 if self.percent else 1) if second else None
        return first - second if self.difference else first + second


class Metric(BaseModel):
    """One line item. `rows` are label keys in priority order, "group > label" where a heading is needed.

    `added`: labels of the lines that make it up together when a statement prints no total.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str
    statement: StatementKind
    unit: str
    ask: tuple[str, ...]
    rows: tuple[str, ...]
    sign: Literal["", "abs"] = ""
    formula: Formula | None = None
    added: str = ""

    def is_part(self, figure: Figure) -> bool:
        """Whether the row is one of those that make it up."""
        return bool(self.added) and _fits(label_key(figure.label), _RowKey(group=frozenset(), label=_starred(self.added)))

    def rank(self, figure: Figure) -> int | None:
        """How well the row's label fits: 0 is best, None does not fit."""
        label, group = label_key(figure.label), label_words(figure.group)
        for i, row in enumerate(_row_keys(self)):
            if row.group and not row.group <= group:
                continue
            if _fits(label, row):
                return i
        return None


class _RowKey(BaseModel):
    model_config = ConfigDict(frozen=True)

    group: frozenset[str]
    label: str


@cache
def _row_keys(metric: Metric) -> tuple[_RowKey, ...]:
    parts = (row.rpartition(">") for row in metric.rows)
    return tuple(_RowKey(group=frozenset(tokens(group)), label=_starred(label)) for group, _, label in parts)


def _starred(label: str) -> str:
    return " * ".join(label_key(part) for part in label.split("*")).rstrip(" ")


def _fits(label: str, row: _RowKey) -> bool:
    """Whether a label is the row's, or goes on from it; `*` in a row stands for at most six words, at its end for any."""
    if row.label.endswith(" *"):
        return label.startswith(row.label[:-1])
    begins, star, ends = row.label.partition(" * ")
    if star:
        middle = label.removeprefix(f"{begins} ").removesuffix(f" {ends}")
        whole = len(middle) + len(begins) + len(ends) + 2 == len(label)
        return whole and len(middle.split()) <= 6 and "liability" not in middle
    return label == row.label or (bool(row.label) and not row.group and _extends(label, row.label))


def _extends(label: str, key: str) -> bool:
    rest = label.removeprefix(key + " ")
    return rest != label and rest.split()[0] in _AFTER_PREFIX


@cache
def load_metrics() -> tuple[Metric, ...]:
    """The table, read once."""
    import yaml

    text = (Path(__file__).parent / "metrics.yaml").read_text()
    return TypeAdapter(tuple[Metric, ...]).validate_python(yaml.safe_load(text))


def metric(id: str) -> Metric:
    """The entry of this id; KeyError when the table has none."""
    return {entry.id: entry for entry in load_metrics()}[id]


class Mention(BaseModel):
    """A metric named in a question, over the word positions `[start, end)`."""

    model_config = ConfigDict(frozen=True)

    metric: Metric
    start: int
    end: int


@cache
def _phrases() -> dict[tuple[str, ...], Metric]:
    found: dict[tuple[str, ...], Metric] = {}
    for entry in load_metrics():
        for phrase in entry.ask:
            found.setdefault(tuple(tokens(phrase)), entry)
    for entry in load_metrics():
        found.setdefault(tuple(tokens(entry.name)), entry)
    return found


def find_mentions(words: Sequence[str]) -> list[Mention]:
    """Metrics named in the stemmed words, longest phrase first, never overlapping."""
    phrases = _phrases()
    longest = max(map(len, phrases))
    out: list[Mention] = []
    at = 0
    while at < len(words):
        hit = next((n for n in range(min(longest, len(words) - at), 0, -1) if tuple(words[at : at + n]) in phrases), 0)
        if hit:
            out.append(Mention(metric=phrases[tuple(words[at : at + hit])], start=at, end=at + hit))
        at += hit or 1
    return out


def row_words(metrics: Iterable[Metric]) -> list[str]:
    """Words of the row labels of these metrics, for widening a search."""
    return [word for entry in metrics for row in entry.rows[:4] for word in tokens(row)]
