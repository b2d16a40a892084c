"""Whether a customer asks for a judgement on their own money, and about which products: suitability comes first then.

Deterministic and from the person's own words, of this question or, when it only goes on ("and a little of it?"), of
the two before. English first; the plainest wordings of six other languages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.agent import Turn
from agents.answers import AgentAnswer, Refusal
from agents.goal import find_products
from agents.naming import find_strangers
from desk.identity.roles import Person, Role
from desk.instruments import Instrument
from desk.portfolio.suitability import INSTEAD, Product, Suitability
from tools.advice import CheckSuitability, check_suitability

SHORT = 9
"""Words of a question that may go on with the one before."""

_ASKS = re.compile(
    r"\b(?:should|shall|could|can|may|might) (?:i|we)\b|\b(?:suit(?:able|s)?|fits?|right|fine|appropriate|wise|"
    r"sensible|good (?:idea|place|time|thing)|something) (?:\w+ ){0,2}(?:for|to|me|us|my)\b|\bworth (?:buying|it|a)\b"
    r"|\brecommend|\badvise|\bpick (?:me )?(?:one|a|some)|\bis it (?:wise|sensible|smart|clever|ok)\b"
    r"|\b(?:good|bad|great|smart|wise) (?:idea|move|bet)\b|\bdo you agree\b"
    r"|\bwould you (?:put|buy|invest|go|take|choose)\b"
    r"|\b(?:put|move|place|throw|bet|sink)\b.{0,40}\b(?:in|into|on)\b|\bhow much (?:should|could|can|do) i\b"
    r"|\bwhich (?:\w+[ -]){0,3}(?:stocks?|shares?|coins?|altcoins?|options?|funds?|etfs?|crypto|currenc\w+)\b.{0,30}"
    r"(?:\b(?:should|would|to|best|first|rich|recommend|get|buy)\b|\?*$)|\bwhich (?:ones?)\b"
    r"|\b(?:what|where) (?:\w+ ){0,3}should\b"
    r"|\bi (?:want|would like|'?d like) (?:in|to (?:trade|buy|bet|invest|own|get))\b"
    r"|\bif you (?:think|believe|like|agree|recommend|say so)\b"
    r"|\bwhat (?:mix|split|blend|allocation) (?:would|do) you\b"
    r"|\b(?:fix|clear|solve|pay off|get rid of|wipe out) (?:all )?(?:my|our) (?:\w+ )?"
    r"(?:loans?|debts?|mortgage|bills|arrears)\b"
    r"|\b(?:lever|leverage) (?:up )?my\b|\bwhat about\b|\bwhat if (?:i|we)\b|\bto buy\b|\btrade\b.{0,30}\bwith my\b"
    r"|\bsoll(?:te|ten|en)? (?:ich|wir)\b|\blohnt\b|\bist .{0,30}\b(?:sinnvoll|ratsam|geeignet)\b"
    r"|\b(?:debo|debería|deberíamos|me conviene|conviene|vale la pena|me recomiendas?)\b"
    r"|\b(?:dois-je|devrais-je|je devrais|faut-il|vaut-il|puis-je|me conseill\w+)\b"
    r"|\b(?:dovrei|devo|mi conviene|mi consigli\w*)\b|\b(?:moet ik|zal ik|kan ik|moet kopen|verstandig)\b"
    r"|\b(?:deveria|vale a pena|me recomenda)\b"
)
_OWN_MONEY = re.compile(
    r"\b(?:my|our) (?:\w+[ -]){0,2}(?:savings?|pension|money|nest egg|inheritance|fund|pot|retirement|"
    r"future|plan|debts?|account|portfolio)\b|\bfor (?:me|us)\b"
    r"|\b(?:someone|somebody|people|students?|beginners?) like (?:me|us)\b"
    r"|\bin my (?:shoes|place|position)\b|\b(?:do|shall|ought) i\b|\bgimme\b|\bmy way out\b"
    r"|\b(?:your|any) (?:thoughts?|view|opinion|blessing|advice|take|verdict)\b|\bthoughts\b|\byes or no\b"
    r"|\bname (?:me )?one\b|\buntil (?:i|we) (?:buy|need|pay|move|marry|build|retire)\b"
    r"|\b(?:für|zu) (?:mich|uns)\b|\bmein\w* (?:ersparn\w*|rente|geld|pension)\b|\bwie mich\b|\bpour moi\b"
    r"|\bm(?:on|a|es) (?:épargne|retraite|argent|économies)\b|\bpara m[íi]m?\b"
    r"|\bmis? (?:ahorros|jubilación|pensión|dinero)\b"
    r"|\bper me\b|\bmi[aeo]i? (?:risparmi|pensione|soldi)\b|\bvoor mij\b|\bmijn (?:spaargeld|pensioen|geld)\b"
    r"|\bminhas? (?:poupanças?|reforma|aposentadoria)\b"
)
_FACTUAL = re.compile(
    r"^(?:(?:and|so|please|hi|hello|ok)\W+)*(?:explain|describe|define|"
    r"how (?:much|many|is|are|was|has|did|does|risky|volatile)|when|who|"
    r"why|(?:do|did|have) i (?:\w+ ){0,2}(?:own|hold|have|got|bought)|"
    r"show|list|sell|close|what(?:'s| is| are| was| does| do i| did)|which \w+ (?:do|did|have) i)\b"
)
_SHOWS = re.compile(r"(?:(?:and|so|ok(?:ay)?|fine|then|but|please)\W+)*(?:show|list|display)\b")
_FACT_OF_IT = re.compile(
    r"\b(?:price|quote|news|headlines?|volatility|trading at|allowed|restricted|going for)\b"
    r"(?!.*\b(?:should|buy|worth)\b)"
)
"""What is asked of a thing that was spoken of, when nothing is said of buying it."""
_HELD = re.compile(r"\b(?:do|did|have) i (?:\w+ )?(?:own|hold|have|got|bought?)\b|\bi (?:own|hold)\b")
_GOES_ON = re.compile(
    r"^why(?: not)?\W*$|^(?:and|but|ok|okay|fine|then|come on|so|even|only|just|not even|at least|what (?:if|about)"
    r"|maybe|please|with)\b"
    r"|\b(?:little|bit|half|less|tiny|small|at least|some)\b"
)
_WHAT = re.compile(
    r"\b(?:what|where) (?:\w+ ){0,2}should i (?:buy|invest|put)\b|\brecommend me\b"
    r"|\bwhat (?:mix|split|blend|allocation) (?:would|do) you\b"
    r"|\btake (?:on )?(?:a (?:bit|little) )?(?:more|less|some) risk\b"
)
_NAMED = re.compile(
    r"\b(?i:put|park\w*|plac\w+|invest\w*|stick\w*|sink\w*) .{0,40}\b(?i:in|into|on) [A-Z][a-z]+"
    r"|\b(?i:buy|short|own|hold|into|bet (?:\w+ ){0,4}on|everything on) (?:some |more |shares (?:of|in) )?[A-Z][a-z]+"
)
_ALL_IN = re.compile(
    r"\b(?:all[- ]in|everything|every (?:cent|penny|dollar)|(?:all|the whole) (?:of )?(?:my|our|it)|bet it all|"
    r"(?:my|the) (?:whole|entire) (?:account|savings|money|portfolio)|make it all|"
    r"empty (?:out )?(?:my|our) (?:\w+ )?(?:account|savings|portfolio|pension))\b"
)
_OTHER = re.compile(
    r"\b(?:what|where|how|which|when)\b.{0,25}\b(?:should|could|can|must|may) my (?:{kin})\b"
    r"|\b(?:recommend|advise|suggest|invest|pick|buy|suit\w*|fits?|right)\b.{0,25}"
    r"\b(?:for|to) my (?:old |own )?(?:{kin})\b"
    r"|^(?:should|can|could|may) my (?:{kin})\b".replace(
        "{kin}",
        "(?:grand)?(?:mother|father|mum|mom|dad|ma|pa)|wife|husband|partner|brother|sister|son|daughter|aunt|uncle|"
        "child|kids?|children|friend|neighbour|neighbor|boss|colleague|cousin|nephew|niece|parents?",
    )
)


@dataclass(frozen=True)
class Sought:
    """What a customer wants a judgement on. `products` may be none.

    `all_in`: with all they have; `other`: it is for somebody else.
    """

    products: tuple[Product, ...]
    all_in: bool
    other: bool


def find_sought(question: str, instruments: Sequence[Instrument], history: Sequence[str] = ()) -> Sought | None:
    """None when no judgement is asked for, or on nothing that can be bought and nothing in general."""
    words, before = _plain(question), [_plain(said) for said in history[-2:]]
    text = words
    if _HELD.search(words) and _FACTUAL.search(words):
        return None
    if instruments and len(words.split()) <= SHORT and _FACT_OF_IT.search(words):
        return None
    named = any(name.certain for name in find_strangers(question, ()))
    own = _speaks_of_own_money(words) and (find_products(words, instruments) or _unknown_company(question) or named)
    if not own and not asks_advice(words):
        if _SHOWS.match(words):
            return None
        if len(words.split()) > SHORT or not _GOES_ON.search(words) or not any(map(_asked_for, before)):
            return None
        text = " ".join((*before, words))
    elif len(words.split()) <= SHORT and not find_products(words, instruments) and _GOES_ON.search(words):
        text = " ".join((*before, words))
    products = find_products(text, instruments) or (("single_stocks",) if own and named else _unknown_company(question))
    other = _OTHER.search(words) is not None
    if not products and not other and not _WHAT.search(words):
        return None
    return Sought(products, _ALL_IN.search(words) is not None, other)


def _unknown_company(question: str) -> tuple[Product, ...]:
    """A name that this desk does not trade, behind "buy" or "into", is taken for a company's share."""
    return ("single_stocks",) if _NAMED.search(question) else ()


