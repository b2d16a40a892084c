"""Questions about a whole section: what changed in it since the filing before, and what it says in short.

Answers are counts (facts) and verbatim paragraphs or sentences with their places. What needs a second filing that is
not here abstains and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from desk.facts import Fact
from desk.filings.source import Filing
from rag.changes import Change, Kind, SectionChanges, section_changes, shared_sections
from rag.documents import Citation, Document, Finding, Section
from rag.metrics import find_mentions
from rag.query import Companies
from rag.summary import summarise
from rag.words import glue_words, tokens

SHOWN = 3
"""Paragraphs of each kind that an answer shows; the page shows all."""
LONGEST = 700
_CHANGES = re.compile(
    r"\b(?:chang\w+|new|add(?:ed)?|drop(?:ped)?|remov\w+|gone|differ\w*|compar\w+)\b.*\b(?:in|of|to|from|factors?|risks?)\b"
    r"|\b(?:factors?|risks?|section|item)\b.*\b(?:chang\w+|new|add(?:ed)?|drop(?:ped)?|remov\w+|gone|differ\w*)\b",
    re.IGNORECASE,
)
_SUMMARY = re.compile(r"\bsummar\w+|\boverview\b|\bin short\b|\bgist\b", re.IGNORECASE)
_FORM = re.compile(r"\b(10-?[KQ]|8-?K|annual report|quarterly report)\b", re.IGNORECASE)
_NAMED = re.compile(r"^\s*item\s+\d+[a-z]?\b", re.IGNORECASE)
_OWN = frozenset(tokens("summary summarise summarize form 10 10k 10q k q report"))
"""Words of the wish itself, never of a section's name."""
LEAST_PROSE = 5
"""Sentences a section has at least to stand in the summary of a whole filing."""
_ALSO = {"md&a": "management discussion analysis", "risk": "risk factor", "lawsuit": "legal proceeding"}
_KINDS: tuple[tuple[Kind, str], ...] = (("added", "Added"), ("dropped", "Dropped"), ("changed", "Changed"))


@dataclass(frozen=True)
class Study:
    """What is wanted of which section; `words` are the question's own, stemmed."""

    kind: Literal["changes", "summary"]
    company: str
    form: str
    words: frozenset[str]


def asks_for_section(question: str) -> bool:
    """Whether the words ask what changed in a section or for a summary, whichever company they name."""
    return _read(question, frozenset()) is not None


def read_study(question: str, filings: Sequence[Filing]) -> Study | None:
    """The study asked for; None for any other question, also one that names a figure."""
    named, used = Companies(filings).find(question)
    study = _read(question, used)
    return replace(study, company=named[0]) if study and len(named) == 1 else None


def _read(question: str, used: frozenset[str]) -> Study | None:
    """The study without its company; the words of `used` name that."""
    kind: Literal["changes", "summary"] | None = "summary" if _SUMMARY.search(question) else None
    kind = kind or ("changes" if _CHANGES.search(question) else None)
    words = tokens(question)
    if kind is None or find_mentions(words):
        return None
    more = [word for key, text in _ALSO.items() if key in words for word in tokens(text)]
    match = _FORM.search(question)
    study = Study(kind, "", _form(match[1]) if match else "", frozenset([*words, *more]) - used - _OWN)
    return study if kind == "summary" and match else _with_section(study)


def _form(said: str) -> str:
    said = said.casefold().replace("-", "")
    return "10-K" if said in {"10k", "annual report"} else "8-K" if said == "8k" else "10-Q"


def _with_section(study: Study) -> Study | None:
    """The study when its words name a section that filings commonly have."""
    common = ("risk factor", "business", "legal proceeding", "management discussion analysis", "cybersecurity",
              "property", "control procedure", "market risk disclosure")  # fmt: skip
    return study if any(set(tokens(name)) <= study.words for name in common) else None


def answer_study(study: Study, filings: Sequence[Filing], read: Callable[[str], Document]) -> Finding:
    """The finding, from the company's newest filing of the form (the annual report when none is named)."""
    own = [f for f in filings if f.company == study.company]
    form = study.form or ("10-K" if any(f.form == "10-K" for f in own) else "10-Q")
    fitting = sorted((f for f in own if f.form == form), key=_newness, reverse=True)
    if not fitting:
        return _abstain(f"{study.company}: there is no {form} here")
    if study.kind == "summary":
        return _summary(study, read(fitting[0].id))
    if len(fitting) < 2:
        only = fitting[0].title
        return _abstain(f"{only} is the only {form} of {study.company} here; what changed needs the one before it")
    return _changes(study, read(fitting[1].id), read(fitting[0].id))


