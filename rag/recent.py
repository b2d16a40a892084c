"""Years that a question counts back from the newest annual report: "for the last three fiscal years"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.asked import YEAR
from rag.documents import Document
from rag.query import Companies

_COUNT = {"two": 2, "three": 3, "four": 4, "five": 5}
_LAST_YEARS = re.compile(
    rf"\b(?:in|for|of|over|during|across)?\s*(?:the |all )?(?:last|past|latest"
    rf"|most recent) (?P<count>[2-5]|{'|'.join(_COUNT)}) "
    r"(?:fiscal |financial |full )?years?\b(?: (?:that )?(?:the|its|their) (?:10-?K|annual report|filing"
    r"|report) (?:covers|shows|has|reports))?",
    re.IGNORECASE,
)


def with_years(text: str, documents: Sequence[Document], companies: Companies) -> str:
    """The question with such years in figures, of the one company it names; as it is when it names years itself."""
    match = _LAST_YEARS.search(text)
    if match is None or YEAR.search(text):
        return text
    named = companies.find(text)[0]
    if len(named) != 1:
        return text
    reports = [d.filing for d in documents if d.filing.company == named[0] and d.filing.form.startswith("10-K")]
    newest = max((filing.fiscal_year for filing in reports if filing.fiscal_year is not None), default=None)
    if newest is None:
        return text
    said = match["count"].casefold()
    count = _COUNT[said] if said in _COUNT else int(said)
    years = [str(newest - back) for back in range(count - 1, -1, -1)]
    return f"{text[: match.start()]} in fiscal {', '.join(years[:-1])} and {years[-1]}{text[match.end() :]}"
