"""The words by which a follow-up is known, and how one period becomes another."""

from __future__ import annotations

import re
from typing import Literal

from agents.naming import is_plain
from agents.order_wish import NUMBER

Change = Literal["number", "double", "half", "limit", "market", "share", "both"]

YEAR = re.compile(r"(?:\b|(?<=\bFY)|(?<=\bfy))(?:19|20)\d\d\b")
OPENER = re.compile(
    r"\s*(?:(?:and|also|then|ok(?:ay)?|now|so|but|well|hmm|fine|right|alright)\b[\s,]*)*"
    r"(?:(?:(?:(?:what|how) )?about|what of|(?:and |do )?(?:the )?same(?: (?:question|thing))?(?: for| with| of)?"
    r"|for|with|on|of)\b\s*)?",
    re.IGNORECASE,
)


def words_of(text: str) -> frozenset[str]:
    """The words of a list written as a text."""
    return frozenset(text.split())


FILLERS = words_of(
    "for the of same s stock stocks share shares please too as well instead then and a in on 's ok btw thanks "
    "how much many alone only just itself that this those year years time again index pair company coin firm"
)
"""What may stand beside a name that is all a question says."""
GAP = words_of(
    "and what about how the a for in of was it that be were did they do is fiscal year years quarter fy same then "
    "also before after earlier later previous prior last next one two three ago preceding following ok so but now "
    "on only just figures too again please well as from to between more less higher lower"
)
"""What a question that only names another period consists of."""

