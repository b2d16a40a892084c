"""The metric table: what people call a line item and how filings label its row (`metrics.yaml`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from desk.yaml_text import read_yaml
from rag.documents import Figure, StatementKind
from rag.words import label_key, label_words, stem, tokens

_AFTER_PREFIX = frozenset(map(stem, ("net", "including", "less", "exclusive", "excluding", "gross", "of", "inclusive")))


_PUT_IN = frozenset(map(stem, ("and", "loss", "benefit", "expense")))
_FOLDED = 1_000
"""What a folded label's rank is behind: any label as it stands comes first."""


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
    sign: Literal["", "abs", "tax"] = ""
    formula: Formula | None = None
    added: tuple[str, ...] = ()

    def is_part(self, figure: Figure) -> bool:
        """Whether the row is one of those that make it up."""
        key, heading = label_key(figure.label), label_words(figure.group)
        return any(row.group <= heading and _fits(key, row) for row in map(_row_key, self.added))

    def rank(self, figure: Figure) -> int | None:
        """How well the row's label fits: 0 is best, None does not fit."""
        return _ranks(figure.label, figure.group).get(self.id)


class _RowKey(BaseModel):
    model_config = ConfigDict(frozen=True)

    group: frozenset[str]
    label: str


class _Rows(BaseModel):
    """All rows of the table: whole labels by their key, and those that need a heading or a pattern."""

    model_config = ConfigDict(frozen=True)

    whole: dict[str, tuple[tuple[str, int], ...]]
    folded: dict[str, tuple[tuple[str, int], ...]]
    others: tuple[tuple[str, int, _RowKey], ...]


@cache
def _rows() -> _Rows:
    whole: dict[str, list[tuple[str, int]]] = {}
    others: list[tuple[str, int, _RowKey]] = []
    for entry in load_metrics():
        for i, row in enumerate(entry.rows):
            key = _row_key(row)
            if key.group or "*" in key.label:
                others.append((entry.id, i, key))
            else:
                whole.setdefault(key.label, []).append((entry.id, i))
    folded: dict[str, list[tuple[str, int]]] = {}
    for label, found in whole.items():
        folded.setdefault(_fold(label), []).extend((id, i + _FOLDED) for id, i in found)
    return _Rows(
        whole={label: tuple(found) for label, found in whole.items()},
        folded={label: tuple(found) for label, found in folded.items()},
        others=tuple(others),
    )


def _fold(label: str) -> str:
    """A label without what companies put in or leave out: "Operating (loss) income", "Research & development"."""
    words = [word for word in label.split() if word not in _PUT_IN]
    return " ".join(words) if len(words) > 1 else label


@lru_cache(maxsize=50_000)
def _ranks(label: str, group: str) -> Mapping[str, int]:
    """The metrics whose row a label under a heading is, each with how well it fits."""
    key, heading = label_key(label), label_words(group)
    words = key.split()
    cuts = [key, *(" ".join(words[:i]) for i in range(1, len(words)) if words[i] in _AFTER_PREFIX)]
    fits = [hit for cut in cuts for hit in (*_rows().whole.get(cut, ()), *_rows().folded.get(_fold(cut), ()))]
    fits += [(id, i) for id, i, row in _rows().others if row.group <= heading and _fits(key, row)]
    best: dict[str, int] = {}
    for id, i in fits:
        best[id] = min(i, best.get(id, i))
    return best


@cache
def _row_key(row: str) -> _RowKey:
    group, _, label = row.rpartition(">")
    return _RowKey(group=frozenset(tokens(group)), label=_starred(label))


def _starred(label: str) -> str:
    return " * ".join(label_key(part) for part in label.split("*")).rstrip(" ")


def _fits(label: str, row: _RowKey) -> bool:
    """Whether a label is the row's; `*` stands for at most six words, at the end for any, never for a minority."""
    if "*" in row.label and "controll" in label and "controll" not in row.label:
        return False
    if row.label.endswith(" *"):
        return label.startswith(row.label[:-1])
    begins, star, ends = row.label.partition(" * ")
    if star:
        middle = label.removeprefix(f"{begins} ").removesuffix(f" {ends}")
        whole = len(middle) + len(begins) + len(ends) + 2 == len(label)
        return whole and len(middle.split()) <= 6 and "liability" not in middle
    return label == row.label


@cache
def load_metrics() -> tuple[Metric, ...]:
    """The table, read once."""
    text = (Path(__file__).parent / "metrics.yaml").read_text()
    return TypeAdapter(tuple[Metric, ...]).validate_python(read_yaml(text))


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
