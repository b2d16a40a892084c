"""Payments that stand out, put together into one alert an episode, so that who pays too fast is told once and grows.

An episode is what one sender does: it goes on while the next payment that stands out comes within `QUIET` seconds of
the last one, and for `LONGEST` at most. It keeps the id of its first payment. It is told when it begins, and told
again when it has twice the payments that it had when last told, when a sign fires that had not, and when its score is
a tenth higher than ever. A payment older than the last counts as at the same time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from desk.fraud.scorer import SIGNS, Score

QUIET, LONGEST = 900, 86_400
RECENT, SENDERS = 200, 65_536


class Payment(NamedTuple):
    """Something that moves value: seconds since 1970 on the market clock, an amount above 0."""

    id: str
    source: str
    target: str
    at: int
    amount: float


@dataclass(frozen=True)
class LiveAlert:
    """What a sender did that stands out: `count` payments from `since` to `at`, of `amount` together.

    `last` is the newest of them and `target` who got it; the highest score, and all signs of `desk.fraud.scorer`.
    """

    id: str
    source: str
    target: str
    at: int
    amount: float
    score: float
    signs: tuple[str, ...]
    since: int
    count: int
    last: str


class Episodes:
    """Those of the newest senders. Not thread-safe: its owner serialises, but `recent` may be read at any time."""

    def __init__(self, recent: int = RECENT, senders: int = SENDERS) -> None:
        self._most, self._senders = recent, senders
        self._recent: dict[str, LiveAlert] = {}
        self._open: OrderedDict[str, tuple[LiveAlert, LiveAlert]] = OrderedDict()

    def recent(self) -> list[LiveAlert]:
        """The newest 200 alerts, the one that grew last first."""
        return list(self._recent.values())[::-1]

    def take(self, payment: Payment, found: Score) -> LiveAlert | None:
        """Takes a payment that stands out into its episode; the alert as it is now when it is to be told, else None."""
        was = self._open.get(payment.source)
        if was is None or payment.at - was[0].at > QUIET or payment.at - was[0].since > LONGEST:
            now = told = _begin(payment, found)
        else:
            now, told = _grow(was[0], payment, found), was[1]
        tell = now is told or _says_more(told, now)
        self._open[payment.source] = now, now if tell else told
        self._open.move_to_end(payment.source)
        if len(self._open) > self._senders:
            self._open.popitem(last=False)
        self._recent.pop(now.id, None)
        self._recent[now.id] = now
        if len(self._recent) > self._most:
            del self._recent[next(iter(self._recent))]
        return now if tell else None


def _begin(payment: Payment, found: Score) -> LiveAlert:
    score = round(found.value, 4)
    return LiveAlert(**payment._asdict(), score=score, signs=found.signs, since=payment.at, count=1, last=payment.id)


def _grow(was: LiveAlert, payment: Payment, found: Score) -> LiveAlert:
    return replace(
        was,
        target=payment.target,
        at=max(was.at, payment.at),
        amount=was.amount + payment.amount,
        score=max(was.score, round(found.value, 4)),
        signs=_ordered((*was.signs, *found.signs)),
        count=was.count + 1,
        last=payment.id,
    )


def _ordered(signs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(signs), key=SIGNS.index))


def _says_more(told: LiveAlert, now: LiveAlert) -> bool:
    return now.count >= 2 * told.count or now.signs != told.signs or int(now.score * 10) > int(told.score * 10)
