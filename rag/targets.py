"""What a clause wants read: a metric, a part of one, a row by its own label, or a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.asked import Asked
from rag.documents import Document
from rag.lookup import Reading, part_exists, read_metric, read_part, read_row
from rag.metrics import Metric, metric
from rag.query import Clause
from rag.words import label_words, tokens


@dataclass(frozen=True)
class Target:
    """One thing to read. `metric` is None for a row by its own label, which is then `part`."""

    key: str
    name: str
    metric: Metric | None
    part: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Words that must stand in the row's label too: "interest paid, net of amounts capitalized"."""
    row: tuple[str, ...] = ()
    """All words of a part and its metric, which may be the label of a row."""

    def read(self, documents: Sequence[Document], asked: Asked) -> Reading | None:
        """The printed figure for the period; None when absent, ambiguous, or not printed at all."""
        if self.metric is None:
            return read_row(documents, self.part, asked)
        if self.part:
            return read_part(documents, self.metric, asked, self.part) or read_row(documents, self.row, asked)
        reading = read_metric(documents, self.metric, asked)
        return reading if reading and label_words(reading.figure.label).issuperset(self.also) else None


def clause_words(clause: Clause) -> list[str]:
    """Words of the clause's metrics and its unexplained words, stemmed."""
    words = tokens(clause.text)
    named = [word for mention in clause.mentions for word in words[mention.start : mention.end]]
    return [*named, *(word for word in clause.rest if word not in named)]


def find_targets(clause: Clause, topic: Metric | None, documents: Sequence[Document]) -> list[Target]:
    """The clause's targets; empty when some word is explained by no metric and no row label."""
    words = clause_words(clause)
    row = row_target(tuple(words))
    if len(clause.mentions) > 1 and part_exists(documents, words):
        return [row]
    if not clause.rest:
        flows = any(m.metric.statement == "cash" for m in clause.mentions)
        named = [m.metric for m in clause.mentions if m.metric.id != "cash" or not flows]  # "cash from operations"
        return [Target(entry.id, entry.name, entry) for entry in named]
    if len(clause.mentions) > 1:
        return []
    base = clause.mentions[0].metric if clause.mentions else topic or (metric("revenue") if clause.how_did else None)
    parts = _parts(clause.rest, documents) if base else []
    if base and parts:
        return [replace(part_target(base, part), row=tuple(words) if len(parts) == 1 else ()) for part in parts]
    if not clause.mentions or part_exists(documents, words):
        return [row]
    entry = clause.mentions[0].metric
    return [Target(entry.id, entry.name, entry, also=clause.rest)]


def part_target(base: Metric, part: tuple[str, ...]) -> Target:
    """The metric of a part of the company."""
    return Target(f"{base.id}.{'-'.join(part)}", f"{' '.join(part)} {base.name}", base, part)


def row_target(words: tuple[str, ...]) -> Target:
    """The row whose label is these words."""
    return Target("row." + ".".join(words), " ".join(words), None, words)


def _parts(rest: tuple[str, ...], documents: Sequence[Document]) -> list[tuple[str, ...]]:
    """Splits the words into names of rows ("product service" → two); empty when a word is left over."""
    if part_exists(documents, rest):
        return [rest]
    for cut in range(len(rest) - 1, 0, -1):
        if part_exists(documents, rest[:cut]) and (tail := _parts(rest[cut:], documents)):
            return [rest[:cut], *tail]
    return []
