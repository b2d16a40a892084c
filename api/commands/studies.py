"""`tenor fraud scan`."""

from __future__ import annotations

import asyncio

from api.commands.seat import Seat
from api.holder import Outcome
from desk.fraud.alerts import Alert
from desk.fraud.amlsim import TransferFile, read_transfers
from desk.fraud.patterns import scan
from desk.identity.roles import Action, check_may


async def fraud(seat: Seat) -> Outcome:
    """Scans FILE: every alert over a file of transfers, the highest score first."""
    check_may(seat.person(), Action.ASK)
    path = seat.path(seat.args.file)

    def run() -> tuple[TransferFile, list[Alert]]:
        file = read_transfers(path)
        with seat.runtime.desk.graphs.visit(file.columns) as graph:
            return file, scan(graph)

    file, found = await asyncio.to_thread(run)
    rows = [
        {
            "id": alert.id,
            "typology": alert.typology,
            "accounts": list(alert.accounts),
            "amount": float(alert.amount),
            "start": file.show_time(alert.start),
            "end": file.show_time(alert.end),
            "rules": [rule.id for rule in alert.rules],
            "score": alert.score,
        }
        for alert in found
    ]
    lines = [
        f"{r['id']}  {r['typology']:14} {r['score']:.2f} {r['amount']:>14,.2f}  {' '.join(a.accounts)}"
        for r, a in zip(rows, found, strict=True)
    ]
    return Outcome(0, {"alerts": rows}, "\n".join(lines) or "no alert")
