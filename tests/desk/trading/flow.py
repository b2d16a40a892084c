"""Random messages of every kind, some of them nonsense, for engines that must agree."""

from __future__ import annotations

import random
from collections import deque

from desk.trading.messages import EVERY_SYMBOL, POST_ONLY, Kind, Message, Op, Phase, Tif

BASE = 1_000


class Flow:
    """Messages about `symbols` symbols of `accounts` accounts; the same seed gives the same flow."""

    def __init__(self, seed: int, *, symbols: int = 3, accounts: int = 5, spread: int = 12) -> None:
        self._random = random.Random(seed)
        self._symbols, self._accounts, self._spread = symbols, accounts, spread
        self._id, self._session = 0, 1
        self._recent: deque[tuple[int, int]] = deque(maxlen=200)
        self._phases = [Phase.CONTINUOUS] * symbols

    def take(self, count: int) -> list[Message]:
        """The next messages."""
        return [self._next() for _ in range(count)]

    def _next(self) -> Message:
        draw = self._random.random()
        if draw < 0.56:
            return self._order()
        if draw < 0.80:
            id, account = self._some()
            return Message(op=Op.CANCEL, id=id, account=account)
        if draw < 0.92:
            return self._amend()
        if draw < 0.95:
            return Message(op=Op.PRINT, symbol=self._symbol(), price=self._price())
        if draw < 0.975:
            return self._phase()
        if draw < 0.98:
            symbol = EVERY_SYMBOL if self._random.random() < 0.3 else self._symbol()
            return Message(op=Op.MASS_CANCEL, account=self._random.randrange(self._accounts), symbol=symbol)
        if draw < 0.983:
            self._session += 1
            return Message(op=Op.EXPIRE, expiry=self._session)
        return self._nonsense()

    def _order(self) -> Message:
        pick = self._random
        self._id += 1
        account = pick.randrange(self._accounts)
        self._recent.append((self._id, account))
        kind = pick.choices(list(Kind), (70, 8, 11, 11))[0]
        tif = pick.choices(list(Tif), (50, 15, 15, 10, 10))[0]
        waits = kind in (Kind.LIMIT, Kind.STOP_LIMIT) and tif not in (Tif.IOC, Tif.FOK)
        return Message(
            side=pick.randrange(2),
            kind=kind,
            tif=tif,
            symbol=self._symbol(),
            account=account,
            id=self._id,
            price=self._price() if kind in (Kind.LIMIT, Kind.STOP_LIMIT) else 0,
            qty=pick.randrange(1, 60),
            stop=self._price() if kind in (Kind.STOP, Kind.STOP_LIMIT) else 0,
            display=pick.randrange(1, 9) if waits and pick.random() < 0.15 else 0,
            expiry=self._session + pick.randrange(3) if tif in (Tif.DAY, Tif.GTD) else 0,
            flags=POST_ONLY if waits and kind is Kind.LIMIT and pick.random() < 0.1 else 0,
        )

    def _amend(self) -> Message:
        id, account = self._some()
        price = 0 if self._random.random() < 0.5 else self._price()
        return Message(op=Op.AMEND, id=id, account=account, price=price, qty=self._random.randrange(0, 60))

    def _phase(self) -> Message:
        symbol = self._symbol()
        # An auction is short: most draws end one.
        phase = Phase.AUCTION if self._random.random() < 0.3 else Phase.CONTINUOUS
        reference = self._price() if self._random.random() < 0.5 else 0
        return Message(op=Op.PHASE, symbol=symbol, stop=phase, price=reference)

    def _nonsense(self) -> Message:
        pick = self._random
        good = self._order()._asdict()
        wrong: list[tuple[str, int]] = [
            ("op", 200), ("side", 2), ("kind", 9), ("tif", 9), ("symbol", self._symbols), ("symbol", 0xFFFE),
            ("account", self._accounts), ("id", self._some()[0]), ("price", 0), ("price", -5), ("price", 2**31 - 1),
            ("qty", 0), ("qty", -(2**31)), ("qty", 2**31 - 1), ("qty", 2**30 - 1), ("stop", -1), ("display", -1),
            ("display", 5), ("flags", 2), ("flags", 1),
        ]  # fmt: skip
        name, value = pick.choice(wrong)
        return Message(**{**good, name: value})

    def _some(self) -> tuple[int, int]:
        if not self._recent or self._random.random() < 0.02:
            return self._random.randrange(1, self._id + 10), 1
        id, account = self._recent[-1 - int(len(self._recent) * self._random.random() ** 2)]
        return id, account if self._random.random() < 0.97 else account + 1

    def _symbol(self) -> int:
        return self._random.randrange(self._symbols)

    def _price(self) -> int:
        """Mostly near, sometimes pages away."""
        far = 0 if self._random.random() < 0.97 else self._random.randrange(-900, 3_000)
        return max(1, BASE + far + round(self._random.gauss(0, self._spread)))
