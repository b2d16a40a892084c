"""Order bots: strategies from the registry, started, stopped and observed."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.deps import AccountReader, RuntimeDep, Trader
from desk.bots.acts import Done
from desk.bots.asking import proposal_id
from desk.bots.bot import Bot, BotState, Settings
from desk.bots.strategies import STRATEGIES, Strategy
from desk.errors import DataError, NotFound
from desk.factory import Desk
from desk.identity.roles import Person, Role
from desk.money import Money, parse_decimal
from desk.trading.proposals import BASE

router = APIRouter(prefix="/v1", tags=["bots"])


class StrategyView(BaseModel):
    """One strategy; `parameters` is the JSON Schema of what it takes."""

    name: str
    title: str
    about: str
    parameters: dict[str, JsonValue]


class Strategies(BaseModel):
    """The whole registry."""

    strategies: list[StrategyView]


class NewBot(BaseModel):
    """A bot to start. Amounts are whole or decimal USD as text or number; `mandate` lets an agent act under it."""

    model_config = ConfigDict(extra="forbid")

    account: str = Field(max_length=64)
    strategy: str = Field(max_length=64)
    parameters: dict[str, JsonValue] = {}
    universe: list[str] = Field(min_length=1, max_length=100)
    most: str | int | float
    max_loss: str | int | float
    bar_minutes: int = 1
    stale_s: int = 120
    mandate: str = Field(default="", max_length=32)


class ActView(BaseModel):
    """What a bot sent, would have sent, asked or was refused; `influence` is what each input added to its wish.

    `proposal` is the id under which a person was asked; null when nobody was.
    """

    client_id: str
    at: str
    instrument: str
    side: str
    quantity: float
    notional: float
    outcome: str
    rule: str
    reason: str
    why: str
    influence: dict[str, float]
    proposal: str | None


class HeldView(BaseModel):
    """Units of an instrument from the bot's own fills."""

    instrument: str
    quantity: float


class BotView(BaseModel):
    """One bot; `profit` is realised and unrealised since it exists, in USD, null without a price."""

    id: str
    account: str
    owner: str
    mandate: str
    strategy: str
    parameters: dict[str, JsonValue]
    universe: list[str]
    most: float
    max_loss: float
    bar_minutes: int
    stale_s: int
    state: BotState
    reason: str
    profit: float | None
    positions: list[HeldView]
    bars: int
    missed: int
    created_at: str
    updated_at: str


class Bots(BaseModel):
    """Newest first."""

    bots: list[BotView]


class BotDetail(BaseModel):
    """A bot and its newest acts."""

    bot: BotView
    acts: list[ActView]


@router.get("/strategies")
def list_strategies(_: AccountReader) -> Strategies:
    """What a bot may run, and which parameters each strategy takes."""
    return Strategies(strategies=[_strategy(strategy) for strategy in STRATEGIES.values()])


@router.get("/bots")
def list_bots(runtime: RuntimeDep, person: AccountReader) -> Bots:
    """The bots of the accounts one may see."""
    desk = runtime.desk
    return Bots(bots=[bot_view(desk, bot) for bot in desk.bots.bots.all() if may_see(person, bot.account)])


@router.post("/bots", status_code=201)
def start_bot(body: NewBot, runtime: RuntimeDep, person: Trader) -> BotView:
    """Starts a new bot on an account of one's own, or under a mandate for it."""
    return bot_view(runtime.desk, add_bot(runtime.desk, person, body))


@router.get("/bots/{id}")
def read_bot(id: str, runtime: RuntimeDep, person: AccountReader) -> BotDetail:
    """One bot and what it did."""
    bot = _seen(runtime.desk, person, id)
    acts = runtime.desk.bots.acts.newest(bot=id)
    return BotDetail(bot=bot_view(runtime.desk, bot), acts=[act_view(act) for act in acts])


@router.post("/bots/{id}/start")
def restart_bot(id: str, runtime: RuntimeDep, person: Trader) -> BotView:
    """Lets a stopped or halted bot run again."""
    _seen(runtime.desk, person, id)
    return bot_view(runtime.desk, runtime.desk.bots.start(person, id))


@router.post("/bots/{id}/stop")
def stop_bot(id: str, runtime: RuntimeDep, person: Trader) -> BotView:
    """Stops a bot and cancels its open orders; what it holds stays."""
    _seen(runtime.desk, person, id)
    return bot_view(runtime.desk, runtime.desk.bots.stop(person, id))


def add_bot(desk: Desk, person: Person, body: NewBot) -> Bot:
    """The bot of a form, running."""
    settings = Settings(
        strategy=body.strategy,
        parameters=body.parameters,
        universe=tuple(body.universe),
        most=minor(body.most, "most"),
        max_loss=minor(body.max_loss, "max_loss"),
        bar_minutes=body.bar_minutes,
        stale_s=body.stale_s,
    )
    return desk.bots.add(person, body.account, settings, body.mandate)


def bot_view(desk: Desk, bot: Bot) -> BotView:
    """A bot as it travels."""
    settings = bot.settings
    bars, missed = desk.bots.counts(bot.id)
    try:
        profit: float | None = major(desk.bots.profit(bot))
    except DataError:
        profit = None
    held = [HeldView(instrument=id, quantity=float(units)) for id, units in desk.bots.position(bot).items()]
    return BotView(
        id=bot.id,
        account=bot.account,
        owner=bot.owner,
        mandate=bot.mandate,
        strategy=settings.strategy,
        parameters=bot.parameters.model_dump(),
        universe=list(settings.universe),
        most=major(settings.most),
        max_loss=major(settings.max_loss),
        bar_minutes=settings.bar_minutes,
        stale_s=settings.stale_s,
        state=bot.state,
        reason=bot.reason,
        profit=profit,
        positions=held,
        bars=bars,
        missed=missed,
        created_at=bot.created_at,
        updated_at=bot.updated_at,
    )


def act_view(act: Done) -> ActView:
    """An act as it travels."""
    asked = proposal_id(act.bot, act.instrument, act.side, act.at[:10]) if act.outcome == "asked" else None
    plain = {**act._asdict(), "quantity": float(act.quantity), "notional": major(act.notional), "proposal": asked}
    return ActView.model_validate(plain)


def minor(amount: str | int | float, name: str) -> int:
    """Minor units of USD; InputError for what is no amount."""
    return Money.of(parse_decimal(str(amount), name), BASE).minor


def major(amount: int) -> float:
    """USD as a JSON number."""
    return float(Money(amount, BASE).amount)


def may_see(person: Person, account: str) -> bool:
    """Own accounts; compliance sees all."""
    return person.role is Role.COMPLIANCE or account in person.accounts


def _seen(desk: Desk, person: Person, id: str) -> Bot:
    bot = desk.bots.bots.get(id)
    if not may_see(person, bot.account):
        raise NotFound(f"bot {id!r} does not exist")
    return bot


def _strategy(strategy: Strategy) -> StrategyView:
    schema = strategy.parameters.model_json_schema()
    return StrategyView(name=strategy.name, title=strategy.title, about=strategy.about, parameters=schema)
