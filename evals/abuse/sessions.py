"""A seeded trading week with planted abuse in orders and trades, and the twins that only look like it.

Life: customers who trade with many makers, round lots, a price that walks. Twins: makers who quote both sides at
several levels and pull them after a fill, makers who meet each other often, a fund that rebalances its index at once,
schedules that slice with a registered algorithm, a hunter of stops who cancels once, a transfer between own accounts,
hands that click fast, hedgers who cancel the other side twice. Sizes and rhythms of plants and twins overlap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from desk.fraud.abuse.limits import DAY, HOUR
from desk.fraud.abuse.records import OrderEvent, Permission, Side, Trade
from desk.fraud.abuse.words import Kind

DAYS, INSTRUMENTS, MAKERS, CUSTOMERS = 5, 8, 6, 120
PLANTED: tuple[Kind, ...] = ("wash_trading", "matched_orders", "spoofing", "layering", "unauthorised_hft")
OPEN = 14.5 * HOUR
LONG = 6.5 * HOUR


@dataclass
class Session:
    """The week as rules get it; per planted kind the accounts of each plant, and of the twins, for scoring only."""

    dice: np.random.Generator
    events: list[OrderEvent] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    permissions: dict[str, Permission] = field(default_factory=dict)
    plants: list[tuple[Kind, frozenset[str]]] = field(default_factory=list)
    twins: list[frozenset[str]] = field(default_factory=list)
    count: int = 0

    def name(self, what: str) -> str:
        """A name that stands nowhere else."""
        self.count += 1
        return f"{what}{self.count}"

    def when(self) -> float:
        """A moment of a session."""
        return float(self.dice.integers(DAYS)) * DAY + OPEN + float(self.dice.uniform(0, LONG - HOUR))

    def where(self) -> tuple[str, float]:
        """An instrument and its price now."""
        number = int(self.dice.integers(INSTRUMENTS))
        return f"XNAS:S{number}", 20.0 + 15.0 * number + float(self.dice.normal(0, 0.3))

    def order(
        self, account: str, instrument: str, side: Side, at: float, quantity: float, price: float, algorithm: str = ""
    ) -> OrderEvent:
        """Enters an order."""
        event = OrderEvent(self.name("o"), account, instrument, side, "new", at, quantity, round(price, 2), algorithm)
        self.events.append(event)
        return event

    def then(self, order: OrderEvent, act: str, at: float, other: str = "") -> None:
        """Fills or cancels it."""
        self.events.append(order._replace(act="fill" if act == "fill" else "cancel", at=at, other=other))

    def trade(
        self, buyer: str, seller: str, instrument: str, at: float, price: float, quantity: float, own: str = ""
    ) -> None:
        """Prints a trade; `own` is the owner of both sides."""
        self.trades.append(Trade(self.name("t"), instrument, buyer, seller, at, round(price, 2), quantity, own, own))

    def lots(self) -> float:
        """A usual size in round lots."""
        return float(100 * max(1, round(float(self.dice.lognormal(0.5, 0.7)))))


def build_session(seed: int, plants: int = 6) -> Session:
    """A week with `plants` of each kind and as many of each twin."""
    session = Session(np.random.default_rng(seed))
    _life(session)
    for _ in range(plants):
        for plant in (_wash, _own_wash, _matched, _spoof, _layer, _fast, _unknown):
            plant(session)
        for twin in (_maker, _basket, _schedule, _hunter, _hedger, _clicker, _transfer, _acquainted):
            twin(session)
    return session


def _life(s: Session) -> None:
    for _ in range(3_000):
        (where, price), at, size = s.where(), s.when(), s.lots()
        customer, maker = f"c{s.dice.integers(CUSTOMERS)}", f"m{s.dice.integers(MAKERS)}"
        side: Side = "buy" if s.dice.random() < 0.5 else "sell"
        taken = s.order(customer, where, side, at, size, price)
        if s.dice.random() < 0.25:
            s.then(taken, "cancel", at + float(s.dice.exponential(600)))
            continue
        made = s.order(maker, where, _other(side), at - float(s.dice.exponential(5)), size, price)
        s.then(taken, "fill", at + 0.1)
        s.then(made, "fill", at + 0.1)
        buyer, seller = (customer, maker) if side == "buy" else (maker, customer)
        s.trade(buyer, seller, where, at + 0.1, price, size)


def _other(side: Side) -> Side:
    return "sell" if side == "buy" else "buy"


def _side(s: Session) -> Side:
    return "buy" if s.dice.random() < 0.5 else "sell"


def _beside(s: Session, account: str, count: int) -> None:
    """Ordinary trading of an account with makers."""
    for _ in range(count):
        (where, price), at = s.where(), s.when()
        s.trade(account, f"m{s.dice.integers(MAKERS)}", where, at, price, s.lots())


def _wash(s: Session) -> None:
    """Two or three accounts in a circle, sizes a little apart, some trading beside."""
    names = [s.name("w") for _ in range(int(s.dice.integers(2, 4)))]
    (where, price), at, size = s.where(), s.when(), s.lots()
    for n in range(len(names) * int(s.dice.integers(2, 5))):
        at += float(s.dice.uniform(20, 900))
        seller, buyer = names[n % len(names)], names[(n + 1) % len(names)]
        s.trade(
            buyer,
            seller,
            where,
            at,
            price * (1 + float(s.dice.normal(0, 0.0006))),
            round(size * s.dice.uniform(0.99, 1.0)),
        )
    for name in names:
        _beside(s, name, int(s.dice.integers(0, 4)))
    s.plants.append(("wash_trading", frozenset(names)))


def _own_wash(s: Session) -> None:
    names, owner = [s.name("w"), s.name("w")], s.name("owner")
    (where, price), at = s.where(), s.when()
    for n in range(int(s.dice.integers(4, 9))):
        at += float(s.dice.uniform(60, 1_200))
        s.trade(names[n % 2], names[1 - n % 2], where, min(at, at // DAY * DAY + 86_000), price, s.lots(), owner)
    s.plants.append(("wash_trading", frozenset(names)))


def _matched(s: Session) -> None:
    a, b = s.name("p"), s.name("p")
    where, price = s.where()
    for _ in range(int(s.dice.integers(3, 9))):
        at, size, side = s.when(), s.lots(), _side(s)
        one = s.order(a, where, side, at, size, price)
        other = s.order(b, where, _other(side), at + float(s.dice.uniform(0.05, 1.8)), size, price)
        for each in (one, other):
            s.then(each, "fill", other.at + 0.05)
    s.plants.append(("matched_orders", frozenset((a, b))))


def _pull(
    s: Session, account: str, levels: int, size: float, standing: float, quick: float, both: bool = False
) -> None:
    """A small order that is filled while `standing` waits on the other side, then gone."""
    (where, price), at, side = s.where(), s.when(), _side(s)
    small = s.order(account, where, side, at, size, price)
    parts = [
        s.order(account, where, _other(side), at + 0.5, round(standing / levels), price * (1 - 0.001 * (n + 1)))
        for n in range(levels)
    ]
    if both:
        parts += [s.order(account, where, side, at + 0.5, round(standing / levels), price) for _ in range(levels)]
    filled = at + float(s.dice.uniform(1, 20))
    s.then(small, "fill", filled)
    for part in parts:
        s.then(part, "cancel", filled + float(s.dice.uniform(0.3, quick)))
    if both:
        for part in parts:
            s.order(account, where, part.side, filled + quick + 0.5, part.quantity, part.price or price)


def _spoofs(s: Session, kind: Kind, levels: Callable[[], int]) -> None:
    account, (where, price), day = s.name("s"), s.where(), float(s.dice.integers(DAYS)) * DAY + OPEN
    times = np.sort(s.dice.uniform(0, LONG, int(s.dice.integers(3, 10))))
    side = _side(s)
    for start in times.tolist():
        at, size, many = day + start, s.lots(), levels()
        small = s.order(account, where, side, at, size, price)
        standing = size * float(s.dice.uniform(5, 15))
        large = [s.order(account, where, _other(side), at + 0.3, round(standing / many), price * (1 - 0.0007 * (n + 1)))
                 for n in range(many)]  # fmt: skip
        filled = at + float(s.dice.uniform(0.5, 25))
        s.then(small, "fill", filled)
        for part in large:
            s.then(part, "cancel", filled + float(s.dice.uniform(0.1, 8)))
    s.plants.append((kind, frozenset((account,))))


def _spoof(s: Session) -> None:
    _spoofs(s, "spoofing", lambda: int(s.dice.integers(1, 3)))


def _layer(s: Session) -> None:
    _spoofs(s, "layering", lambda: int(s.dice.integers(3, 7)))


def _burst(s: Session, account: str, rate: float, seconds: float, cancelled: float, algorithm: str = "") -> None:
    (where, price), at = s.where(), s.when()
    for start in np.sort(s.dice.uniform(0, seconds, int(rate * seconds))).tolist():
        order = s.order(account, where, _side(s), at + start, s.lots(), price, algorithm)
        if s.dice.random() < cancelled:
            s.then(order, "cancel", at + start + float(s.dice.exponential(0.3)))
        else:
            s.then(order, "fill", at + start + 0.2)


def _fast(s: Session) -> None:
    account = s.name("h")
    _burst(s, account, float(s.dice.uniform(1.5, 6)), float(s.dice.uniform(60, 240)), float(s.dice.uniform(0.7, 0.98)))
    s.plants.append(("unauthorised_hft", frozenset((account,))))


def _unknown(s: Session) -> None:
    account = s.name("h")
    s.permissions[account] = Permission(account, algorithms=frozenset({"twap-1"}))
    _burst(s, account, 0.05, 1_200, 0.1, "grid-9")
    s.plants.append(("unauthorised_hft", frozenset((account,))))


def _maker(s: Session) -> None:
    """Quotes both sides, pulls them after a fill and quotes again; fast, with permission."""
    account = s.name("mm")
    s.permissions[account] = Permission(account, fast=True)
    for _ in range(25):
        size = s.lots()
        _pull(s, account, int(s.dice.integers(1, 5)), size, size * float(s.dice.uniform(2, 10)), 3, both=True)
    _burst(s, account, 4, 120, 0.9)
    s.twins.append(frozenset((account,)))


def _basket(s: Session) -> None:
    """An index fund: hundreds of orders within a minute, all meant."""
    account = s.name("fund")
    _burst(s, account, 6, 60, 0.05)
    s.twins.append(frozenset((account,)))


def _schedule(s: Session) -> None:
    """A slice a minute with a registered algorithm; what is not taken is cancelled and sent anew."""
    account = s.name("twap")
    s.permissions[account] = Permission(account, algorithms=frozenset({"twap-1"}))
    _burst(s, account, 1 / 30, 5_400, 0.4, "twap-1")
    s.twins.append(frozenset((account,)))


def _hunter(s: Session) -> None:
    """Pushes once to set off stops, and cancels the rest once or twice."""
    account = s.name("stop")
    for _ in range(int(s.dice.integers(1, 3))):
        size = s.lots()
        _pull(s, account, 1, size, size * 6, 5)
    s.twins.append(frozenset((account,)))


def _hedger(s: Session) -> None:
    """Works both ways with like sizes; cancels the other side when one is done."""
    account = s.name("hedge")
    for _ in range(8):
        size = s.lots()
        _pull(s, account, 1, size, size * float(s.dice.uniform(0.8, 3)), 6)
    s.twins.append(frozenset((account,)))


def _clicker(s: Session) -> None:
    """A person who sends and pulls by hand, fast for some seconds."""
    account = s.name("hand")
    _burst(s, account, 2.5, 12, 0.8)
    s.twins.append(frozenset((account,)))


def _transfer(s: Session) -> None:
    """A holding that moves between two accounts of one owner, once and for good."""
    a, b, owner = s.name("own"), s.name("own"), s.name("owner")
    (where, price), at = s.where(), s.when()
    for n in range(4):
        s.trade(a, b, where, at + 30 * n, price, s.lots(), owner)
    s.twins.append(frozenset((a, b)))


def _acquainted(s: Session) -> None:
    """Two dealers who trade with each other both ways all day, among many others."""
    names = [s.name("dealer"), s.name("dealer")]
    (where, price), start = s.where(), s.when()
    for n in range(30):
        at, size = start + float(s.dice.uniform(0, HOUR)), s.lots()
        if n % 5 == 0:
            s.trade(names[n // 5 % 2], names[1 - n // 5 % 2], where, at, price, size)
        else:
            one, customer = names[n % 2], f"c{s.dice.integers(CUSTOMERS)}"
            s.trade(*((one, customer) if s.dice.random() < 0.5 else (customer, one)), where, at, price, size)
    s.twins.append(frozenset(names))