_AMOUNT = rf"(?:{NUMBER})(?:\s*(?:%|per ?cent))?|all|half|everything|(?:a |one )?(?:quarter|third|fifth|tenth)|the rest"
_THING = r"(?:stock|shares?|units?|coins?|position|holding|stake|rest|lot|name)"
_REFERENT = (
    r"(?:(?:that|this) (?:last )?one|it|ours|mine|them|'?em|thereof|that|those|this|these"
    rf"|(?:the|my|our|that|this) (?:whole )?{_THING}|{_THING})"
)
LOOSE_TRADE = re.compile(
    rf"\s*(?:(?:and|ok(?:ay)?|then|now|so|please|only|just|no|sorry|hmm|wait|actually|well|fine|right|alright"
    rf"|kindly|let'?s|can you|could you|i (?:want|would like) to)\b[\s,]*)*"
    rf"(?:(?:put in|place|enter|make)\s+(?:me\s+)?an?\s+)?"
    rf"(?P<side>buy|sell|close|trim|get(?= me))\s+(?:(?:me|us|order)\s+)?(?:for\s+)?(?P<amount>{_AMOUNT})?"
    rf"\s*(?:more\b|of\b|\s)*(?:{_REFERENT}\b)?"
    rf"(?:\s+(?:in|of) (?:it|them)\b)?\s*(?:more\b|(?P<whole>all)\b)?"
    rf"(?:\s*(?:at|@|limit)\s*\$?(?P<limit>{NUMBER}))?\s*(?:then|now|please|instead|too|as well|also)?[\s.!?]*$",
    re.IGNORECASE,
)
_SLIP = (
    r"(?:no|typo|sorry|actually|wait|hmm|hang on|never ?mind|scratch that|on second thoughts?|oops|rather|better|or"
    r"|i mean)"
)
_LEAD = rf"\s*(?:(?:{_SLIP}|and|ok(?:ay)?|please|well|oh|fine)\b[\s,.!]*)*"
_END = r"(?:\s*(?:shares?|units?|coins?))?(?:\s*(?:then|instead|please|rather|now|only|btw|thanks|thx))*[\s.!?]*$"
_CHANGES: tuple[tuple[str, Change], ...] = (
    (rf"{_LEAD}(?:double (?:it|that)|twice (?:that|as many))[\s.!?]*$", "double"),
    (rf"{_LEAD}(?:only )?(?:halve (?:it|that)|half (?:of )?(?:that|as many))[\s.!?]*$", "half"),
    (
        rf"{_LEAD}(?:with a |set (?:a |the )?|at a )?(?:(?:price )?limit (?:price )?(?:of |at |to |is )?"
        rf"|(?:at most|no more than|not (?:above|over)|max(?:imum)?) |at |@ ?)\$?(?P<number>{NUMBER})"
        rf"(?: ?(?:usd|dollars?))?(?: (?:each|apiece|a share|per share))?{_END}",
        "limit",
    ),
    (rf"{_LEAD}(?:make it |as )?(?:a |at (?:the )?)?market(?: order| price)?{_END}", "market"),
    (rf"{_LEAD}(?:drop|remove|forget|lose|skip|without|no) (?:the |a |any )?limit(?: price)?{_END}", "market"),
    (
        rf"{_LEAD}(?:make (?:it|that)|change (?:it|that) to|only|just|say|take|do)\s+(?P<number>{NUMBER}){_END}",
        "number",
    ),
    (
        rf"{_LEAD}(?:make (?:it|that)|change (?:it|that) to)\s+(?P<number>{NUMBER})(?:\s*(?:shares?|units?))?\s*,?"
        rf"\s*(?:and |but )?(?:with a limit (?:price )?(?:of|at)|at|@|limit)\s*\$?(?P<limit>{NUMBER}){_END}",
        "both",
    ),
    (rf"{_LEAD}(?P<number>{NUMBER})(?:\s*(?:shares?|units?|coins?))?\s*(?:instead|rather|then){_END}", "number"),
    (rf"{_LEAD}{_SLIP}[\s,.!]+(?P<number>{NUMBER}){_END}", "number"),
    (rf"{_LEAD}(?:only |just )?(?P<number>all|half|(?:a |one )?(?:quarter|third|fifth|tenth)){_END}", "share"),
)
CHANGES = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _CHANGES)
"""How an order is changed in a few words; the first pattern that fits counts."""
ANOTHER = re.compile(
    rf"{_LEAD}(?:(?P<same>also|(?:do )?(?:the )?same (?:for|with|in))"
    rf"|(?:also |make (?:it|that) )?(?P<number>{NUMBER}))\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
"""The order before, of another instrument."""
ANOTHER_BEHIND = re.compile(rf"[\s,]*(?:then|instead|rather)?[\s,]*(?P<number>{NUMBER}){_END}", re.IGNORECASE)
"""What may stand behind the other instrument's name."""
CHATTER = re.compile(r"^[^.!?]{1,60}[.!]\s+(?=\S)")
"""A sentence before the question itself."""
TURN = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|now|fine|well)\b[\s,]*)*(?:leave|forget|never ?mind|enough (?:of|about)"
    r"|moving on|(?:a |some(?:thing|body) )?different"
    r"|(?:a )?new (?:topic|subject|question)|another (?:topic|subject|question|thing)|chang(?:e|ing)|something else)\b"
    r"[^.!?:]{0,40}[.!:]\s+(?=\S+\s+\S+\s+\S)",
    re.IGNORECASE,
)
"""A sentence that leaves what was spoken of."""
DUMMY = re.compile(
    r"\b(?:does|did|would|will|could|might|can) (?:it|that|this) (?:mean|take|make|matter|cost to|work)\b"
    r"|\bis (?:it|that|this) (?:safe|possible|legal|true|allowed|right|correct|ok|okay|worth|a good)\b"
    r"|\bis (?:it|that|this) (?:better|too|time|wise)\b"
    r"|\bwhat(?:'s| is) (?:it|that|this)(?=\s*(?:[?.!,]|$|called|for\b|about\b))|\bit (?:is|was) (?:said|true)\b"
    r"|\b(?:make|try|do|leave|forget|cancel|(?<!to )explain) (?:it|that)\b",
    re.IGNORECASE,
)
"""Where "it" stands for no instrument."""
OWN = re.compile(r"\b(?:my|our|mine)\b", re.IGNORECASE)
"""Where the person speaks of their own things."""
FIGURE = re.compile(
    r"\b(?:(?:total |net |gross |operating |diluted |basic )*(?:sales|revenues?|income|profit|margin"
    r"|earnings(?: per share)?"
    r"|expenses|assets|liabilities|debt|cash flow)|eps|r&d(?: (?:expenses?|spending))?)\b",
    re.IGNORECASE,
)
"""A figure of a company's report."""
PRONOUN = re.compile(
    r"\b(?:(?:that|this|the) (?:stock|share|company|coin|firm|name|business|issuer|security|currency|pair)"
    r"(?! of| in|s\b)|(?:that|this) one"
    r"|its|their|it|they|them|there(?=\W*$)"
    r"|(?<=\bis )that(?= (?:up|down|high|low|cheap|expensive|still|risky|volatile|normal)\b))\b(?!')",
    re.IGNORECASE,
)
BOTH = re.compile(
    r"\bboth(?: of (?:them|those|these))?\b|\b(?:the|these|those) two(?: of them)?\b"
    r"|(?:(?<=which of )|(?<=either of )|(?<=neither of ))(?:them|those|these)\b",
    re.IGNORECASE,
)
"""The two that were named last."""
THAN = re.compile(
    r"\b(?:than|versus|vs\.?|against|compared (?:to|with)|as \w+ as|next to)\s+(?:that of |those of )?$", re.IGNORECASE
)
"""What stands before a name that is compared with the one spoken of."""
BESIDE = re.compile(
    r"\s*(?:(?:and|or|but|ok(?:ay)?|so|is (?:that|it))\b[\s,]*)*(?:how (?:does|is) (?:that|it) )?"
    r"(?:(?:much )?(?:more|less|better|worse|higher|lower|bigger|smaller|riskier|safer|calmer|wilder"
    r"|volatile|risky) )*$",
    re.IGNORECASE,
)
"""All that a question says before the comparison, when it asks the question before of one name more."""
PICKED = re.compile(
    r"\b(?:(?:the|that|this) )?(?P<which>first|former|second|latter|third|last|latest|other|previous)"
    r" (?:one|pair|stock|company|share|name|of (?:them|the two))\b|\bthe (?P<bare>first|former|second"
    r"|latter|third)(?=\W*$)",
    re.IGNORECASE,
)
"""One of those that were named, by its place in the conversation."""
MEANT = re.compile(rf"\s*(?:{_SLIP}\b[\s,.]*)*(?:i meant|i mean|rather|not that(?: one)?,?)\s+(?:the )?", re.IGNORECASE)
SLIPPED = re.compile(
    rf"\s*(?:(?:and|but|oh|ah|ok(?:ay)?)\b[\s,]*)*(?:{_SLIP}\b[\s,.!]*)+(?:i meant?\b)?\s*$", re.IGNORECASE
)
"""Before a name that takes the place of the one in the order before."""
PICK = re.compile(
    r"\s*(?:and |what about )?(?P<more>(?:the )?(?:largest|biggest|smallest|first|second|third|last|latest|newest"
    r"|oldest|next|riskiest|worst|best)(?: (?:one|ones|of (?:them|those)))?)\s*[?.!]*$",
    re.IGNORECASE,
)
BEHIND = re.compile(
    r"\s*(?:(?:and|what about|how about|also)\s+|(?=(?:over|without|excluding|including|after|before|net of)\b))"
    r"(?P<more>(?:in|under|before|net of|for|after|with|without|against|over|during|on"
    r"|including|excluding)\s+\S.{1,40})$",
    re.IGNORECASE,
)
"""More of the question before."""
REST = re.compile(
    r"\s*(?:(?:and|ok(?:ay)?|so)\b[\s,]*)*(?:(?:are there |is there )?(?:any )?(?:others|more"
    r"|another one)(?: (?:like|of) (?:it|that"
    r"|this|them|those))|(?:which|what) (?:accounts?|people|persons|transfers|customers"
    r"|instruments) (?:is|are|were) (?:involved"
    r"|concerned|affected)|(?:is|was|how big is) the (?:difference|gap|margin)\b[^?.!]{0,40})\s*[?.!]*$",
    re.IGNORECASE,
)
"""What only the question before gives a meaning."""
WHICH = re.compile(
    r"[\s,]*(?:which|who|what)(?: one)? is (?:the )?(?P<more>riskier|safer|calmer|wilder)(?: one)?\s*[?.!]*$",
    re.IGNORECASE,
)
"""What stands behind the name in "compared with X, which is riskier?"."""
BARE_TOPIC = re.compile(
    r"\s*(?:(?:and|ok(?:ay)?|now|then|no|sorry|i meant?)\b[\s,]*)*(?:(?:what|how)(?:'?s| is| was)\s+)?"
    r"(?P<topic>(?:the )?(?:(?:share |stock )?price(?: level)?|quote|volatility|risk"
    r"|(?:latest |last |recent )?(?:news|headlines)|beta|returns?|performance"
    r"|value at risk"
    r"|(?:one|two|five|ten|1|2|5|10)[- ](?:day|week|month|year) (?:return|performance|change)"
    r"|(?:52|fifty[- ]two)[- ]?weeks? (?:high|low|range)|(?:all[- ]time )?(?:high|low)|sentiment|drawdown"
    r"|mood|revenue|net (?:income|sales)|(?:gross|operating) (?:margin|income)|earnings)"
    r"|(?:any |good |bad )+news\b[^?.!]{0,30})"
    r"(?: (?:today|now|please|pls|then|again|i mean|like|too|as well|also))*\s*[?.!]*$",
    re.IGNORECASE,
)
TOPIC = re.compile(
    r"\s*(?:(?:(?:and|also|ok(?:ay)?|then|now|so)\b[\s,]*)*(?:(?:what|how) about|what of|and|also|only|just)\s+"
    r"|(?=any (?:news|headlines)\b))"
    r"(?P<topic>[^?!]{3,60})[\s?!.]*$",
    re.IGNORECASE,
)
_NO_TOPIC = re.compile(
    r"\b(?:my|our|me|i|we|you|us|is|are|was|were|do|does|did|can|could|should|would|will|has|have|had|show|tell|give|buy|"
    r"sell|retire|transfers?|suspicious|fraud|alerts?|deadlines?|accounts?|portfolio|desk|market|everything|nothing|all)\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"\b(?:(?P<count>two|three|one|a) )?(?P<unit>year|quarter)s? (?P<after>before|earlier|ago|prior|after|later|on)\b"
    r"|\b(?P<side>previous|prior|last|preceding|next|following) (?P<unit2>year|quarter)\b",
    re.IGNORECASE,
)
_COUNT = {"two": 2, "three": 3}
_QUARTERLY = re.compile(r"\bQ([1-4])(\s+(?:of\s+)?(?:fiscal\s+)?)((?:19|20)\d\d)\b", re.IGNORECASE)


