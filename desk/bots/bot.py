"""A bot: one strategy over some instruments of one account, its own limits, and where it stands."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from pydantic import JsonValue
from sqlalchemy import Connection, Row, insert, select, update

from desk.bots.mandate_book import Record
from desk.bots.strategies import Parameters, get_strategy, read_parameters
from desk.clock import Clock, to_iso
from desk.errors import InputError, NotFound
from desk.store.engine import Store
from desk.store.trading_tables import bots

BotState = Literal["running", "stopped", "halted"]
MOST_INSTRUMENTS = 100


@dataclass(frozen=True)
class Settings:
    """What a bot does. Amounts are minor units of the desk's base currency.

    `most` is the notional it may hold of each instrument, `max_loss` what it may lose before it halts
    itself, `bar_minutes` the length of its bars, `stale_s` how old a price may be (wall seconds).
    """

    strategy: str
    parameters: Mapping[str, JsonValue]
    universe: tuple[str, ...]
    most: int
    max_loss: int
    bar_minutes: int = 1
    stale_s: int = 120


@dataclass(frozen=True)
class Bot:
    """One bot. `memory` is what it remembers of each instrument, as JSON values; `mandate` empty: its owner's own."""

    id: str
    account: str
    owner: str
    mandate: str
    settings: Settings
    state: BotState
    reason: str
    memory: Mapping[str, JsonValue]
    created_at: str
    updated_at: str

    @property
    def parameters(self) -> Parameters:
        """The strategy's parameters, validated."""
        return read_parameters(get_strategy(self.settings.strategy), self.settings.parameters)

    @property
    def prefix(self) -> str:
        """How the client ids of its orders begin."""
        return f"md-{self.mandate}-{self.id}-" if self.mandate else f"bt-{self.id}-"


class BotBook:
    """All bots of a store."""

    def __init__(self, store: Store, wall: Clock, record: Record) -> None:
        self._store, self._wall, self._record = store, wall, record

    def add(self, account: str, owner: str, settings: Settings, mandate: str = "") -> Bot:
        """A new bot, running. InputError names a setting that is wrong."""
        check_settings(settings)
        now = to_iso(self._wall.now())
        bot = Bot(f"b{secrets.token_hex(4)}", account, owner, mandate, settings, "running", "", {}, now, now)
        with self._store.begin() as connection:
            plain = {**asdict(bot), "settings": json.dumps(asdict(settings)), "memory": "{}"}
            connection.execute(insert(bots).values(**plain))
            self._write(connection, bot, "bot.started", owner)
        return bot

    def get(self, id: str) -> Bot:
        """The bot; NotFound otherwise."""
        with self._store.read() as connection:
            row = connection.execute(select(bots).where(bots.c.id == id)).one_or_none()
        if row is None:
            raise NotFound(f"bot {id[:40]!r} does not exist; `tenor bots list` shows those that do")
        return _bot(row)

    def all(self, state: BotState | None = None) -> list[Bot]:
        """Newest first; those in one state when given."""
        query = select(bots).order_by(bots.c.created_at.desc(), bots.c.id)
        with self._store.read() as connection:
            rows = connection.execute(query if state is None else query.where(bots.c.state == state)).all()
        return [_bot(row) for row in rows]

    def turn(self, id: str, state: BotState, reason: str, by: str) -> Bot:
        """Starts, stops or halts it, on the record; the state it is in already changes nothing."""
        bot = self.get(id)
        if bot.state == state:
            return bot
        kind = {"running": "bot.started", "stopped": "bot.stopped", "halted": "bot.halted"}[state]
        with self._store.begin() as connection:
            values = {"state": state, "reason": reason, "updated_at": to_iso(self._wall.now())}
            connection.execute(update(bots).where(bots.c.id == id).values(**values))
            self._write(connection, bot, kind, by, reason)
        return self.get(id)

    def remember(self, id: str, memory: Mapping[str, JsonValue]) -> None:
        """Keeps what it remembers."""
        with self._store.begin() as connection:
            values = {"memory": json.dumps(dict(memory)), "updated_at": to_iso(self._wall.now())}
            connection.execute(update(bots).where(bots.c.id == id).values(**values))

    def _write(self, connection: Connection, bot: Bot, kind: str, by: str, reason: str = "") -> None:
        body: dict[str, object] = {
            "bot": bot.id,
            "by": by,
            "mandate": bot.mandate,
            "strategy": bot.settings.strategy,
            "settings": json.dumps(asdict(bot.settings), sort_keys=True),
            "reason": reason,
        }
        self._record(connection, kind, bot.account, body)


def check_settings(settings: Settings) -> None:
    """InputError names the first setting that is wrong; NotFound an unknown strategy."""
    read_parameters(get_strategy(settings.strategy), settings.parameters)
    if not 1 <= len(settings.universe) <= MOST_INSTRUMENTS or len(set(settings.universe)) < len(settings.universe):
        raise InputError(f"a bot trades 1 to {MOST_INSTRUMENTS} different instruments, not {len(settings.universe)}")
    if settings.most <= 0 or settings.max_loss <= 0:
        raise InputError("most and max_loss are amounts above 0 (minor units)")
    if not 1 <= settings.bar_minutes <= 60:
        raise InputError(f"bar_minutes is {settings.bar_minutes}; give 1 to 60")
    if not 5 <= settings.stale_s <= 3_600:
        raise InputError(f"stale_s is {settings.stale_s}; give 5 to 3,600 seconds")


def _bot(row: Row[tuple[str, ...]]) -> Bot:
    plain = json.loads(row.settings)
    settings = Settings(**{**plain, "universe": tuple(plain["universe"])})
    return Bot(**{**row._mapping, "settings": settings, "memory": json.loads(row.memory)})
