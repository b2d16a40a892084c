"""Suitability of a person, and a retirement plan with its chance, cost and downside in money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import Field, JsonValue

from desk.errors import InputError
from desk.facts import Fact
from desk.identity.roles import check_owns
from desk.portfolio.assumptions import BONDS, COST, INFLATION, STOCKS, Mix, read_outlook
from desk.portfolio.plan import BAD, LAST_AGE, PATHS, WANTED_CHANCE, Goal, Plan, simulate
from desk.portfolio.suitability import Product, Suitability, judge_suitability
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext

SOURCE = "plan engine"
JUDGED = ("age", "horizon_years", "loss_capacity", "knowledge", "kyc")
"""What of a profile decides the suitability band, and with it the mix."""

HOW = f"Monte-Carlo, {PATHS} paths, today's money"


class CheckSuitability(Arguments):
    """Products that the person asked about, if any, and what they said about themselves in the question."""

    asked: tuple[Product, ...] = ()
    age: int | None = Field(default=None, description="Only when the person stated it.")
    retire_at: int | None = Field(default=None, description="Shortens the horizon to the years until then.")


class Suited(Result):
    """The verdict with its reasons; `known` holds the plain profile values it was made from."""

    suitability: Suitability
    known: dict[str, JsonValue]


class PlanGoal(Arguments):
    """Ages and money a month as the person stated them; what is None is read from the profile.

    `income` None asks what income the saving would support.
    """

    retire_at: int
    band: int = Field(ge=0, le=4, description="The suitability band that check_suitability returned.")
    age: int | None = None
    income: float | None = None
    saving: float | None = None
    wealth: float | None = None
    other_saving: float | None = Field(default=None, description="Another saving a month to say the income of.")


class Planned(Result):
    """The plan; `missing` names what must be asked first, and then nothing else is set.

    `slots` by short name; `body` is the card with the percentile paths.
    """

    missing: tuple[str, ...]
    slots: dict[str, str]
    body: dict[str, JsonValue]
    reached: bool = False
    runs_out: bool = False


def _check(context: ToolContext, arguments: CheckSuitability) -> Suited:
    profile = dict(context.desk.people.profile(context.person.name))
    if arguments.age is not None:
        profile["age"] = arguments.age
    age = _whole(profile.get("age"))
    if arguments.retire_at is not None and age is not None:
        filed = _whole(profile.get("horizon_years"))
        years = max(0, arguments.retire_at - age)
        profile["horizon_years"] = years if filed is None else min(filed, years)
    found = judge_suitability(profile, arguments.asked)
    known = {name: value for name, value in profile.items() if isinstance(value, str | int | float)}
    return Suited(text=f"verdict: {found.verdict}", suitability=found, known=dict(known))


def _plan(context: ToolContext, arguments: PlanGoal) -> Planned:
    profile = context.desk.people.profile(context.person.name)
    age = arguments.age or _whole(profile.get("age"))
    saving = arguments.saving if arguments.saving is not None else _amount(profile.get("monthly_saving"))
    wealth = arguments.wealth if arguments.wealth is not None else _account_value(context)
    found = {"your age": age, "what you save a month": saving, "what you have saved so far": wealth}
    missing = tuple(name for name, value in found.items() if value is None)
    if age is None or saving is None or wealth is None:
        return Planned(text="more must be known first", missing=missing, slots={}, body={})
    outlook = read_outlook(context.desk.feed)
    before, after = outlook.mix(arguments.band), outlook.mix(max(0, arguments.band - 1))
    goal = Goal(age, arguments.retire_at, wealth, saving, arguments.income or 0.0)
    plan = simulate(goal, before, after)
    register = _Facts(context, arguments)
    slots = {**_goal_slots(register, plan.goal), **_plan_slots(register, plan), **_assumed(register, before)}
    if arguments.other_saving is not None:
        other = simulate(replace(goal, saving=arguments.other_saving), before, after).affordable_income
        slots["other"] = register.add("other_income", "income a month under the other reading", other, "USD", HOW)
    return Planned(
        text="plan simulated",
        missing=(),
        slots=slots,
        body=_body(plan, before, after),
        reached=plan.chance >= WANTED_CHANCE,
        runs_out=plan.worst_until is not None,
    )


def _account_value(context: ToolContext) -> float | None:
    accounts = context.person.accounts
    if not accounts:
        return None
    check_owns(context.person, accounts[0])
    return float(context.desk.trading.valuation.value(accounts[0]).amount)


_AGES, _MEANS, _MIX = ("age", "retire_at"), ("saving", "wealth"), ("return", "volatility", "cost_rate")
_BEHIND: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("chance", "worst_until"), (*_AGES, *_MEANS, "income", *_MIX)),
    "needed_saving": (*_AGES, "wealth", "income", *_MIX),
    "affordable_income": (*_AGES, *_MEANS, *_MIX),
    "other_income": (*_AGES, "wealth", *_MIX),
    **dict.fromkeys(("middle", "worst", "worst_year", "cost"), (*_AGES, *_MEANS, *_MIX)),
    "cash": ("stocks", "bonds"),
    **dict.fromkeys(("return", "volatility"), ("stocks", "bonds")),
}
"""By figure, those it is computed from."""


@dataclass(frozen=True)
class _Facts:
    """Registers the plan's figures with what each was made of."""

    context: ToolContext
    asked: PlanGoal

    def add(self, name: str, label: str, value: float, unit: str, how: str) -> str:
        """The figure's slot; money from a hundred on is whole."""
        exact = Decimal(str(round(value, 2)))
        if unit == "USD":
            exact = exact.quantize(Decimal(1)) if abs(exact) >= 100 else exact.quantize(Decimal("0.01"))
        money, now = "USD" if unit == "USD" else None, self.context.market_time()
        inputs = tuple(f"plan_{each}" for each in _BEHIND.get(name, ()))
        return self.context.facts.add(
            Fact(f"plan_{name}", label, exact, unit, now, SOURCE, how, money, inputs, self._reads(name))
        )

    def _reads(self, name: str) -> tuple[str, ...]:
        person, asked = self.context.person, self.asked
        if name in {"stocks", "bonds"}:
            return tuple(reads.profile(person.name, field) for field in JUDGED)
        if name == "wealth" and asked.wealth is None:
            return (*reads.holdings(self.context.desk, person.accounts[0]), reads.cash(person.accounts[0]))
        if (name == "age" and asked.age is None) or (name == "saving" and asked.saving is None):
            return (reads.profile(person.name, "age" if name == "age" else "monthly_saving"),)
        if name in {"age", "saving", "wealth", "retire_at", "income"}:
            return reads.SAID
        if name in {"wanted", "last_age", "paths", "inflation", "cost_rate"}:
            return (reads.of_desk(f"desk.portfolio {name}"),)
        history = (reads.closes(STOCKS), reads.closes(BONDS))
        return () if name == "cash" else (*history, *(reads.SAID if name == "other_income" else ()))


