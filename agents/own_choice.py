"""A customer's own order: when it is theirs to choose, with what warning, and how it is refused.

The rules stand in `desk/portfolio/own_choice.py`; here are the words of the question and of the answer.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from agents.agent import Turn
from agents.answers import Refusal
from desk.identity.roles import Role
from desk.orders import Order
from desk.portfolio.suitability import INSTEAD, Reason
from tools.own_choice import Judged, JudgeOrder, judge_own_order

Reading = Literal["stated", "advice", "pressure"]
MOST_BESIDES = 3
"""Words that an order may hold besides itself; more of them tell a case, and are read as one to judge."""

_PLAIN = frozenset(
    re.split(
        " ",
        "a an and are at be but buy can close could do dollar dollars for from get gtc have i i'd i'll i've "
        "in into is it kindly limit lot lots made market me mind mine my now of ok on one open or order our "
        "out over please pls plz price purchase put sell send share shares shrs short so some stock take than "
        "thank thanks that the their them then there these this today tomorrow to units up us usd want was we "
        "will with would you your account good hello hey hi like place day decided decision invest spend "
        "worth more another also again",
    )
)
"""What belongs to an order, to courtesy, or to grammar."""

_TOLD = re.compile(r"[A-Za-z][A-Za-z']*")

_PRESSURE = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget\w*|skip\w*|bypass\w*|drop|never mind|set aside|leave out|over(?:ride|rule)|"
    r"without|no|don'?t (?:ask|look|bother|care|mind)|spare me|stop|whatever|regardless of|despite|in spite of)\b"
    r"[^.?!]{0,30}\b(?:profile|file|record|risks?|warn\w*|questions?|advice|lectur\w*|suitab\w*|checks?|rules?|"
    r"limits?|forms?|paperwork|knowledge|horizon|age|suits? me|fits? me|says?|consequences)\b"
    r"|\b(?:know|understand|aware|accept|appreciate|take|fear|scared?|love)\b[^.?!]{0,20}"
    r"\b(?:risks?|dangers?|losses|los(?:e|ing))\b"
    r"|\b(?:just do|do it|do as i|obey|anyway|no matter|at any (?:price|cost)|i insist|no buts|lectur\w+)\b"
    r"|\b(?:all|every|last|whole|entire|everything)\b[^.?!]{0,25}"
    r"\b(?:savings?|money|cash|account|cent|penny|dollar|pension|have|own|inheritance|fortune)\b"
    r"|\b(?:nest egg|pension|rent|mortgage|emergency|rainy.day|borrow\w*|loan|credit|inheritance|tuition)\b"
    r"|\b(?:pretend|imagine|act as|role.?play|suppose|you(?: a|')re (?:now )?(?:my|an?|the))\b"
)
_JUDGES = re.compile(
    r"\b(?:should|shall|ought|may|might) (?:i|we)\b"
    r"|\b(?:good|bad|smart|clever|great|right|sound) (?:idea|move|bet|choice|time|thing|one)\b"
    r"|\b(?:wise|sensible|clever|suit\w*|appropriate|recommend\w*|advi[sc]e\w*|worth it|opinion|thoughts?|view|"
    r"blessing)\b|\b(?:right|fine|ok|good) for (?:me|us|my)\b"
    r"|\b(?:do|would|if) you (?:\w+ )?(?:think|agree|believe|like|say|find|judge|rather|prefer|reckon|feel)\b"
    r"|\bif (?:it|they|that)(?:'s|'re| is| are)? (?:\w+ )?(?:good|suit\w*|right|worth|fits?|safe)\b"
    r"|\bor (?:not|rather|better|would)\b"
)
_POLITE = re.compile(
    r"^\W*(?:(?:hi|hello|hey|please|and|then|ok)\W+)*(?:can|could|will|would) (?:you|we|i) "
    r"(?:please |now |kindly |just )*(?:also )?(?:buy|purchase|get|order|sell|place|short)\b"
)


class OwnOrder(NamedTuple):
    """What is made of the order: refused, or proposed with a warning (empty when it suits or nobody need be warned)."""

    refusal: Refusal | None = None
    text: str = ""
    warning: str = ""


def read_stated(question: str) -> Reading:
    """How a question that holds an order is meant: only stated, with a wish for a judgement, or under pressure."""
    words = " ".join(question.casefold().replace("’", "'").split())
    if _PRESSURE.search(words):
        return "pressure"
    asks = "?" in words and not _POLITE.search(words)
    told = _TOLD.findall(question.replace("’", "'"))
    besides = [word for at, word in enumerate(told) if _besides(word, first=at == 0)]
    return "advice" if asks or _JUDGES.search(words) is not None or len(besides) > MOST_BESIDES else "stated"


def _besides(word: str, first: bool) -> bool:
    """Whether it is more than an order needs; a name or symbol in capitals is what the order names."""
    return word.casefold() not in _PLAIN and (first or not word[0].isupper())


def judge_own(turn: Turn, order: Order) -> OwnOrder:
    """The customer's order judged; nothing to say for anybody else, and for what only closes what is held."""
    if turn.context.person.role is not Role.CUSTOMER:
        return OwnOrder()
    reading = read_stated(turn.request.question)
    judged = turn.call(judge_own_order, JudgeOrder(order=order, asks_advice=reading != "stated"))
    found = judged.judgement
    if found is None or found.verdict == "suits":
        return OwnOrder()
    if found.verdict == "own_choice":
        return OwnOrder(warning=_warn(judged))
    return _too_much(judged) if found.rule == "concentration" else _refuse(judged, reading)


