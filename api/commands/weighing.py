"""`tenor portfolio optimise | frontier | lots | learned`: weights under limits, tax lots, and a verdict."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from pydantic import ValidationError

from api.commands.seat import Seat
from api.holder import Outcome
from api.lots_view import LotsView, lots_view
from api.policies_view import learned_text, say_balancing, view_policies
from api.weighing import FrontierView, WeighForm, WeighView, draw_frontier, weigh
from desk.backtest.verdict import read_balanced
from desk.errors import InputError
from desk.factory import Desk
from desk.identity.roles import Action, Person, check_may, check_owns
from desk.instruments import AssetClass
from desk.money import parse_decimal

LEARNED = "learned"


async def portfolio(seat: Seat) -> Outcome:
    """One optimisation, the frontier, an account's tax lots, or the verdict on what was learned."""
    person = seat.person()
    if seat.args.verb == "lots":
        return await _lots(seat, person)
    check_may(person, Action.READ_MARKET)
    if seat.args.verb == LEARNED:
        verdict = await asyncio.to_thread(view_policies)
        return Outcome(0, verdict.model_dump(mode="json"), learned_text(verdict))
    if seat.args.account:
        check_owns(person, seat.args.account)
    form, desk = _form(seat), seat.runtime.desk
    if seat.args.verb == "frontier":
        line = await asyncio.to_thread(draw_frontier, desk, form, seat.args.points)
        return Outcome(0, line.model_dump(), _line_text(line))
    found = await asyncio.to_thread(weigh, desk, form)
    return Outcome(0, found.model_dump(), _text(found))


async def _lots(seat: Seat, person: Person) -> Outcome:
    args = seat.args
    check_may(person, Action.READ_ACCOUNT)
    least = parse_decimal(args.least, "--least")
    found = await asyncio.to_thread(lots_view, seat.runtime, person, args.account, args.method, args.country, least)
    return Outcome(0, found.model_dump(), _lots_text(found))


def named_instruments(desk: Desk, text: str) -> list[str]:
    """Ids as typed, separated by commas; `stocks` is every bundled stock whose history reaches the newest day."""
    if text.strip() != "stocks":
        return [name.strip() for name in text.split(",") if name.strip()]
    stocks = [
        i.id for i in desk.feed.instruments if i.asset_class is AssetClass.STOCK and i.tradable and not i.simulated
    ]
    last = {id: desk.feed.quote(id).at.date() for id in stocks}
    return [id for id in stocks if last[id] == max(last.values())]


def _form(seat: Seat) -> WeighForm:
    args = seat.args
    if getattr(args, "objective", "") == LEARNED:
        raise InputError(f"{say_balancing(read_balanced())} `tenor portfolio learned` shows the figures")
    try:
        return WeighForm.model_validate(
            {
                "objective": getattr(args, "objective", "minimum_variance").replace("-", "_"),
                "instruments": named_instruments(seat.runtime.desk, args.instruments),
                "account": args.account,
                "least_pct": args.least,
                "most_pct": args.most,
                "target_pct": getattr(args, "target", None),
                "sectors": args.sector,
                "excluded": [name for name in args.exclude.split(",") if name],
                "turnover_pct": args.turnover,
                "count": getattr(args, "count", None),
                "views": args.view,
                "risk_free_pct": args.risk_free,
                "days": args.days,
                "estimator": args.estimator,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).removesuffix("_pct")
        raise InputError(f"--{name} {first['input']!r}: {first['msg']}") from None


def _text(found: WeighView) -> str:
    lines = [
        f"{found.objective.replace('_', ' ')}: volatility {found.volatility_pct:.2f} %, expected return "
        f"{found.return_pct:.2f} % a year, CVaR {found.cvar_pct:.2f} % a day; {found.days} days to {found.last_day}",
        *(
            f"  {row.weight_pct:6.2f} %  {row.instrument:14} {row.name[:32]:32} {row.risk_pct:6.2f} % of the risk"
            for row in found.rows
            if row.weight_pct > 0
        ),
        *(f"  {note}" for note in found.notes),
    ]
    return "\n".join(lines)


def _line_text(line: FrontierView) -> str:
    rows = (f"  {p.return_pct:7.2f} %  {p.volatility_pct:7.2f} %  {len(p.weights)} holdings" for p in line.points)
    return "\n".join(("expected return, volatility a year:", *rows))


def _lots_text(found: LotsView) -> str:
    lines = [f"{found.account}, {found.method}, {found.label}", "open lots:"]
    lines += [
        f"  {lot.instrument:14} {lot.acquired or 'before the records':18} {lot.quantity:>10}  cost {lot.cost:>14}  "
        f"gain {lot.gain:>14}"
        for lot in found.lots
    ]
    lines += ["realised:"] if found.realised else []
    lines += [
        f"  {row.instrument:14} {row.sold}  {row.quantity:>10}  gain {row.gain:>14}  {row.term}"
        + (f", {row.disallowed} of it disallowed" if Decimal(row.disallowed) else "")
        for row in found.realised
    ]
    lines += ["losses that could be taken:"] if found.harvest else []
    lines += [
        f"  {row.instrument:14} lot {row.lot}: {row.loss}, {row.term}; {row.washed} would not count; "
        f"not to be bought before {row.not_before}"
        for row in found.harvest
    ]
    return "\n".join([*lines, *(f"{id}: {why}" for id, why in found.lacking.items())])
