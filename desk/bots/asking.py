"""Outside its mandate an agent asks: the order it would send becomes a proposal to its owner."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal

import structlog

from desk.bots.acting import AGENT, Ask
from desk.bots.bot import Bot
from desk.errors import TenorError
from desk.identity.people import People
from desk.identity.roles import Thresholds
from desk.market.feed import MarketFeed
from desk.money import minor_digits
from desk.orders import Check, Chosen, Order
from desk.trading.approvals import Approvals
from desk.trading.desk_book import TradingDesk
from desk.trading.proposals import build_evidence, order_needs

SILENT = frozenset({"mandate_state", "mandate_expiry", "mandate_hours"})
"""Rules after which nobody is asked: the mandate is over, or does not act at this time."""


def proposal_id(bot: str, instrument: str, side: str, day: str) -> str:
    """The one proposal that a bot may have for an instrument, side and market day ("2024-12-30")."""
    return f"ap-{hashlib.sha256(f'{bot} {instrument} {side} {day}'.encode()).hexdigest()[:20]}"


def build_ask(
    trading: TradingDesk, feed: MarketFeed, approvals: Approvals, people: People, thresholds: Thresholds
) -> Ask:
    """Asks once per bot, instrument, side and market day; a proposal that lapsed is not repeated that day."""

    def ask(bot: Bot, order: Order, check: Check) -> bool:
        if check.rule in SILENT:
            return False
        id = proposal_id(bot.id, order.instrument, order.side.value, feed.now().date().isoformat())
        wished = replace(order, client_id="draft", chosen=Chosen.AGENT, agent=AGENT)
        try:
            owner = people.get(bot.owner)
            estimate = trading.gate.check(wished).estimate
            notional = Decimal(0 if estimate is None else estimate.notional)
            base = trading.gate.rules.limits.base
            needs = order_needs(people, owner, order.account, notional.scaleb(-minor_digits(base)), thresholds)
            why = f"bot {bot.id} would act, but {check.message}"
            approvals.propose(
                thread=id,
                asker=owner,
                agent=AGENT,
                orders=[wished],
                evidence={**build_evidence(trading, feed, [wished], why), "bot": bot.id},
                needs=needs,
                customer_account=trading.is_customer_account(order.account),
                id=id,
            )
        except TenorError as error:  # another size was asked about today, or it cannot be valued
            structlog.get_logger("bots").info("nobody was asked", bot=bot.id, why=error.message)
            return False
        return True

    return ask
