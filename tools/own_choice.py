"""An order that a customer states themselves, judged: what it is proposed as, or why it is not."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from pydantic import Field

from desk.factory import Desk
from desk.facts import Fact
from desk.identity.roles import Role
from desk.instruments import AssetClass
from desk.money import minor_digits
from desk.orders import Order, Side
from desk.portfolio.own_choice import MOST_IN_ONE, OwnJudgement, StatedOrder, judge_stated, speak_against
from desk.portfolio.suitability import Product
from desk.risk.marks import Marks
from desk.trading.proposals import BASE, price_for
from tools.context import Arguments, Result, Tool, ToolContext
from tools.trading import held_units

PRODUCT_OF: dict[AssetClass, Product] = {
    AssetClass.CRYPTO: "crypto",
    AssetClass.FOREX: "currencies",
    AssetClass.COMMODITY: "commodities",
    AssetClass.STOCK: "single_stocks",
    AssetClass.BOND: "bonds",
    AssetClass.INDEX: "stock_funds",
}
SOURCE = "own choice rule"


class Figure(NamedTuple):
    """A fact's slot, and its value as words."""

    slot: str
    words: str


class JudgeOrder(Arguments):
    """The order as drafted; `asks_advice` when the person's words ask for a judgement or set their facts aside."""

    order: Order
    asks_advice: bool = False


class OwnCase(NamedTuple):
    """What was judged, and how."""

    stated: StatedOrder
    judgement: OwnJudgement


class Judged(Result):
    """The judgement; None when the order only closes what is held, which is always open.

    `against`: why the product would not be recommended to the person. `figures` by short name (`limit`, `share`,
    `fits`): of an order that would put too much into one company, empty otherwise.
    """

    product: Product | None = None
    judgement: OwnJudgement | None = None
    against: tuple[str, ...] = ()
    figures: dict[str, Figure] = Field(default_factory=dict)


def judge_order(desk: Desk, order: Order, asks_advice: bool = False) -> OwnCase | None:
    """The order judged by its customer's profile and by what the account holds now or is about to; None when it only
    closes that.

    An account that is no customer's has no profile, and so nothing known: refused.
    """
    held = held_units(desk, order.account, order.instrument)
    if closes(held, order):
        return None
    instrument = desk.feed.instruments.get(order.instrument)
    worth, marks = desk.trading.valuation.value(order.account), Marks(desk.feed, BASE)
    price = marks.price(instrument, price_for(desk.feed, order)).scaleb(-minor_digits(BASE))
    stated = StatedOrder(
        product="leverage" if held + order.quantity * order.side.sign < 0 else PRODUCT_OF[instrument.asset_class],
        quantity=order.quantity,
        held=held + _on_the_way(desk, order),
        lot=instrument.lot,
        unit=price,
        account=worth.amount * marks.rate(worth.currency),
        asks_advice=asks_advice,
    )
    return OwnCase(stated, judge_stated(_profile(desk, order.account), stated))


def _on_the_way(desk: Desk, order: Order) -> Decimal:
    """Units of the instrument that open orders of the account are still to buy."""
    trading = desk.trading
    found = [trading.status(id) for id in trading.open_ids((order.account,), order.instrument)]
    return sum((s.order.quantity - s.filled for s in found if s.order.side is Side.BUY), Decimal(0))


def _profile(desk: Desk, account: str) -> dict[str, object]:
    owners = (one.name for one, _ in desk.people.all() if one.role is Role.CUSTOMER and account in one.accounts)
    name = next(owners, "")
    return desk.people.profile(name) if name else {}


def closes(held: Decimal, order: Order) -> bool:
    """Whether the order only makes a position smaller."""
    after = held + order.quantity * order.side.sign
    return held * after >= 0 and abs(after) < abs(held)


def _judge(context: ToolContext, arguments: JudgeOrder) -> Judged:
    case = judge_order(context.desk, arguments.order, arguments.asks_advice)
    if case is None:
        return Judged(text="it closes what is held")
    stated, judgement = case
    figures = _figures(context, stated, arguments.order) if judgement.rule == "concentration" else {}
    against = speak_against(judgement.suitability, stated.product)
    return Judged(
        text=f"verdict: {judgement.verdict}",
        product=stated.product,
        judgement=judgement,
        against=tuple(reason.text for reason in against),
        figures=figures,
    )


def _figures(context: ToolContext, stated: StatedOrder, order: Order) -> dict[str, Figure]:
    as_of, hundred = context.market_time(), Decimal(100)
    share = (stated.share_after * hundred).quantize(Decimal("0.01"))
    after = f"({stated.held:f} + {order.quantity:f} units) × offer ÷ account value"
    facts = {
        "limit": Fact("own_limit", "most in one company", MOST_IN_ONE * hundred, "%", as_of, SOURCE, "MOST_IN_ONE"),
        "share": Fact("own_share", "share after the order", share, "%", as_of, SOURCE, after),
        "fits": Fact("own_fits", "largest quantity that fits", stated.fits_still, "units", as_of, SOURCE, "whole lots"),
    }
    return {name: Figure(context.facts.add(fact), fact.text()) for name, fact in facts.items()}


judge_own_order = Tool(
    "judge_own_order",
    "Whether an order that a customer stated suits them, is their own choice, or is refused.",
    JudgeOrder,
    _judge,
)
