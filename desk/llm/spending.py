"""Money of models: budgets per run, per person and day, and per day, reserved before a call and settled after it.

The holder's process is the only writer and counts in memory. The store holds for each budget an amount that is
never less than what was spent: it is raised ahead of the calls, in steps of a twentieth of the budget, and set to
the true amount at the end. A process that is killed therefore leaves too much marked as spent, never too little.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from sqlalchemy import bindparam, delete, insert, select

from desk.clock import Clock
from desk.errors import ModelError, SettingError
from desk.llm.models import NANOS
from desk.store.engine import Store
from desk.store.model_tables import model_budgets
from desk.store.statements import Statement

STEPS = 20
KEPT_DAYS = 31
MOST_SCOPES = 4_000
"""Budgets counted in memory at once; finished runs leave first."""

_RAISE = {"key": "make a key with a larger daily budget to ask a model"}
_READ = Statement(select(model_budgets.c.nanos).where(model_budgets.c.scope == bindparam("scope_")), "scope_")
_ADD = Statement(insert(model_budgets), "scope", "nanos", "day")
_FORGET = Statement(delete(model_budgets).where(model_budgets.c.scope == bindparam("scope_")), "scope_")


@dataclass(frozen=True)
class Budgets:
    """The most that may be spent, in nano-dollars: in one run, by one person in a day, by all in a day (UTC).

    0 refuses every call, one that costs nothing too.
    """

    run: int
    user: int
    day: int


DEFAULTS = {"run": "0.50", "user": "5", "day": "50"}
"""US dollars."""


def parse_budgets(run: str, user: str, day: str) -> Budgets:
    """Budgets from settings in US dollars; empty means the default. SettingError names a malformed one."""
    given = {"run": run, "user": user, "day": day}
    return Budgets(**{name: _parse(name, text or DEFAULTS[name]) for name, text in given.items()})


@dataclass(frozen=True)
class Purse:
    """A budget of its own that a call also pays from: an API key's, in nano-dollars a day (UTC)."""

    name: str
    nanos: int


@dataclass
class _Account:
    """`used` is spent or reserved; `ceiling` is what the store says at least."""

    limit: int
    day: str
    used: int
    ceiling: int
    holds: int = 0


@dataclass(frozen=True)
class Hold:
    """Money that one call has reserved; settle it exactly once."""

    nanos: int
    scopes: tuple[str, ...]