def _newness(filing: Filing) -> tuple[int, str, str]:
    return filing.fiscal_year or 0, filing.fiscal_period, str(filing.period_end or "")


def spoken_names(finding: Finding) -> tuple[str, ...]:
    """Titles, sections and quotes as they stand in the answer: verbatim words whose numerals are no figures."""
    sections = (part for citation in finding.citations for part in citation.section.split(" > "))
    quotes = (" ".join(citation.quote.split()) for citation in finding.citations)
    sources = (name for fact in finding.facts for name in fact.source.split(" and "))
    return tuple(dict.fromkeys((*sections, *quotes, *sources)))


def _changes(study: Study, first: Document, second: Document) -> Finding:
    pairs = shared_sections(first, second)
    section = find_section([pair[1] for pair in pairs], study.words)
    pair = next((pair for pair in pairs if pair[1] is section), None)
    if pair is None:
        return _abstain(f"{second.filing.title} and {first.filing.title} share no such section")
    found = section_changes(first, second, pair)
    facts = {kind: count_fact(first, second, pair[1], found, kind) for kind, _ in _KINDS}
    said = ", ".join(f"{{{{f:{fact.id}}}}} {kind}" for kind, fact in facts.items())
    lines = [f"{second.filing.title} against {first.filing.title}, {found.title}: paragraphs and headlines {said}."]
    citations: list[Citation] = []
    for kind, word in _KINDS:
        shown = [place for change in _foremost(found, kind) if (place := change.after or change.before)]
        if shown:
            lines.append(f"**{word}:**")
            lines.extend(_quote(place) for place in shown)
            citations.extend(shown)
    return Finding("\n\n".join(lines), tuple(facts.values()), tuple(citations))


def _foremost(found: SectionChanges, kind: Kind) -> list[Change]:
    """Headlines first: a risk factor's says what it is about."""
    of_kind = [c for c in found.changes if c.kind == kind and _length(c) <= LONGEST]
    return sorted(of_kind, key=lambda change: not change.heading)[:SHOWN]


def _length(change: Change) -> int:
    place = change.after or change.before
    return len(place.quote) if place else 0


def count_fact(first: Document, second: Document, section: Section, found: SectionChanges, kind: Kind) -> Fact:
    """How many paragraphs and headlines of a section are of a kind."""
    return Fact(
        id=f"{second.filing.id}.{section.id}.{kind}.since.{first.filing.id}",
        label=f"paragraphs {kind}, {section.title}",
        value=Decimal(found.count(kind)),
        unit="count",
        as_of=second.filing.period,
        source=f"{second.filing.title} and {first.filing.title}",
        locator="derived: paragraphs and headlines of both sections, paired by their words",
        reads=(f"filing:{first.filing.id}:prose", f"filing:{second.filing.id}:prose"),
    )


def _summary(study: Study, document: Document) -> Finding:
    items = [section for section in document.sections if section.level == 2]
    section = find_section(items, study.words)
    chosen = [section] if section else items
    lines: list[str] = []
    citations: list[Citation] = []
    for each in chosen:
        summary = summarise(document, each, SHOWN if section else 1)
        if summary.of >= (1 if section else LEAST_PROSE):
            lines.append(f"**{each.title}**")
            lines.extend(_quote(place) for place in summary.sentences)
            citations.extend(summary.sentences)
    if not citations:
        return _abstain(f"{document.filing.title} has no prose there")
    return Finding("\n\n".join(lines), (), tuple(citations))


def find_section(sections: Sequence[Section], words: frozenset[str]) -> Section | None:
    """The section whose name the words hold most of: at least two of its words, or all; None when none is named."""
    best: tuple[float, Section] | None = None
    for section in sections:
        name = frozenset(tokens(_NAMED.sub("", section.title))) - glue_words()
        shared = len(name & words)
        if not name or shared < min(2, len(name)):
            continue
        score = shared + shared / len(name)
        if best is None or score > best[0]:
            best = score, section
    return best[1] if best else None


def _quote(place: Citation) -> str:
    words = " ".join(place.quote.split())
    return f"> {words}\n> — {place.document}, page {place.page}"


def _abstain(reason: str) -> Finding:
    return Finding("", abstained=True, reason=reason)
