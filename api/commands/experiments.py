"""`tenor experiments list | run | regimes | sweep | promote | watch`."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import asdict
from pathlib import Path

from api.commands.seat import Seat
from api.holder import Outcome
from api.research_views import LeaderboardView, RegimesView
from api.standing_board import find_closes, lead_board, tell_regimes
from desk.errors import InputError
from desk.experiments.arms import ARMS, find_arm
from desk.experiments.closes import Closes
from desk.experiments.hands import run_sweep
from desk.experiments.standings import Standings
from desk.experiments.sweep import Plan, closes_of_years, make_plan, open_plan
from desk.identity.roles import Action, check_may
from tools.experiments import open_models

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


async def experiments(seat: Seat) -> Outcome:
    """Lists, compares, sweeps, promotes or watches; reading may everybody, the rest who may run evaluations."""
    verbs = {"list": _list, "run": _run, "regimes": _regimes, "sweep": _sweep, "promote": _promote, "watch": _watch}
    if seat.args.verb in ("list", "run", "regimes"):
        check_may(seat.person(), Action.READ_MARKET)
    else:
        check_may(seat.named(), Action.RUN_EVALS)
    return await asyncio.to_thread(verbs[seat.args.verb], seat)


def _list(seat: Seat) -> Outcome:
    sweeps: list[dict[str, object]] = []
    for path in sorted(_folder(seat, "sweeps").glob("*/plan.json")):
        plan = open_plan(path.parent)
        sweeps.append(
            {"id": path.parent.name, "backtests": len(plan.jobs), "parts": plan.parts, "left": len(plan.missing())}
        )
    champions: dict[str, dict[str, object]] = {}
    for record in _standings(seat).history():
        champions.setdefault(str(record["instrument"]), record)
    arms = [{"name": arm.name, "title": arm.title, "learned": arm.learned} for arm in ARMS.values()]
    runs = [path.stem for path in sorted(_folder(seat, "runs").glob("*.json"))]
    lines = [f"{arm['name']:16} {arm['title']}" for arm in arms]
    lines += [f"sweep {each['id']}: {each['left']} of {each['parts']} parts left" for each in sweeps]
    lines += [f"{where}: {told['champion']} ({told['why']})" for where, told in champions.items()]
    body: dict[str, object] = {"arms": arms, "sweeps": sweeps, "champions": list(champions.values()), "runs": runs}
    return Outcome(0, body, "\n".join(lines))


def _run(seat: Seat) -> Outcome:
    args = seat.args
    body = lead_board(
        seat.runtime.desk, args.instrument, args.years, args.arm, lambda arm: seat.say(f"\r{arm:40}", False)
    )
    return Outcome(0, body, _text(LeaderboardView.model_validate(body)))


def _text(board: LeaderboardView) -> str:
    lines = [
        f"{d.arm:16} {d.estimate:+.2f} ({d.low:+.2f} to {d.high:+.2f})  luck {d.luck:.2f}" for d in board.differences
    ]
    lines += [f"{each.arm:16} failed {each.where}: {each.why}" for each in board.failed]
    told = f"{board.verdict}; {board.trials} trials, probability of overfitting {board.overfitting:.2f}"
    return "\n".join([*lines, told])


def _regimes(seat: Seat) -> Outcome:
    body = tell_regimes(seat.runtime.desk, seat.args.instrument, seat.args.years)
    found = RegimesView.model_validate(body)
    lines = [f"{each.name:26} {each.days:6} days" for each in found.states]
    lines += [f"followed {each.arm}: {each.start} to {each.end}" for each in found.followed]
    told = (
        f"{found.instrument}, {found.start} to {found.end}: now {found.now}; the regime arm follows {found.now_holds}"
    )
    return Outcome(0, body, "\n".join([told, *lines]))


def _sweep(seat: Seat) -> Outcome:
    plan = _plan(seat)

    def show(done: int, of: int) -> None:
        seat.say(f"\r{plan.folder.name}: {done} of {of} parts", done == of)

    rows = run_sweep(plan, seat.runtime.desk.settings.redis_url, seat.args.workers, show)
    beats = sum(bool(row.get("beats")) for row in rows)
    failed = sum("failed" in row for row in rows)
    text = f"{plan.folder.name}: {len(rows)} backtests, {failed} failed, {beats} beat the baseline after all trials"
    body: dict[str, object] = {"id": plan.folder.name, "data": plan.data, "backtests": len(rows), "failed": failed}
    return Outcome(0, {**body, "beat": beats, "rows": rows}, text)


def _plan(seat: Seat) -> Plan:
    args, name = seat.args, seat.args.id or f"sweep-{secrets.token_hex(3)}"
    if not NAME.fullmatch(name):
        raise InputError(f"--id {name!r} is not small letters, digits and hyphens")
    folder = _folder(seat, "sweeps") / name
    if (folder / "plan.json").exists():
        return open_plan(folder)
    years = args.years or [10]
    closes = [_closes(seat, each, max(years)) for each in args.instrument or ["XNAS:AAPL"]]
    windows = sorted({min(closes_of_years(each, year), each.window) for each in closes for year in years})
    arms = args.arm or [name for name in ARMS if name != "sentiment"]
    return make_plan(folder, closes, arms, windows, args.costs or [1.0])


def _promote(seat: Seat) -> Outcome:
    closes = _closes(seat, seat.args.instrument, seat.args.years)
    now = _standings(seat).promote(closes, find_arm(seat.args.arm).name, seat.named().name)
    return Outcome(0, {"instrument": closes.instrument.id, **asdict(now)}, f"{now.champion}: {now.why}")


def _watch(seat: Seat) -> Outcome:
    closes = _closes(seat, seat.args.instrument, seat.args.years)
    found = _standings(seat).watch(closes, seat.named().name)
    body = {
        "instrument": closes.instrument.id,
        **asdict(found.standing),
        "changes": [asdict(each) for each in found.changes],
        "failed": found.failed,
    }
    return Outcome(0, body, f"{found.standing.champion}: {found.standing.why}; {len(found.changes)} changes")


def _closes(seat: Seat, instrument: str, years: int) -> Closes:
    return find_closes(seat.runtime.desk, instrument, years)


def _standings(seat: Seat) -> Standings:
    return Standings(seat.runtime.desk.services, open_models(seat.runtime.desk))


def _folder(seat: Seat, what: str) -> Path:
    return seat.runtime.desk.folder / "experiments" / what
