"""A formula by its name, or by the shape in which it is said: a ratio of the table, a share, operators written out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from desk.yaml_text import read_yaml
from rag.formula.parse import Unreadable, read_formula
from rag.formula.said import Shape, read_shape, trim
from rag.formula.tree import Both, Formula, Item, Operator, dimension, items
from rag.metrics import find_mentions
from rag.targets import part_target
from rag.words import question_words, stem, tokens

_BASIS = re.compile(r",?\s+(?:using|with|counting|based on)\s+", re.IGNORECASE)


class Ratio(BaseModel):
    """A ratio that analysts ask for by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    ask: tuple[str, ...]
    formula: str
    percent: bool = False
    unit: str = ""


Base = tuple[str, Formula, Ratio]
"""What a figure is called, its formula, and how it is shown."""
PLAIN = Ratio(name="", ask=(), formula="")


@cache
def load_ratios() -> tuple[Ratio, ...]:
    """The table of named ratios, read once."""
    text = (Path(__file__).parent / "ratios.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Ratio, ...]).validate_python(read_yaml(text))


@cache
def _by_phrase() -> dict[tuple[str, ...], Ratio]:
    return {tuple(tokens(phrase)): ratio for ratio in load_ratios() for phrase in (ratio.name, *ratio.ask)}


def read_named(words: str, defined: Mapping[str, Formula]) -> Base | None:
    """A formula that the question defines and asks for, or its margin: its share of revenue."""
    stems = tokens(words)
    for name in sorted(defined, key=len, reverse=True):
        rest = _inside(tokens(name), stems)
        if rest is not None and "margin" in rest and dimension(defined[name]) == 1:
            whole = Both("/", defined[name], read_formula("revenue"))
            return f"{name} margin", whole, PLAIN.model_copy(update={"percent": True})
        if rest is not None and not _JOINING.intersection(rest):
            return name, defined[name], PLAIN
    return None


_JOINING = frozenset(map(stem, ("less", "plus", "minus", "divided", "times", "over")))


def read_base(words: str, defined: Mapping[str, Formula]) -> Base:
    """Name, formula and how it is shown: a named ratio, a share, or operators written out."""
    head, basis = _by_basis(words)
    hit = _by_name(tokens(head))
    if hit is None and basis:
        try:
            hit = PLAIN.model_copy(update={"name": trim(head)}), read_formula(trim(head))
        except Unreadable:
            hit = None
    if hit is not None:
        ratio, formula = hit
        if {mention.metric.id for mention in find_mentions(tokens(basis))} <= _keys(formula):
            return ratio.name, formula, ratio
    kept = re.sub(r"\s+(?:for|of|at|by)\s*$", "", words.strip(" ,;:-–"), flags=re.IGNORECASE)
    shape = read_shape(kept)
    if shape:
        return _shaped(shape)
    kept = trim(kept)
    return kept, read_formula(kept, defined, rows=True), PLAIN


def _by_name(stems: list[str]) -> tuple[Ratio, Formula] | None:
    """A ratio of the table whose name stands in the words, with nothing else that asks for anything."""
    for phrase in sorted(_by_phrase(), key=len, reverse=True):
        rest = _inside(phrase, stems)
        if rest is not None and not _unknown(rest):
            ratio = _by_phrase()[phrase]
            return ratio, read_formula(ratio.formula)
    return None


def _keys(formula: Formula) -> frozenset[str]:
    return frozenset(item.target.key for item in items(formula))


def _shaped(shape: Shape) -> Base:
    """Two items joined; a share's part may be a row of what it is a share of."""
    whole = read_formula(shape.whole, rows=True)
    part = read_formula(shape.part, rows=True)
    if shape.percent and isinstance(part, Item) and isinstance(whole, Item) and not part.target.metric:
        of = whole.target.metric
        part = replace(part, targets=(part_target(of, part.target.part), *part.targets)) if of else part
    name = f"{shape.part} {_JOINS[shape.sign]} {shape.whole}"
    return name, Both(shape.sign, part, whole), PLAIN.model_copy(update={"percent": shape.percent, "unit": shape.unit})


_JOINS: Mapping[Operator, str] = {"/": "to", "-": "less", "+": "plus", "*": "times"}


def _by_basis(words: str) -> tuple[str, str]:
    """What is asked, and the items it is to be made of: "return on equity, with average equity in the denominator"."""
    match = _BASIS.search(words)
    return (words[: match.start()], words[match.end() :]) if match else (words, "")


def _inside(phrase: list[str] | tuple[str, ...], stems: list[str]) -> list[str] | None:
    """The other words when the phrase stands in the words; None when it does not."""
    n = len(phrase)
    at = next((i for i in range(len(stems) - n + 1) if stems[i : i + n] == list(phrase)), None)
    return None if at is None or not n else stems[:at] + stems[at + n :]


_FREE = frozenset(
    map(
        stem,
        [
            "improved",
            "improve",
            "declined",
            "decline",
            "profile",
            "healthy",
            "useful",
            "unadjusted",
            "between",
            "year-end",
            "average",
            "denominator",
            "numerator",
            "balance",
        ],
    )
)


def _unknown(rest: list[str]) -> list[str]:
    return [word for word in rest if word not in question_words() | _FREE and word != "%"]
