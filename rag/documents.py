"""What a filing is once read: one canonical text, and places in it.

Every offset counts characters of `Document.text`; `text[start:end]` is the verbatim quote.
Pages count from 1 in the order of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from desk.facts import Fact
from desk.filings.source import Filing

_CORE = frozenset({"income", "balance", "cash"})
_SPREAD = 10
"""Pages over which a company's main statements are printed."""

BlockKind = Literal["heading", "paragraph", "table"]
StatementKind = Literal["income", "balance", "cash", "equity", "comprehensive", ""]


class Period(NamedTuple):
    """What a table column reports on.

    `end` is an ISO date or ""; `year` the calendar year of the end or the bare year of the
    header; `months` is 0 for an instant or when the header does not say.
    """

    end: str
    year: int
    months: int


@dataclass(frozen=True)
class Figure:
    """One addressable value of a table: row label × column period.

    `value` is exact in base units, signed as printed (brackets are negative). `unit` is "USD",
    "%", "shares", "USD/share" or "". `group` is the heading row above ("Gross margin:"),
    `column` the header words. `plain` is false when the value holds for a part only (an XBRL
    dimension: a segment, a product). `start` and `end` bound the row in the text. `concept` is the inline-XBRL
    element behind the value ("us-gaap:Assets"), "" where there is none; `printed` is then the value as the words
    around the table scale it ("in millions"), "" where they say nothing: `value` itself follows XBRL.
    """

    label: str
    group: str
    column: str
    value: str
    unit: str
    period: Period
    block: int
    row: int
    start: int
    end: int
    plain: bool = True
    concept: str = ""
    printed: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and all that follows until the next of its level. Level 1 is a part, 2 an item."""

    id: str
    title: str
    level: int
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """One heading, paragraph or table. `rows` is None except for a table.

    `caption` is the sentence that introduces a table and `statement` which financial
    statement it is, "" when it is none.
    """

    id: int
    kind: BlockKind
    text: str
    start: int
    end: int
    page: int
    rows: tuple[tuple[str, ...], ...] | None = None
    caption: str = ""
    statement: StatementKind = ""


@dataclass(frozen=True)
class Document:
    """A filing, read. `sha256` is of the bytes it was read from."""

    filing: Filing
    sha256: str
    text: str
    pages: int
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    figures: tuple[Figure, ...]

    @cached_property
    def core_pages(self) -> range:
        """The pages of the company's own statements: the first stretch that holds all of its three main kinds.

        Statements of a parent alone or of other companies come later. Empty when there is no such stretch.
        """
        found = [(block.page, block.statement) for block in self.blocks if block.statement in _CORE]
        for page, _ in found:
            near = [(where, kind) for where, kind in found if page <= where < page + _SPREAD]
            if {kind for _, kind in near} == _CORE:
                return range(page, max(where for where, _ in near) + 1)
        return range(0)

    def section_at(self, offset: int) -> Section | None:
        """The innermost section that holds the offset; None before the first heading."""
        inside = [section for section in self.sections if section.start <= offset < section.end]
        return max(inside, key=lambda section: (section.level, section.start), default=None)

    def section_path(self, offset: int) -> str:
        """Titles of the sections around the offset, outermost first: `Item 7. MD&A > Products`."""
        inside = [section for section in self.sections if section.start <= offset < section.end]
        return " > ".join(section.title for section in sorted(inside, key=lambda section: section.level))

    def block_at(self, offset: int) -> Block | None:
        """The block that holds the offset; None between blocks."""
        return next((block for block in self.blocks if block.start <= offset < block.end), None)


@dataclass(frozen=True)
class Passage:
    """A piece of one filing that search returns: at most a page, whole blocks, tables uncut."""

    id: str
    filing: str
    document: str
    section: str
    page: int
    start: int
    end: int
    text: str
    statement: StatementKind = ""
    score: float = 0.0


@dataclass(frozen=True)
class Citation:
    """Where an answer stands: `quote` is `Document.text[start:end]` of the version with that SHA-256."""

    document: str
    filing: str
    page: int
    section: str
    quote: str
    start: int
    end: int
    version: str = ""


@dataclass(frozen=True)
class Disagreement:
    """One figure that two sources give two values: the fact said, the other's, and a sentence with both as slots."""

    fact: Fact
    other: Fact
    sentence: str


@dataclass(frozen=True)
class Finding:
    """An answer made without a model, or an abstention with its reason.

    `answer` is Markdown whose numbers are slots (`{{f:ID}}`) of `facts`, or verbatim sentences. `confirmed` are the
    ids of facts that a second source gives alike; `disagreements` stand in the answer too.
    """

    answer: str
    facts: tuple[Fact, ...] = ()
    citations: tuple[Citation, ...] = ()
    abstained: bool = False
    reason: str = ""
    confirmed: tuple[str, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
