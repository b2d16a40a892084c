"""Every act of a bot: what it sent, would have sent or was refused, with its reason and what moved it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Row, insert, select, update

from desk.bots.mandate import Act
from desk.clock import to_iso
from desk.orders import Check
from desk.store.engine import Store
from desk.store.trading_tables import bot_acts


class Done(NamedTuple):
    """One act of a bot as kept: what it sent or would have sent, and why."""

    client_id: str
    bot: str
    at: str
    instrument: str
    side: str
    quantity: str
    notional: int
    outcome: str
    rule: str
    reason: str
    why: str
    influence: Mapping[str, float]


class ActBook:
    """The acts of a store. Those under a mandate are written by `MandateBook.reserve`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, row: Mapping[str, str | int]) -> bool:
        """Keeps an act of a bot without a mandate; False when its client id is known."""
        with self._store.begin() as connection:
            known = select(bot_acts.c.client_id).where(bot_acts.c.client_id == row["client_id"])
            if connection.execute(known).one_or_none() is not None:
                return False
            connection.execute(insert(bot_acts).values(**row))
        return True

    def note(self, client_id: str, outcome: str, rule: str, reason: str) -> None:
        """What became of an act."""
        with self._store.begin() as connection:
            values = {"outcome": outcome, "rule": rule, "reason": reason}
            connection.execute(update(bot_acts).where(bot_acts.c.client_id == client_id).values(**values))

    def reserved(self) -> list[str]:
        """Client ids of acts that were about to be sent when something stopped."""
        with self._store.read() as connection:
            return list(
                connection.execute(select(bot_acts.c.client_id).where(bot_acts.c.outcome == "reserved")).scalars()
            )

    def settle(self, client_id: str, sent: bool) -> None:
        """Ends an act that was left reserved; one that was not sent frees what it had used."""
        values = (
            {"outcome": "sent"} if sent else {"outcome": "refused", "opening": 0, "reason": "the desk stopped first"}
        )
        with self._store.begin() as connection:
            connection.execute(update(bot_acts).where(bot_acts.c.client_id == client_id).values(**values))

    def newest(self, *, bot: str = "", mandate: str = "", most: int = 200) -> list[Done]:
        """What it did or would have done, newest first."""
        query = select(bot_acts).order_by(bot_acts.c.at.desc(), bot_acts.c.client_id.desc()).limit(most)
        if bot:
            query = query.where(bot_acts.c.bot == bot)
        if mandate:
            query = query.where(bot_acts.c.mandate == mandate)
        with self._store.read() as connection:
            return [_done(row) for row in connection.execute(query)]


def act_row(act: Act, outcome: str, check: Check | None, why: str, influence: dict[str, float]) -> dict[str, str | int]:
    """An act as the table keeps it."""
    opening = act.notional if outcome == "reserved" and not act.reducing else 0
    return {
        "client_id": act.client_id,
        "bot": act.bot,
        "mandate": act.mandate,
        "at": to_iso(act.at),
        "day": act.at.date().isoformat(),
        "account": act.account,
        "instrument": act.instrument,
        "side": act.side.value,
        "quantity": format(act.quantity, "f"),
        "notional": act.notional,
        "opening": opening,
        "outcome": outcome,
        "rule": "" if check is None else check.rule,
        "reason": "" if check is None else check.message,
        "why": why,
        "influence": json.dumps({source: round(share, 4) for source, share in influence.items()}, sort_keys=True),
    }


def _done(row: Row[tuple[str, ...]]) -> Done:
    kept = {name: row._mapping[name] for name in Done._fields if name != "influence"}
    return Done(**kept, influence=json.loads(row.influence))
