"""Robo-Advisor: suitability first, then a plan with its cost and its downside in money, and why not more.

Unsuitable or unknown means it teaches and asks; it never recommends then.
"""

from __future__ import annotations

from agents.advising import find_sought, refuse_all_in, refuse_for_other
from agents.agent import Agent, Turn
from agents.answers import AgentAnswer, Card, Refusal
from agents.goal import GoalWish, read_goal
from desk.errors import InputError
from desk.portfolio.suitability import BANDS, INSTEAD, Suitability
from tools.advice import CheckSuitability, PlanGoal, Planned, Suited, check_suitability, plan_goal

_BASICS = (
    "What can be said to anybody: more stocks mean a higher return in the long run and larger falls on the way; money "
    "that is needed soon belongs in cash; spreading over many companies costs nothing and removes the risk of any "
    "single one; low costs are the one return that is certain."
)


class AdviceAnswer(AgentAnswer):
    """The verdict and the risk band it rests on."""

    verdict: str = ""
    band: str = ""
    missing: tuple[str, ...] = ()
    reading: str = ""


def plan(turn: Turn) -> AgentAnswer:
    """Judges suitability; then plans a retirement, or states the mix that fits."""
    wish = read_goal(turn.request.question, turn.request.instruments)
    sought = find_sought(turn.request.question, turn.request.instruments, turn.history)
    if sought is not None and sought.other:
        return refuse_for_other()
    asked = sought.products if sought is not None else wish.products
    suited = turn.call(check_suitability, CheckSuitability(asked=asked, age=wish.age, retire_at=wish.retire_at))
    found = suited.suitability
    if sought is not None and sought.all_in and asked and found.verdict == "advise":
        return refuse_all_in(asked)
    if found.verdict == "refuse":
        return _refuse(found)
    if found.verdict == "educate":
        return _educate(found)
    if not wish.about_retirement:
        return _mix(found)
    return _retire(turn, wish, suited)


def _refuse(found: Suitability) -> AgentAnswer:
    reasons = "; ".join(reason.text for reason in found.reasons)
    instead = [INSTEAD[product] for product in found.unsuitable if product in INSTEAD]
    asked = ", ".join(product.replace("_", " ") for product in found.unsuitable)
    text = f"I do not recommend {asked} to you" if asked else "I may not advise you"
    text += f": {reasons}."
    if instead and found.band is not None:
        text += f" What speaks for something else: {'; '.join(instead)}."
        text += f" What fits you is the band “{found.band_name}”: {_products(found)}."
    message = f"unsuitable: {reasons}"
    rule = "suitability" if found.band is not None else found.reasons[0].rule
    refusal = Refusal(
        rule=rule, limit=found.band_name or "advice allowed", value=asked or "not allowed", message=message
    )
    return AdviceAnswer(text=text, refusal=refusal, verdict="refuse", band=found.band_name, ends=True)


def _educate(found: Suitability) -> AgentAnswer:
    asks = "\n".join(f"- {name}" for name in found.missing)
    text = (
        "I do not recommend anything yet, because I may not guess what I do not know about you. Please tell me, or "
        f"have it put on file:\n\n{asks}\n\n{_BASICS}"
    )
    return AdviceAnswer(text=text, abstained=True, verdict="educate", missing=found.missing, ends=True)


def _products(found: Suitability) -> str:
    return ", ".join(product.replace("_", " ") for product in found.allowed)


def _reasons(found: Suitability) -> str:
    return "; ".join(reason.text for reason in found.reasons)


def _why_not(found: Suitability) -> str:
    if found.band is None:
        return ""
    lines = []
    if found.band + 1 < len(BANDS):
        holds = [reason.rule for reason in found.reasons if reason.band == found.band]
        lines.append(f"Why not “{BANDS[found.band + 1]}”: your {' and '.join(holds)} would not allow it.")
    lines.append(
        "Why not only cash: it loses to inflation over a long horizon."
        if found.band > 0
        else "Why nothing bolder: the money is needed too soon."
    )
    return " ".join(lines)


def _mix(found: Suitability) -> AgentAnswer:
    text = (
        f"**Suitable for you: “{found.band_name}”.** The lowest of these decides: {_reasons(found)}. "
        f"Products that fit: {_products(found)}.\n\n{_why_not(found)}\n\n"
        "For a plan with a chance of success, tell me the age at which you would like to retire and the income a month "
        "that you would like then."
    )
    return AdviceAnswer(text=text, verdict="advise", band=found.band_name)


