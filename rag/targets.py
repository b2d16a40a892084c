"""What a clause wants read: a metric, a part of one, a row by its own label, or a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.asked import Asked
from rag.documents import Document
from rag.lookup import Reading, part_exists, read_metric, read_part, read_row
from rag.metrics import Metric, metric
from rag.query import Clause
from rag.words import tokens


@dataclass(frozen=True)
class Target:
    """One thing to read. `metric` is None for a row by its own label, which is then `part`."""

    key: str
    name: str
    metric: Metric | None
    part: tuple[str, ...] = ()

    def read(self, documents: Sequence[Document], asked: Asked) -> Reading | None:
        """The printed figure for the period; None when absent, ambiguous, or not printed at all."""
        if self.metric is None:
            return read_row(documents, self.part, asked)
        if self.part:
            return read_part(documents, self.metric, asked, self.part)
        return read_metric(documents, self.metric, asked)


def clause_words(clause: Clause) -> list[str]:
    """Words of the clause's metrics and its unexplained words, stemmed."""
    words = tokens(clause.text)
    named = [word for mention in clause.mentions for word in words[mention.start : mention.end]]
    return [*named, *(word for word in clause.rest if word not in named)]


def find_targets(clause: Clause, topic: Metric | None, documents: Sequence[Document]) -> list[Target]:
    """The clause's targets; empty when some word is explained by no metric and no row label."""
    if not clause.rest:
        flows = any(m.metric.statement == "cash" for m in clause.mentions)
        named = [m.metric for m in clause.mentions if m.metric.id != "cash" or not flows]  # "cash from operations"
        return [Target(entry.id, entry.name, entry) for entry in named]
    words = clause_words(clause)
    row = Target("row." + ".".join(words), " ".join(words), None, tuple(words))
    if len(clause.mentions) > 1:
        return []
    base = clause.mentions[0].metric if clause.mentions else topic or (metric("revenue") if clause.how_did else None)
    parts = _parts(clause.rest, documents) if base else []
    return [_part_target(base, part) for part in parts] if base and parts else [row]


def _part_target(base: Metric, part: tuple[str, ...]) -> Target:
    return Target(f"{base.id}.{'-'.join(part)}", f"{' '.join(part)} {base.name}", base, part)


def _parts(rest: tuple[str, ...], documents: Sequence[Document]) -> list[tuple[str, ...]]:
    """Splits the words into names of rows ("product service" → two); empty when a word is left over."""
    if part_exists(documents, rest):
        return [rest]
    for cut in range(len(rest) - 1, 0, -1):
        if part_exists(documents, rest[:cut]) and (tail := _parts(rest[cut:], documents)):
            return [rest[:cut], *tail]
    return []
