"""Product lines: what a company's reports break its revenue down into, so that "What did iPhone bring in?" names Apple.

A line is the label of a row whose value carries a revenue concept of inline XBRL and holds for a part of the company
only. A label that two companies use, such as "Services", names neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.documents import Document
from rag.query import plain_name

_REVENUE = re.compile(r":(?:\w*Revenue\w*|\w*Sales\w*)$")
_ASKS_HOW_MUCH = re.compile(
    r"\b(?:how (?:much|big|large)|what (?:was|were|did|has|is|are))\b|^\W*(?:and )?[\w ]{1,30}\?$", re.I
)
_OTHER_FIGURE = re.compile(
    r"\b(?:sales|revenues?|income|profit|margin|cost|expenses?|growth|risks?|why|share|units?)\b", re.I
)
_EARNS = re.compile(
    r"\s+(?:bring(?:s|ing)? in|brought in|take in|generated?|earn(?:ed)?|business|unit|division|line)\b", re.I
)
"""What says no more than that revenue is asked for."""
_ALL = re.compile(r"(?:(?:total|net|consolidated) )*(?:sales|revenues?)", re.I)
"""Labels of the whole, which some tables repeat within a part."""
SHORTEST = 3
"""Letters of a label that is looked for."""


@dataclass(frozen=True)
class ProductLine:
    """`label` as the company writes it; `own` when no general word could be meant: a brand such as iPhone."""

    label: str
    company: str
    own: bool


class ProductLines:
    """The lines of some filings. Made once for a set of documents; finding is a scan of a few dozen labels."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._lines: dict[str, ProductLine] = {}
        shared: set[str] = set()
        for document in documents:
            company = document.filing.company
            for label in dict.fromkeys(f.label for f in document.figures if not f.plain and _REVENUE.search(f.concept)):
                key = label.casefold()
                known = self._lines.setdefault(key, ProductLine(label, company, _is_own(label)))
                if known.company != company:
                    shared.add(key)
        for key in shared:
            del self._lines[key]
        self._lines = {
            key: line for key, line in self._lines.items() if len(key) >= SHORTEST and not _ALL.fullmatch(key)
        }

    def find(self, text: str, company: str = "") -> tuple[ProductLine, int, int] | None:
        """The longest line named, and where; of any company only a brand, of `company` any. None when none is named."""
        best: tuple[ProductLine, int, int] | None = None
        low = text.casefold()
        if len(low) != len(text):  # a letter that folds to two: places would not be the text's
            return None
        for key, line in self._lines.items():
            if key not in low or not (line.company == company or (not company and line.own)):
                continue
            match = re.search(rf"(?<![\w$]){re.escape(key)}s?(?!\w)", low)
            if match is not None and (best is None or match.end() - match.start() > best[2] - best[1]):
                best = (line, match.start(), match.end())
        return best

    def knows(self, label: str) -> bool:
        """Whether it is the label of a line."""
        return label.casefold() in self._lines

    def complete(self, text: str, named: str = "") -> str:
        """The question with the company a brand belongs to, and with "net sales" where only a line was asked for.

        `named` is the one company the question names itself. As it is when no line is named.
        """
        found = self.find(text, named)
        if found is None:
            return text
        line, start, end = found
        owner = "" if named else f"{plain_name(line.company)}'s "
        if not _ASKS_HOW_MUCH.search(text) or _OTHER_FIGURE.search(text):
            return f"{text[:start]}{owner}{line.label}{text[end:]}"
        return f"{text[:start]}{owner}{line.label} net sales{_EARNS.sub('', text[end:])}"


def _is_own(label: str) -> bool:
    """A brand has a capital inside a word ("iPhone", "MySQL")."""
    return re.search(r"\b[a-z]+[A-Z]|\b[A-Z][a-z]+[A-Z]", label) is not None
