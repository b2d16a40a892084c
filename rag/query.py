"""What a question asks for: companies, periods, line items, and the words left unexplained.

Everything here is vocabulary, none of it a guess: a word that no rule explains stays in
`Clause.rest`, and an answer that does not account for it must abstain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from desk.filings.source import Filing
from rag.asked import YEAR, Asked, read_periods
from rag.documents import StatementKind
from rag.framing import strip_framing
from rag.instructions import hinted_statements, strip_instructions
from rag.metrics import Mention, find_mentions
from rag.words import question_words, stem, tokens

_GROWTH = re.compile(
    r"\b(?:gr[eo]w\w*|growth|chang\w+|increas\w+|decreas\w+|declin\w+|shr[aiu]nk\w*|ris\w+|rose|f[ae]ll\w*"
    r"|year[\s-]over[\s-]year|yoy|trend\w*|how\s+did\s+.{1,60}\s+(?:do|perform|develop|fare"
    r"|go))\b",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"\b(?:growth rate|rate of (?:growth|change|increase|decline)|(?:by|in) what (?:percentage|per\s?cent))\b",
    re.IGNORECASE,
)
_HOW_DID = re.compile(r"\bhow\s+(?:did|do|does|have|has|well\s+did)\b", re.IGNORECASE)
_LATEST_QUARTER = re.compile(r"\bquarter|10-?Q\b", re.IGNORECASE)
_CAPITALS = re.compile(
    r"\b(?!(?:FY|USD|US|EBITDAR?|EBIT|COGS|DPO|DSO|DIO|CCC|GAAP|CEO|CFO|COO|SEC|ESG|PPE|CAGR|EPS|ROA|ROE|ROIC|FCF|OPEX|CAPEX"
    r"|LTM|YTD|YOY|QOQ|IPO|ETF|AI|IT|HR|LLC|M|A)\b)([A-Z]{2,5})\b"
)
_AUXILIARY = re.compile(r"\b(?:did|does|do|has|have|had)\s+(?:the\s+)?$", re.IGNORECASE)
_RATIO_SIGN = re.compile(
    r"(?<=gross )(?:profit )?margin,?\s*(?:%|\(%\)|\(?(?:in|as) (?:units of )?(?:an? )?(?:percents?|%)\)?)",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"\b(?:its|their)(?: own)?\s+", re.IGNORECASE)
_ATTRIBUTED = re.compile(
    r"\battributable to (?!(?:the )?non|minorit)(?:"
    r"(?!(?:was|were|is|are|for|in|of|at|did|by|and|reported|between|from|as|to)\b)[\w'’.&]+(?:\s+|(?=[?,.]|$))){1,6}",
    re.IGNORECASE,
)
SAME_PERIOD = re.compile(
    r"\b(?:from|than|compared (?:with|to)|versus|vs\.?|over|against|on|relative to)?\s*(?:the )?(?:same|corresponding"
    r"|comparable|equivalent) (?:period|quarter|weeks|months)\b(?:\s+(?:of|in|a|the|one)?\s*(?:the )?"
    r"(?:prior|previous|last|preceding)?\s*(?:fiscal )?year(?: (?:earlier|ago|before))?)?",
    re.IGNORECASE,
)
_FORM = re.compile(r"\b(?:form\s+)?(?:10-?[KQ]|8-?K|annual report|quarterly report|current report)\b", re.IGNORECASE)
_FORMS = (("10-K", r"10-?K|annual"), ("10-Q", r"10-?Q|quarterly"), ("8-K", r"8-?K|current"))
_CLAUSE = re.compile(
    r"(?:,\s*|;\s*|\?\s+|\.\s+|\s+)(?:and|also)?\s*(?=(?:how|what|which|when|who|where|why)\b)", re.IGNORECASE
)
_LEGAL = re.compile(
    r"[,.]?\s+(?:inc|corp|corporation|company|co|ltd|plc|group|holdings?|platforms|n\.?v|s\.?a)\b\.?", re.IGNORECASE
)
_PROSE = re.compile(
    r"\bwhy\b|\bwho\b|\bwhere\b|\bdescribe|\bexplain|\brisks?\b|\blist\b|\bwhich\b|\bdriv(?:e"
    r"|es|en|ers?|ing)\b|\bbecause\b|\breasons?\b|\bpolicy\b|\bsummar",
    re.IGNORECASE,
)
_RELEASED = re.compile(
    r"\badjusted\b|\bnon[\s-]?gaap\b|\bebitdar\b|\borganic\b|\bconstant currency\b|\bguidance\b|\boutlook\b"
    r"|\bexclud\w+ (?:the )?(?:impact|effect)|\breal (?:growth|change)|\bunderlying\b",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"\bforms? (?:3|4|5|144)\b|\b13[- ]?f\b|\binsiders?\b|\bnotice to sell\b|\bdisposed of\b|\bbeneficial(?:ly)? own"
    r"|\b(?:director|officer|president|chairman|ceo|cfo)s?\b\W[^?]{0,40}\b(?:sold|sells?|bought|buys?|holds?)\b",
    re.IGNORECASE,
)
_UNSUITED = re.compile(
    r"\badjusted\b|\bnon[\s-]?gaap\b|\bpro[\s-]?forma\b|\borganic\b|\bconstant currency\b"
    r"|\bforecast|\bguidance\b|\bexpect|\bwill\b|\bnext\b|\bestimate",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """One part of a question: its metrics, and the words that no rule explains (stemmed)."""

    text: str
    mentions: tuple[Mention, ...]
    rest: tuple[str, ...]
    how_did: bool


@dataclass(frozen=True)
class Question:
    """The whole question, understood as far as the rules go."""

    text: str
    companies: tuple[str, ...]
    periods: tuple[Asked, ...]
    clauses: tuple[Clause, ...]
    growth: bool
    prose: bool
    unsuited: bool
    form: str = ""
    statements: tuple[StatementKind, ...] = ()

    @property
    def released(self) -> bool:
        """Whether it asks for what companies print in a release rather than in a report: non-GAAP figures, guidance."""
        return _RELEASED.search(self.text) is not None

    @property
    def owned(self) -> bool:
        """Whether it asks for the dealings of insiders or the holdings of funds, which have forms of their own."""
        return _OWNED.search(self.text) is not None

    @property
    def years(self) -> tuple[int, ...]:
        """Years named, in any form."""
        return tuple(dict.fromkeys(p.year or int(p.date[:4]) for p in self.periods if p.year or p.date))


class Companies:
    """The companies that have filings, by name, first word, ticker or CIK."""

    def __init__(self, filings: Iterable[Filing]) -> None:
        self._aliases: dict[tuple[str, ...], str] = {}
        self._tickers: dict[str, str] = {}
        self._said: dict[str, str] = {}
        for filing in filings:
            name = plain_name(filing.company)
            for alias in (filing.company, name):
                self._aliases.setdefault(tuple(tokens(alias)), filing.company)
                self._said.setdefault(alias, filing.company)
            first = tokens(name)[:1]
            if first and len(first[0]) > 3:
                self._aliases.setdefault(tuple(first), filing.company)
                self._said.setdefault(name.split()[0], filing.company)
            for code in (filing.ticker, filing.cik.lstrip("0")):
                if code:
                    self._tickers[code] = filing.company

    def find(self, text: str) -> tuple[tuple[str, ...], frozenset[str]]:
        """Companies named, in order, and the stemmed words that named them."""
        words = tokens(text)
        hits: dict[str, int] = {}
        used: set[str] = set()
        for alias, company in self._aliases.items():
            n = len(alias)
            at = next((i for i in range(len(words) - n + 1) if n and tuple(words[i : i + n]) == alias), None)
            if at is not None:
                hits[company] = min(at, hits.get(company, at))
                used.update(alias)
        if not hits:
            hits, used = self._by_letters(text)
        for code, company in self._tickers.items():
            if re.search(rf"(?<![A-Za-z]){re.escape(code)}(?![A-Za-z])", text):
                hits.setdefault(company, len(words))
                used.add(stem(code))
        return tuple(sorted(hits, key=lambda company: hits[company])), frozenset(used)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where companies are named, the longest name at each place, in the order of the text."""
        found: dict[int, int] = {}
        for words, flags in ((self._said, re.IGNORECASE), (self._tickers, 0)):
            for said in words:
                for match in re.finditer(rf"(?<![\w$]){re.escape(said)}(?!\w)", text, flags):
                    found[match.start()] = max(match.end(), found.get(match.start(), 0))
        return sorted(found.items())

    def without_doers(self, text: str) -> str:
        """The text without "did Apple" and "its own", so that what was done stands beside what it was done with."""
        for start, end in reversed(self.spans(text)):
            before = _AUXILIARY.search(text[:start])
            if before and not text[end:].startswith(("'", "\u2019")):
                text = f"{text[: before.start()]}{text[end:].lstrip()}"
        return _ATTRIBUTED.sub(
            "attributable to shareholders ", _POSSESSIVE.sub("", _RATIO_SIGN.sub("margin percentage", text))
        )

    def _by_letters(self, text: str) -> tuple[dict[str, int], set[str]]:
        """Companies meant by capitals that stand for one name alone: its first word, initials, or capitals."""
        hits: dict[str, int] = {}
        used: set[str] = set()
        names = set(self._aliases.values())
        for match in _CAPITALS.finditer(text):
            for fits in (_is_first_word, _is_initials, _is_letters, _is_abridged):
                meant = {company for company in names if fits(match[1].casefold(), company)}
                if len(meant) == 1:
                    hits.setdefault(meant.pop(), match.start())
                    used.add(stem(match[1]))
                if meant or hits:
                    break
        return hits, used