_ONLY_YEAR = re.compile(r"^(\W*(?:and |what about )?)['\u2019]([12]\d)(?=\W*$)", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"\b(for|in|fy|fiscal|of) ?['\u2019]?([12]\d)(?=\s*[?.!]*$)", re.IGNORECASE)


def with_full_years(question: str) -> str:
    """A short question whose last word is a year of two digits, with the year in full."""
    if len(question.split()) > 6:
        return question
    return _SHORT_YEAR.sub(r"\1 20\2", _ONLY_YEAR.sub(r"\g<1>20\2", question))


FORM = re.compile(r"\b(?:form )?(?:10-?[kq]|8-?k|13-?[dfg]|form [345]|20-?f)\b", re.IGNORECASE)
SHORT_YEAR = re.compile(r"\W*(?:and |also |what about |how about )?['\u2019]?(?P<year>[12]\d)\W*", re.IGNORECASE)
AGAINST = re.compile(
    r"\s*(?:and |now |please )*(?:compare (?:that|it|this|them) (?:with|to|against)|versus|vs\.?|against)\s+"
    r"(?:fiscal |fy ?)?(?P<year>(?:19|20)\d\d)\s*[?.!]*$",
    re.IGNORECASE,
)
"""The question before, of one more year."""
_NOT_BUT = re.compile(
    rf"\s*(?:{_SLIP}[\s,]*)*not (?:for |in )?(?:20)?\d\d\s*[,;]?\s*(?:but |rather )?(?:for |in )?"
    r"(?:20)?(?P<year>\d\d)\W*$",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(
    r"\b(?P<year>20\d\d)(?P<between>,? (?:and|or|versus|vs\.?|against|compared (?:to|with)) (?:in |for )?)"
    r"the (?:year (?P<after>before|after|earlier|later)|(?P<side>previous|prior|preceding|following|next) year)\b",
    re.IGNORECASE,
)


_FISCAL_SHORT = re.compile(r"\b(FY ?)['\u2019]?([012]\d)\b(?![%,.]?\d)", re.IGNORECASE)


def with_named_years(question: str) -> str:
    """A question with its years in full figures: "FY23", and one beside another ("2023 and the year before")."""

    def put(match: re.Match[str]) -> str:
        later = (match["after"] or match["side"]).casefold() in {"after", "later", "following", "next"}
        return f"{match['year']}{match['between']}{int(match['year']) + (1 if later else -1)}"

    return _YEAR_BEFORE.sub(put, _FISCAL_SHORT.sub(r"\g<1>20\2", question))


def is_topic(words: str) -> bool:
    """Whether the words name something that can be asked of a company: no sentence, nothing of the person's own."""
    said = re.findall(r"[A-Za-z][A-Za-z'&-]*", words)
    return len(words.split()) <= 6 and not _NO_TOPIC.search(words) and all(is_plain(word) for word in said)


def other_period(question: str, before: str) -> str | None:
    """The question before, of the period that this one names; None when it names none or the step starts nowhere."""
    named, step = YEAR.findall(question), _STEP.search(question)
    if corrected := _NOT_BUT.match(question):
        return _in_year(before, f"20{corrected['year']}")
    if named:
        return _in_year(before, " and ".join(dict.fromkeys(named)))
    if step is None:
        return None
    back = (step["after"] or step["side"]).casefold() not in {"after", "later", "on", "next", "following"}
    by = _COUNT.get((step["count"] or "").casefold(), 1) * (-1 if back else 1)
    if (step["unit"] or step["unit2"]).casefold() == "quarter":
        return _by_quarters(before, by)
    years = [int(year) for year in YEAR.findall(before)]
    return _in_year(before, str((min(years) if back else max(years)) + by)) if years else None


def _in_year(before: str, year: str) -> str:
    """All years of a question become one; a question without a year gets it."""
    found = list(YEAR.finditer(before))
    if not found:
        return f"{before} in {year}?"
    return f"{before[: found[0].start()]}{year}{before[found[-1].end() :]}?"


def _by_quarters(before: str, by: int) -> str | None:
    match = _QUARTERLY.search(before)
    if match is None:
        return None
    count = int(match[3]) * 4 + int(match[1]) - 1 + by
    return f"{before[: match.start()]}Q{count % 4 + 1}{match[2]}{count // 4}{before[match.end() :]}?"
