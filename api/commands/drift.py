"""`tenor fraud drift`: whether transfers still look like those that the learned score was taught on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from api.commands.seat import Seat
from api.drift_view import drift_view
from api.holder import Outcome
from desk.fraud.amlsim import parse_columns, read_transfers
from desk.fraud.drift import LEAST, SHIFTED, Comparison
from desk.fraud.gnn import Network, load_network
from desk.identity.roles import Action, check_may


async def show_drift(seat: Seat) -> Outcome:
    """FILE against the training record; without FILE the transfers that the desk knows at its market clock."""
    person = seat.person()
    if seat.args.file:
        check_may(person, Action.ASK)
        path, chosen = seat.path(seat.args.file), parse_columns(seat.args.columns)
        network = load_network()
        file = await asyncio.to_thread(read_transfers, path, chosen, datetime.now(UTC))
        return _told(network, await asyncio.to_thread(network.watch, file.columns))
    check_may(person, Action.READ_FRAUD)
    scored = await asyncio.to_thread(seat.runtime.desk.fraud.learned.now)
    return _told(scored.network, scored.drift)


def _told(network: Network, found: Comparison) -> Outcome:
    body = drift_view(network, found).model_dump()
    if not found.enough:
        return Outcome(0, body, f"too little data: {found.rows} accounts, at least {LEAST} are needed to say anything")
    names = sorted(found.psi, key=lambda name: -found.psi[name])
    lines = [f"{name:20} {found.psi[name]:7.3f}  {'shifted' if name in found.shifted else ''}" for name in names]
    said = f"{len(found.shifted)} of {len(names)} features shifted (index above {SHIFTED}), {found.rows:,} accounts"
    return Outcome(0, body, "\n".join([said, *(line.rstrip() for line in lines)]))