def plain_name(company: str) -> str:
    """A company's name without its legal form and article: "Apple" of "Apple Inc."."""
    return re.sub(r"^the\s+", "", _LEGAL.sub("", company).strip(), flags=re.IGNORECASE)


def _is_first_word(letters: str, company: str) -> bool:
    return tokens(company)[:1] == [stem(letters)]


def _is_initials(letters: str, company: str) -> bool:
    words = _LEGAL.sub("", company).split()
    return len(words) > 1 and "".join(word[0] for word in words).casefold() == letters


def _is_letters(letters: str, company: str) -> bool:
    return len(letters) > 2 and "".join(letter for letter in company if letter.isupper()).casefold().startswith(letters)


def _is_abridged(letters: str, company: str) -> bool:
    """Whether the letters stand in this order in the name and begin it: AMZN."""
    rest = iter(company.casefold())
    return len(letters) > 2 and company.casefold().startswith(letters[0]) and all(letter in rest for letter in letters)


def read_question(text: str, companies: Companies) -> Question:
    """Reads the question; never fails, an empty question has no clauses."""
    named, used = companies.find(text)
    asked = strip_framing(strip_instructions(text), lambda part: _says(part, companies))
    form, without = _read_form(companies.without_doers(asked))
    periods, without = read_periods(SAME_PERIOD.sub(" ", _RATE.sub("growth", without)))
    parts = [part.strip(" ?.,;") for part in _CLAUSE.split(without)]
    clauses = tuple(_clause(part, used) for part in parts if part.strip())
    return Question(
        text=text,
        companies=named,
        periods=periods,
        clauses=tuple(c for c in clauses if c.mentions or c.rest),
        growth=bool(_GROWTH.search(text)),
        prose=bool(_PROSE.search(text)),
        unsuited=bool(_UNSUITED.search(text)),
        form=form,
        statements=hinted_statements(text),
    )


def _says(part: str, companies: Companies) -> bool:
    """Whether the words name a company, a figure, a form or a year."""
    named = companies.find(part)[0] or find_mentions(tokens(part)) or _FORM.search(part) or YEAR.search(part)
    return bool(named)


def _read_form(text: str) -> tuple[str, str]:
    """The form a question names (10-K, 10-Q, 8-K) and the text without it."""
    found = _FORM.search(text)
    form = next((name for name, pattern in _FORMS if found and re.search(pattern, found[0], re.IGNORECASE)), "")
    return form, _FORM.sub(" ", text)


def _clause(text: str, used: frozenset[str]) -> Clause:
    words = tokens(text)
    mentions = find_mentions(words)
    taken = {i for mention in mentions for i in range(mention.start, mention.end)}
    ignored = question_words() | used
    rest = tuple(w for i, w in enumerate(words) if i not in taken and w not in ignored and w != "%")
    return Clause(text, tuple(mentions), rest, bool(_HOW_DID.search(text)))


def wants_quarter(text: str) -> bool:
    """Whether the question speaks of a quarter or a quarterly report without numbering it."""
    return bool(_LATEST_QUARTER.search(text))