def _speaks_of_own_money(words: str) -> bool:
    """Whether they say for whom or with which money, and do not only ask for a fact."""
    return _OWN_MONEY.search(words) is not None and _FACTUAL.search(words) is None


def asks_advice(words: str) -> bool:
    """Whether plain words ask for a judgement."""
    return _ASKS.search(words) is not None or _ALL_IN.search(words) is not None


def _asked_for(words: str) -> bool:
    """Whether plain words of before asked for a judgement, also by naming a product and for whom."""
    return asks_advice(words) or (_speaks_of_own_money(words) and find_products(words, ()) != ())


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())


def comes_first(
    person: Person,
    question: str,
    instruments: Sequence[Instrument],
    history: Sequence[str],
    agents: Sequence[str] = (),
) -> bool:
    """Whether suitability is judged before any other agent speaks.

    Not where execution speaks last of several `agents` on one instrument: it judges the same, and its verdict leads the
    answer, with what the others know behind it.
    """
    if person.role is not Role.CUSTOMER:
        return False
    sought = find_sought(question, instruments, history)
    weighed = len(agents) > 1 and agents[-1] == "execution" and len(instruments) == 1
    return sought is not None and (not weighed or sought.all_in or sought.other)


def refuse_unsuited(turn: Turn, products: tuple[Product, ...]) -> Refusal | None:
    """For a customer, the refusal of products that do not fit or cannot be judged; None for anybody else."""
    if turn.context.person.role is not Role.CUSTOMER:
        return None
    found = turn.call(check_suitability, CheckSuitability(asked=products)).suitability
    if found.verdict == "advise":
        return None
    asked = ", ".join(product.replace("_", " ") for product in (found.unsuitable or products))
    return Refusal(
        rule="suitability", limit=found.band_name or "advice allowed", value=asked, message=f"unsuitable: {_why(found)}"
    )


def _why(found: Suitability) -> str:
    reasons = "; ".join(reason.text for reason in found.reasons)
    return f"{reasons} (missing: {', '.join(found.missing)})" if found.missing else reasons


def refuse_all_in(products: tuple[Product, ...]) -> AgentAnswer:
    """All of one's money in one thing suits nobody, whatever they may bear."""
    named = ", ".join(product.replace("_", " ") for product in products)
    message = "everything in one thing can be lost with that one thing, whatever loss a person can bear"
    instead = next((INSTEAD[product] for product in products if product in INSTEAD), "spreading costs nothing")
    refusal = Refusal(rule="concentration", limit="a part of what one has", value=named, message=message)
    text = f"I do not recommend this to you: {message}. What speaks for something else: {instead}."
    return AgentAnswer(text=text, refusal=refusal, ends=True)


def refuse_for_other() -> AgentAnswer:
    """Nothing is known of somebody who is not here."""
    message = "I know nothing about that person, so I may recommend nothing to them or for them"
    refusal = Refusal(rule="own_advice", limit="the person who asks", value="another person", message=message)
    text = f"{message}. They can ask here themselves; general questions I answer to anybody."
    return AgentAnswer(text=text, refusal=refusal, ends=True)
