"""What became of a section from one filing to another: paragraphs added, dropped and changed, word by word.

Equal paragraphs are paired first. The others are paired by the share of their words, rare ones counting more, and
within the best candidates by `difflib`; a pair is believed when its words mostly agree. Nothing is summed up: every
paragraph stands verbatim with its place.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from rag.documents import Block, Citation, Document, Section
from rag.draft import cite
from rag.words import label_words, tokens

SAME_AS = 0.55
"""Share of agreeing words from which two paragraphs are one that was changed."""
CANDIDATES = 4
SHORTEST = 25
"""Characters below which a paragraph (a page's foot, a table's date) is not compared."""
_WORD = re.compile(r"\S+\s*")
_ITEM = re.compile(r"^\s*item\s+(\d+[a-z]?)\b", re.IGNORECASE)

Kind = Literal["added", "dropped", "changed"]
Mark = Literal["same", "added", "dropped"]


class Piece(NamedTuple):
    """Words of a changed paragraph: in both, in the second only, or in the first only."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class Change:
    """One paragraph (or, with `heading`, one headline such as a risk factor's) that is not as it was.

    `before` is None when it was added, `after` when it was dropped; `pieces` tell a changed one word by word.
    """

    kind: Kind
    heading: bool
    before: Citation | None
    after: Citation | None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class SectionChanges:
    """All changes of a section in the second's order, dropped ones where they stood; `same` counts the others."""

    title: str
    changes: tuple[Change, ...]
    same: int

    def count(self, kind: Kind, heading: bool | None = None) -> int:
        """How many of a kind, of headlines or paragraphs alone when asked."""
        return sum(c.kind == kind and heading in (None, c.heading) for c in self.changes)


def shared_sections(first: Document, second: Document) -> list[tuple[Section, Section]]:
    """Items (level 2) that both hold, in the second's order, matched by name where names fit, else by item number."""
    ours = [section for section in first.sections if section.level == 2]
    pairs: list[tuple[Section, Section]] = []
    for section in second.sections:
        if section.level != 2:
            continue
        names = _name(section)
        same = [other for other in ours if names and _name(other) == names]
        near = [
            other for other in ours if first.filing.form == second.filing.form and _number(other) == _number(section)
        ]
        found = next(iter(same or near), None)
        if found is not None and all(found is not taken for taken, _ in pairs):
            pairs.append((found, section))
    return pairs


def _name(section: Section) -> frozenset[str]:
    return label_words(_ITEM.sub("", section.title)) - label_words("unaudited")


def _number(section: Section) -> str:
    match = _ITEM.match(section.title)
    return match[1].lower() if match else section.title


def section_changes(first: Document, second: Document, pair: tuple[Section, Section]) -> SectionChanges:
    """What became of the first document's section in the second's; unchanged paragraphs are only counted."""
    before, after = _units(first, pair[0]), _units(second, pair[1])
    partner = _match(before, after)
    changes: list[tuple[float, Change]] = []
    same = 0
    for at, block in enumerate(after):
        mine = partner.get(at)
        if mine is None:
            changes.append((at, Change("added", _headed(block), None, cite(second, block.start, block.end))))
        elif _plain(before[mine].text) == _plain(block.text):
            same += 1
        else:
            old = before[mine]
            places = cite(first, old.start, old.end), cite(second, block.start, block.end)
            changes.append((at, Change("changed", _headed(block), *places, mark_words(old.text, block.text))))
    where = {mine: at for at, mine in partner.items()}
    last = -0.5
    for mine, block in enumerate(before):
        if mine in where:
            last = where[mine] + 0.5
        else:
            changes.append((last, Change("dropped", _headed(block), cite(first, block.start, block.end), None)))
    ordered = tuple(change for _, change in sorted(changes, key=lambda item: item[0]))
    return SectionChanges(pair[1].title, ordered, same)


def mark_words(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts as one, word by word; the pieces not added give `before`, those not dropped `after`, spaces aside."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    said, says = [word.rstrip() for word in old], [word.rstrip() for word in new]
    pieces: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, said, says, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece("same", "".join(new[c:d])))
            continue
        if a < b:
            pieces.append(Piece("dropped", "".join(old[a:b])))
        if c < d:
            pieces.append(Piece("added", "".join(new[c:d])))
    return tuple(pieces)


def _units(document: Document, section: Section) -> list[Block]:
    """Paragraphs and headlines of the section, its own title and page furniture aside."""
    inside = [b for b in document.blocks if section.start <= b.start < section.end and b.kind != "table"]
    title = _plain(section.title)
    return [b for b in inside if len(b.text.strip()) >= SHORTEST and _plain(b.text) != title]


def _headed(block: Block) -> bool:
    return block.kind == "heading"


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _match(before: Sequence[Block], after: Sequence[Block]) -> dict[int, int]:
    """For positions of the second the position of the first that it was; each is used once."""
    free: dict[str, list[int]] = {}
    for at, block in enumerate(before):
        free.setdefault(_plain(block.text), []).append(at)
    partner: dict[int, int] = {}
    for at, block in enumerate(after):
        equal = free.get(_plain(block.text))
        if equal:
            partner[at] = equal.pop(0)
    left = [at for at in range(len(before)) if at not in set(partner.values())]
    open_ = [at for at in range(len(after)) if at not in partner]
    taken: set[int] = set()
    for _, new, old in sorted(_likely(before, after, left, open_), reverse=True):
        if new not in partner and old not in taken:
            partner[new] = old
            taken.add(old)
    return partner


def _likely(
    before: Sequence[Block], after: Sequence[Block], left: Sequence[int], open_: Sequence[int]
) -> Iterator[tuple[float, int, int]]:
    """Pairs of positions (second, first) that may be one paragraph, with the share of words that agree."""
    bags = {at: Counter(tokens(before[at].text)) for at in left}
    seen = Counter(word for bag in bags.values() for word in bag)
    rarity = {word: math.log(1 + len(bags) / n) for word, n in seen.items()}
    for new in open_:
        bag = Counter(tokens(after[new].text))
        ranked = sorted(
            (old for old in left if _headed(before[old]) == _headed(after[new])),
            key=lambda old: -_weight(bags[old] & bag, rarity),
        )
        words = [word.casefold() for word in after[new].text.split()]
        for old in ranked[:CANDIDATES]:
            matcher = SequenceMatcher(
                None, [word.casefold() for word in before[old].text.split()], words, autojunk=False
            )
            if matcher.quick_ratio() >= SAME_AS and (share := matcher.ratio()) >= SAME_AS:
                yield share, new, old


def _weight(bag: Counter[str], rarity: dict[str, float]) -> float:
    return sum(n * rarity.get(word, 0.0) for word, n in bag.items())