def _warn(judged: Judged) -> str:
    instead = f" What speaks for something else: {INSTEAD[judged.product]}." if judged.product in INSTEAD else ""
    return (
        "This is your own choice and not our recommendation: it is proposed because you stated it. We would not "
        f"recommend {_name(judged)} to you, because {'; '.join(judged.against)}.{instead}"
    )


def _refuse(judged: Judged, reading: Reading) -> OwnOrder:
    found = judged.judgement
    if found is None:
        return OwnOrder()
    told: tuple[Reason, ...] = found.reasons
    why = "; ".join(reason.text for reason in told)
    if found.suitability.missing:
        why += f" (missing: {', '.join(found.suitability.missing)})"
    message = f"unsuitable: {why}"
    limit = found.suitability.band_name or "advice allowed"
    text = f"I do not propose this: {message}. Nobody was asked to approve it, and nothing was sent."
    if judged.product in INSTEAD and found.suitability.band is not None:
        text += f" What speaks for something else: {INSTEAD[judged.product]}."
    if reading == "advice" and found.rule == "suitability":
        text += " I judged this as advice, because your words ask for more than an order."
    return OwnOrder(Refusal(rule=found.rule, limit=limit, value=_name(judged), message=message), text)


def _too_much(judged: Judged) -> OwnOrder:
    """The limit, the share after the order and what would still fit: as slots in the text, as words in the refusal."""
    limit, share, fits = (judged.figures[name] for name in ("limit", "share", "fits"))
    why = "; ".join(reason.text for reason in judged.judgement.reasons) if judged.judgement else ""

    def say(most: str, after: str, still: str) -> str:
        return (
            f"{why}: after this order the position would be {after} of your account, and the most in one company is "
            f"{most}; the largest quantity that would still fit is {still}"
        )

    refusal = Refusal(
        rule="concentration", limit=limit.words, value=share.words, message=say(limit.words, share.words, fits.words)
    )
    text = f"I do not propose this: {say(limit.slot, share.slot, fits.slot)}. Nobody was asked to approve it, and "
    text += f"nothing was sent. What speaks for something else: {INSTEAD['single_stocks']}."
    return OwnOrder(refusal, text)


def _name(judged: Judged) -> str:
    return (judged.product or "this").replace("_", " ")