def _goal_slots(register: _Facts, goal: Goal) -> dict[str, str]:
    said, filed = "your request", "your profile or request"
    return {
        "age": register.add("age", "your age", goal.age, "years", filed),
        "retire_at": register.add("retire_at", "age at retirement", goal.retire_at, "", said),
        "saving": register.add("saving", "saved a month", goal.saving, "USD", filed),
        "wealth": register.add("wealth", "saved so far", goal.wealth, "USD", "account value or your request"),
        "income": register.add("income", "wanted a month", goal.income, "USD", said),
    }


def _plan_slots(register: _Facts, plan: Plan) -> dict[str, str]:
    percentile = f"{HOW}, worst {BAD:.0%}"

    def fact(name: str, label: str, value: float, unit: str, locator: str = HOW) -> str:
        return register.add(name, label, value, unit, locator)

    slots = {
        "chance": fact("chance", f"chance that the money lasts to age {LAST_AGE}", plan.chance * 100, "%"),
        "needed": fact(
            "needed_saving", f"saving a month for a chance of {WANTED_CHANCE:.0%}", plan.needed_saving, "USD"
        ),
        "affordable": fact(
            "affordable_income", f"income a month with a chance of {WANTED_CHANCE:.0%}", plan.affordable_income, "USD"
        ),
        "middle": fact("middle", "wealth at retirement, middle path", plan.middle, "USD"),
        "worst": fact("worst", "wealth at retirement, one path in twenty is worse", plan.worst, "USD", percentile),
        "worst_year": fact("worst_year", "loss in a one-in-twenty year near retirement", plan.worst_year, "USD"),
        "cost": fact("cost", "what costs take of the middle wealth at retirement", plan.cost, "USD"),
        "wanted": fact("wanted", "chance to aim for", WANTED_CHANCE * 100, "%", "planning rule"),
        "last_age": fact("last_age", "planned to age", LAST_AGE, "", "planning rule"),
        "paths": fact("paths", "simulated paths", PATHS, "count", "planning rule"),
    }
    if plan.worst_until is not None:
        slots["worst_until"] = fact(
            "worst_until", "age at which the money ends on a one-in-twenty path", plan.worst_until, "", percentile
        )
    return slots


def _assumed(register: _Facts, mix: Mix) -> dict[str, str]:
    blend = "half bundled history, half cautious long-run assumptions"

    def fact(name: str, label: str, value: float, how: str) -> str:
        return register.add(name, label, value * 100, "%", how)

    return {
        "stocks": fact("stocks", "stocks in the mix", mix.stocks, "suitability band"),
        "bonds": fact("bonds", "bonds in the mix", mix.bonds, "suitability band"),
        "cash": fact("cash", "cash in the mix", max(0.0, 1 - mix.stocks - mix.bonds), "suitability band"),
        "return": fact("return", "assumed real return a year before costs", mix.mean, blend),
        "volatility": fact("volatility", "assumed volatility a year", mix.deviation, blend),
        "inflation": fact("inflation", "assumed inflation a year", INFLATION, "long-run US average, rounded up"),
        "cost_rate": fact("cost_rate", "assumed costs a year", COST, "planning rule"),
    }


def _body(plan: Plan, before: Mix, after: Mix) -> dict[str, JsonValue]:
    bands: dict[str, JsonValue] = {name: [round(value) for value in values] for name, values in plan.fan.bands.items()}
    return {
        "currency": "USD, today's money",
        "ages": list(plan.fan.ages),
        "paths": bands,
        "retire_at": plan.goal.retire_at,
        "chance_pct": round(plan.chance * 100, 1),
        "mix_before": {"stocks_pct": round(before.stocks * 100), "bonds_pct": round(before.bonds * 100)},
        "mix_after": {"stocks_pct": round(after.stocks * 100), "bonds_pct": round(after.bonds * 100)},
    }


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _amount(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise InputError(f"monthly saving {value!r} on file is not an amount of money; correct the profile")
    return float(value)


check_suitability = Tool(
    "check_suitability", "Which risk band and products fit the person, with reasons.", CheckSuitability, _check
)
plan_goal = Tool("plan_goal", "A retirement plan: chance, needed saving, downside in money, cost.", PlanGoal, _plan)
