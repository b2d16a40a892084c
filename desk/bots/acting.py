"""The one way from a bot's wish to the gate: sized, reserved under its mandate, submitted, kept with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from desk.bots.acts import ActBook, act_row
from desk.bots.bot import Bot
from desk.bots.mandate import Act
from desk.bots.mandate_book import MandateBook
from desk.bots.sizing import Change, size
from desk.errors import Conflict, DataError, Halted, OrderRefused
from desk.orders import Check, Chosen, Order, OrderType
from desk.risk.marks import Marks
from desk.trading.gateway import Gate

AGENT = "execution"
Ask = Callable[[Bot, Order, Check], bool]
"""Asks a person about an order outside the mandate; whether a proposal stands."""


class Intent(NamedTuple):
    """A wish for one instrument: the share of the bot's most, what it holds now, and why."""

    bot: Bot
    client_id: str
    instrument: str
    share: float
    held: Decimal
    why: str
    influence: Mapping[str, float]


class Acting:
    """See the module. Thread-safe as far as gate and books are."""

    def __init__(self, gate: Gate, acts: ActBook, mandates: MandateBook, ask: Ask = lambda _, __, ___: False) -> None:
        self._gate, self._acts, self._mandates, self._ask = gate, acts, mandates, ask

    def act(self, intent: Intent, marks: Marks) -> bool | None:
        """True when an order came to exist, False when something refused it, None when there is nothing to trade."""
        bot, instrument = intent.bot, marks.feed.instruments.get(intent.instrument)
        try:
            unit = marks.unit(intent.instrument)
        except DataError:
            return None
        change = size(intent.share, bot.settings.most, unit, intent.held, instrument)
        if change is None:
            return None
        order = Order(
            client_id=intent.client_id,
            account=bot.account,
            instrument=intent.instrument,
            side=change.side,
            quantity=change.quantity,
            type=OrderType.MARKET,
            chosen=Chosen.STRATEGY,
            by=bot.owner,
            agent=AGENT if bot.mandate else "",
        )
        act = _act(bot, order, change, marks)
        if bot.mandate:
            return self._under_mandate(bot, order, act, intent)
        if not self._acts.keep(act_row(act, "reserved", None, intent.why, dict(intent.influence))):
            return None
        return self._submit(order, self._note)

    def _under_mandate(self, bot: Bot, order: Order, act: Act, intent: Intent) -> bool | None:
        check = self._mandates.reserve(act, intent.why, dict(intent.influence))
        if check is None:
            return self._submit(order, lambda id, outcome, _, why: self._mandates.note(id, outcome, why))
        if check.rule != "dry_run" and self._ask(bot, order, check):
            self._acts.note(order.client_id, "asked", check.rule, check.message)
        return None

    def _submit(self, order: Order, note: Callable[[str, str, str, str], None]) -> bool | None:
        try:
            decision = self._gate.submit(order, route="broker")
        except Halted as refusal:
            note(order.client_id, "refused", refusal.rule, refusal.message)
            return None
        except (OrderRefused, Conflict) as refusal:
            rule = refusal.rule if isinstance(refusal, OrderRefused) else "client_id"
            note(order.client_id, "refused", rule, refusal.message)
            return False
        clamped = "; ".join(clamp.message for clamp in decision.clamps)
        note(order.client_id, "sent", "clamp" if clamped else "", clamped)
        return True

    def _note(self, id: str, outcome: str, rule: str, why: str) -> None:
        self._acts.note(id, outcome, rule, why)


def _act(bot: Bot, order: Order, change: Change, marks: Marks) -> Act:
    return Act(
        client_id=order.client_id,
        mandate=bot.mandate,
        bot=bot.id,
        strategy=bot.settings.strategy,
        account=order.account,
        instrument=order.instrument,
        side=order.side,
        quantity=order.quantity,
        notional=change.notional,
        reducing=change.reducing,
        at=marks.feed.now(),
    )