class Spending:
    """The budgets of a store. Used from one event loop; `close` from anywhere afterwards."""

    def __init__(self, store: Store, wall: Clock, budgets: Budgets) -> None:
        self._store, self._wall, self.budgets = store, wall, budgets
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._storing = asyncio.Lock()

    async def reserve(self, nanos: int, run: str, person: str, purse: Purse | None = None) -> Hold:
        """Takes the worst a call may cost out of all three budgets and the purse, or of none.

        ModelError when one is too small; a budget of 0 refuses what costs nothing too.
        """
        self._refuse_zero(purse)
        if nanos == 0:
            return Hold(0, ())
        limits = self._limits(run, person, purse)
        while not all(name in self._accounts for name in limits) or self._exceeds_ceiling(limits, nanos):
            storing = asyncio.create_task(self._store_more(limits, nanos))
            storing.add_done_callback(_look)
            await asyncio.shield(storing)  # a call that is given up must not leave store and memory apart
        for name in limits:
            account = self._accounts[name]
            account.used += nanos
            account.holds += 1
            self._accounts.move_to_end(name)
        return Hold(nanos, tuple(limits))

    def settle(self, hold: Hold, nanos: int) -> None:
        """Replaces what was reserved by what it cost."""
        for name in hold.scopes:
            if name in self._accounts:  # not after `close`, which counted the whole of it
                self._accounts[name].used += nanos - hold.nanos
                self._accounts[name].holds -= 1

    def used(self, scope: str) -> int:
        """Nano-dollars spent or reserved in a budget, as this process counts them; 0 when it was not touched."""
        account = self._accounts.get(scope)
        return 0 if account is None else account.used

    def close(self) -> None:
        """Writes the true amounts; what is reserved still counts as spent. Forgets budgets of past months."""
        if not self._accounts:
            return
        oldest = (self._wall.now() - timedelta(days=KEPT_DAYS)).date().isoformat()
        self._write([(name, account.used, account.day) for name, account in self._accounts.items()])
        with self._store.begin() as connection:
            connection.execute(delete(model_budgets).where(model_budgets.c.day < oldest))
        self._accounts.clear()

    def _limits(self, run: str, person: str, purse: Purse | None) -> dict[str, int]:
        day, budgets = self._day(), self.budgets
        limits = {f"run:{run}": budgets.run, f"user:{person}:{day}": budgets.user, f"day:{day}": budgets.day}
        return limits if purse is None else {**limits, f"key:{purse.name}:{day}": purse.nanos}

    def _refuse_zero(self, purse: Purse | None) -> None:
        if purse is not None and purse.nanos == 0:
            raise ModelError(f"the daily budget of key {purse.name} is 0; {_RAISE['key']}", kind="budget")
        for name in ("run", "user", "day"):
            if getattr(self.budgets, name) == 0:
                raise ModelError(
                    f"the budget per {name} is 0; raise TENOR_LLM_BUDGET_{name.upper()} to ask a model", kind="budget"
                )

    def _exceeds_ceiling(self, limits: Iterable[str], nanos: int) -> bool:
        return any(self._accounts[name].used + nanos > self._accounts[name].ceiling for name in limits)

    async def _store_more(self, limits: dict[str, int], nanos: int) -> None:
        """Raises what the store says before more is spent than it says; ModelError when a budget forbids that."""
        async with self._storing:
            unknown = [name for name in limits if name not in self._accounts]
            if unknown:
                for name, kept in (await asyncio.to_thread(self._read, unknown)).items():
                    self._accounts[name] = _Account(limits[name], self._day(), kept, kept)
                self._forget_oldest(limits)
            wanted = {name: self._wanted(name, nanos) for name in limits}
            raised = {name: nanos for name, nanos in wanted.items() if nanos > self._accounts[name].ceiling}
            if raised:
                rows = [(name, amount, self._accounts[name].day) for name, amount in raised.items()]
                await asyncio.to_thread(self._write, rows)
            for name, amount in raised.items():
                self._accounts[name].ceiling = amount

    def _wanted(self, name: str, nanos: int) -> int:
        account = self._accounts[name]
        need = account.used + nanos
        if need > account.limit:
            scope = name.partition(":")[0]
            raise ModelError(
                f"the budget per {scope} is ${account.limit / NANOS:.2f}, ${account.used / NANOS:.4f} is spent or "
                f"reserved and this call may cost ${nanos / NANOS:.4f}; "
                + _RAISE.get(scope, f"raise TENOR_LLM_BUDGET_{scope.upper()}"),
                kind="budget",
            )
        return account.ceiling if need <= account.ceiling else min(account.limit, need + account.limit // STEPS)

    def _forget_oldest(self, needed: Iterable[str]) -> None:
        for name in list(self._accounts)[: max(0, len(self._accounts) - MOST_SCOPES)]:
            if not self._accounts[name].holds and name not in needed:
                del self._accounts[name]

    def _read(self, names: list[str]) -> dict[str, int]:
        with self._store.read() as connection:
            found = {name: _READ.rows(connection, name) for name in names}
        return {name: int(str(rows[0][0])) if rows else 0 for name, rows in found.items()}

    def _write(self, rows: list[tuple[str, int, str]]) -> None:
        with self._store.begin() as connection:
            _FORGET.run_all(connection, [row[:1] for row in rows])
            _ADD.run_all(connection, rows)

    def _day(self) -> str:
        return self._wall.now().date().isoformat()


def _look(storing: asyncio.Task[None]) -> None:
    """Takes note of how it ended, for a call that was given up cannot."""
    if not storing.cancelled():
        storing.exception()


def _parse(name: str, text: str) -> int:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount <= 1_000_000:
        raise SettingError(
            f"TENOR_LLM_BUDGET_{name.upper()}={text!r} is not an amount in US dollars up to 1000000, like 0.50"
        )
    return int(amount * NANOS)