def _retire(turn: Turn, wish: GoalWish, suited: Suited) -> AgentAnswer:
    found = suited.suitability
    known_age = suited.known.get("age")
    age = wish.age or (known_age if isinstance(known_age, int) else None)
    retire_at = wish.retire_at or (age + wish.in_years if age and wish.in_years else None)
    income = wish.monthly if wish.reading in {"income", "assumed_income"} else None
    if retire_at is None or (income is None and wish.saving is None):
        lacking = ["the age at which you would like to retire"] if retire_at is None else []
        lacking += ["the income a month that you would like then"] if income is None and wish.saving is None else []
        return _ask(found, tuple(lacking))
    if found.band is None:
        return _educate(found)
    try:
        planned = turn.call(
            plan_goal,
            PlanGoal(
                retire_at=retire_at,
                band=found.band,
                age=wish.age,
                income=income,
                saving=wish.saving,
                wealth=wish.wealth,
                other_saving=wish.monthly if wish.reading == "assumed_income" else None,
            ),
        )
    except InputError as error:
        return AdviceAnswer(
            text=f"I cannot plan this: {error.message}.", quoted=(error.message,), abstained=True, verdict="educate"
        )
    return _ask(found, planned.missing) if planned.missing else _planned(wish, found, planned, income)


def _ask(found: Suitability, missing: tuple[str, ...]) -> AgentAnswer:
    asks = "\n".join(f"- {name}" for name in missing)
    text = (
        f"The band “{found.band_name}” fits you, but for a plan I would have to guess, so I ask:\n\n{asks}\n\n"
        "All amounts are meant in today's money."
    )
    return AdviceAnswer(text=text, abstained=True, verdict="educate", band=found.band_name, missing=missing)


def _planned(wish: GoalWish, found: Suitability, planned: Planned, income: float | None) -> AgentAnswer:
    slot = planned.slots
    text = "\n\n".join(
        (
            _headline(wish, planned, income),
            f"**Suitable for you: “{found.band_name}”** ({slot['stocks']} stocks, {slot['bonds']} bonds, "
            f"{slot['cash']} cash until retirement, one band lower after it). "
            f"{_reasons(found).capitalize()}. {_why_not(found)}",
            _numbers(planned, income),
            _assumptions(slot),
        )
    )
    card = Card(kind="plan", title="Wealth by age, in today's money", body=planned.body)
    return AdviceAnswer(text=text, cards=(card,), verdict="advise", band=found.band_name, reading=wish.reading)


def _headline(wish: GoalWish, planned: Planned, income: float | None) -> str:
    slot = planned.slots
    basis = f"You are {slot['age']} old, have {slot['wealth']} and save {slot['saving']} a month."
    if income is None:
        return (
            f"{basis} Saving that until {slot['retire_at']} would support about **{slot['affordable']} a month** up to "
            f"age {slot['last_age']}, with a chance of {slot['wanted']}."
        )
    verdict = "**Yes, probably**" if planned.reached else "**Not safely as things stand**"
    text = (
        f"{verdict}: {basis} Retiring at {slot['retire_at']} with {slot['income']} a month to spend succeeds on "
        f"**{slot['chance']}** of {slot['paths']} simulated paths; success means that the money lasts to age "
        f"{slot['last_age']}."
    )
    if wish.reading == "assumed_income":
        text += (
            f" I read {slot['income']} a month as the income you want in retirement, in today's money. If you meant "
            f"what you save a month: that would support an income of {slot['other']} a month from {slot['retire_at']} "
            f"on, with a chance of {slot['wanted']}."
        )
    return text


def _numbers(planned: Planned, income: float | None) -> str:
    slot = planned.slots
    lines = []
    if income is not None:
        lines += [
            f"- Needed saving for a chance of {slot['wanted']}: {slot['needed']} a month",
            f"- What your present saving supports with that chance: {slot['affordable']} a month",
        ]
    ends = (
        f"; on one path in twenty the money ends by age {slot['worst_until']}"
        if planned.runs_out and income is not None
        else ""
    )
    lines += [
        f"- Wealth at retirement: {slot['middle']} on the middle path",
        f"- Downside: on one path in twenty it is at most {slot['worst']}{ends}; a one-in-twenty year just before "
        f"retirement would cost {slot['worst_year']}",
        f"- Cost: products at {slot['cost_rate']} a year take about {slot['cost']} of the middle path by then",
    ]
    return "\n".join(lines)


def _assumptions(slot: dict[str, str]) -> str:
    return (
        f"Assumed: a real return of {slot['return']} a year before costs with a volatility of {slot['volatility']}, "
        f"half from bundled history and half from cautious long-run views; inflation of {slot['inflation']}. "
        "Not counted: taxes, a state pension, and other income. This desk quotes no funds, so the plan names "
        "kinds of assets and proposes no order."
    )


def build() -> Agent:
    """The agent."""
    return Agent(
        name="robo_advisor",
        title="Robo-advisor",
        purpose="a suitable plan with its chance, cost and downside, or what must be known first",
        tools=(check_suitability, plan_goal),
        answer=AdviceAnswer,
        plan=plan,
    )
