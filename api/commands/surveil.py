"""`tenor fraud surveil`: market abuse in a file of orders, trades or bars."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from api.commands.seat import Seat
from api.holder import Outcome
from desk.clock import to_iso
from desk.fraud.abuse.intake import MarketFile, read_market
from desk.fraud.abuse.records import MarketAlert
from desk.fraud.amlsim import parse_columns
from desk.fraud.surveillance import Scene, surveil
from desk.identity.roles import Action, check_may


async def surveil_file(seat: Seat) -> Outcome:
    """Every alert over FILE, the highest score first, in the shape of `tenor fraud scan` with its evidence."""
    check_may(seat.person(), Action.ASK)
    path, chosen = seat.path(seat.args.file), parse_columns(seat.args.columns)

    def run() -> tuple[MarketFile, list[MarketAlert]]:
        file = read_market(path, chosen, datetime.now(UTC))
        return file, surveil(Scene(events=file.events, trades=file.trades, bars=file.bars))

    file, found = await asyncio.to_thread(run)
    rows = [
        {
            "id": alert.id,
            "typology": alert.kind,
            "instrument": alert.instrument,
            "accounts": list(alert.accounts),
            "amount": alert.amount,
            "start": as_time(alert.start),
            "end": as_time(alert.end),
            "rules": [rule.id for rule in alert.rules],
            "score": alert.score,
            "figures": dict(alert.figures),
            "evidence": [{**row._asdict(), "at": as_time(row.at)} for row in alert.evidence],
        }
        for alert in found
    ]
    lines = [
        f"{a.id}  {a.kind:17} {a.score:.2f} {a.amount:>14,.2f}  {a.instrument} {' '.join(a.accounts)}" for a in found
    ]
    return Outcome(0, {"alerts": rows, "read": {"held": file.held, **file.counts}}, "\n".join(lines) or "no alert")


def as_time(seconds: float) -> str:
    """ISO 8601 UTC."""
    return to_iso(datetime.fromtimestamp(seconds, UTC))
