"""Whether a question only has a meaning after the one before: "why was it flagged?", "which accounts are involved?".

Such a question belongs to whoever answered before, and no general entry explains it. Deterministic, by its words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.request import Request, read_request
from desk.instruments import Instruments

MOST_WORDS = 9
"""A longer question says itself what it is about."""
MOST_BACK = 4
"""Questions before, among which one is looked for that stands alone."""
_LEAD = re.compile(r"^\W*(?:(?:and|but|so|ok(?:ay)?|then|well|hmm?|fine|right|sorry|wait|please)\b[\s,.!]*)+")
_REFERS = re.compile(
    r"\b(?:it|its|those|these|they|them|their|each|either|neither|both|involved)\b|\bthat\W*$"
    r"|\b(?:is|was|does|did|do|of|for|about|with|on|than|like|from|by|after|before|in|at|why|how|what's) that\b"
    r"|\b(?:the|which|what|this|any|another|how many) "
    r"(?:(?:first|second|third|last|other|biggest|largest|worst|best) )?(?:one|ones|of (?:them|those|these))\b"
    r"|\bthe (?:first|second|third|last|other|biggest|largest|worst|best)\W*$"
    r"|\b(?:is|was|are) the (?:difference|gap|result|lead|winner|margin)s?\b(?! between| of)"
    r"|\b(?:drives|behind|explains?|moves|changed|caused) the (?:score|alert|verdict|forecast|signal|result)\b"
)
"""Words that stand for something said before."""
_NOTHING = re.compile(
    r"\b(?:is|was|would|does|did|will) (?:it|that) (?:mean|possible|true|legal|take|safe|make|matter|worth|better)\b"
    r"|\b(?:forget|leave|never ?mind|cancel|do|keep|try|thanks for) (?:it|that|them)\b|\bit (?:is|was|'s)\b"
    r"|\b(?:that|this) (?:is|was|'s|will be)\b|\bthat'?s\b|\b(?:say|said|know|think|told me|so|ensure|sure) that\b"
)
"""Where they stand for nothing that was answered."""
_BARE = re.compile(
    r"(?:why(?: not)?|how (?:come|so|sure(?: are you)?|much|many)|since when|when|who|where|which(?: ones?)?|says who"
    r"|closed|open|(?:and )?(?:the )?(?:previous|next|rest|others?)|are you sure|really"
    r"|(?:by|until|since|for|from|to|in|with|within) (?:when|whom|what|which|how (?:much|many|long)(?: \w+)?)"
    r"|who (?:won|lost|profits|profited|gains|benefits|pays|paid|did (?:it|best|better|worst)|came out ahead|else)"
    r"|who (?:is|are|was|were) (?:the )?(?:involved|behind it|responsible|affected|counterpart\w+|parties|senders?"
    r"|receivers?|owners?|victims?|winners?|losers?)"
    r"|which (?:one )?(?:won|lost|moved|fell|rose|did|grew|gained|performed)"
    r"(?: (?:the )?(?:more|most|less|least|better|best|worse|worst|faster|fastest|harder))?(?: \w+){0,3}"
    r"|(?:and )?(?:how )?(?:significant|sure|certain|likely|confidence(?: interval| level)?|sample size|error"
    r"|p-?value))\W*"
)
_GOES_ON = re.compile(
    r"(?:and|but|so|ok(?:ay)?)?\W*(?:(?:what|how) about|what of) (?:the |an? )?(?:[\w-]+ ){0,3}[\w-]+\W*"
)
"""As in "what about the expected shortfall": a noun alone, asked of what was spoken of."""
_DEFINES = re.compile(
    r"\W*(?:what(?:'s|s| is| are) an? |what (?:does|do) [\w -]+ mean|define\b|explain\b|meaning of\b)"
)


def hangs_on(request: Request) -> bool:
    """Whether its words are few, name nothing and point back."""
    words = request.words.replace("\u2019", "'")
    if not _is_nameless(request):
        return False
    bare = _LEAD.sub("", words)
    return _BARE.fullmatch(bare) is not None or _REFERS.search(_NOTHING.sub(" ", bare)) is not None


def _is_nameless(request: Request) -> bool:
    """Whether it is short, names nothing and orders nothing."""
    named = request.mentions or any(stranger.certain for stranger in request.strangers)
    return not named and request.order is None and len(request.words.split()) <= MOST_WORDS


def defines(words: str) -> bool:
    """Whether lower-case words ask what a thing is."""
    return _DEFINES.match(words) is not None


def hung_on(request: Request, history: Sequence[str], instruments: Instruments) -> Request | None:
    """The newest of the questions before that stands alone; None when this one does, or none of them."""
    if not history or not _is_nameless(request):
        return None
    found = standing(history, instruments)
    if hangs_on(request):
        return found
    goes_on = found is not None and _GOES_ON.fullmatch(request.words) and not defines(found.words)
    return found if goes_on else None


def standing(history: Sequence[str], instruments: Instruments) -> Request | None:
    """The newest of the last questions that stands alone; None when none does."""
    earlier = (read_request(said, instruments) for said in reversed(history[-MOST_BACK:]))
    return next((one for one in earlier if not hangs_on(one)), None)
