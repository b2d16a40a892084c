"""What holds for any flow in either engine: never crossed, no lot lost or made, the journal leads to the same state."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.trading.matching import build_engine, kernel_name
from desk.trading.messages import EVERY_SYMBOL, MESSAGE, POST_ONLY, Kind, Message, Op, Phase, SelfTrade, Status, Tif
from tests.desk.trading.flow import Flow
from tests.desk.trading.shadow import Shadow
from tests.sizes import LONG

SYMBOLS, ACCOUNTS = 2, 4
ENGINES = [True, False] if kernel_name() == "native" else [False]
prices, lots = st.integers(1, 12), st.integers(1, 9)


@st.composite
def orders(draw: st.DrawFn) -> Message:
    """An order near one price; its id is set when it is sent."""
    kind, tif = draw(st.sampled_from(Kind)), draw(st.sampled_from(Tif))
    limited = kind in (Kind.LIMIT, Kind.STOP_LIMIT)
    waits = limited and tif not in (Tif.IOC, Tif.FOK)
    return Message(
        side=draw(st.integers(0, 1)),
        kind=kind,
        tif=tif,
        symbol=draw(st.integers(0, SYMBOLS - 1)),
        account=draw(st.integers(0, ACCOUNTS - 1)),
        price=draw(prices) if limited else 0,
        qty=draw(lots),
        stop=draw(prices) if kind >= Kind.STOP else 0,
        display=draw(st.integers(0, 3)) if waits else 0,
        expiry=draw(st.integers(0, 3)),
        flags=draw(st.sampled_from((0, 0, POST_ONLY))) if waits and kind == Kind.LIMIT else 0,
    )


def plain(**fields: int) -> Message:
    """A message of these fields alone; `st.builds(Message)` would draw the others too."""
    return Message(**fields)


accounts = st.integers(0, ACCOUNTS - 1)
ids = st.integers(1, 20)
symbols = st.integers(0, SYMBOLS - 1)
others = st.one_of(
    st.builds(plain, op=st.just(Op.CANCEL), id=ids, account=accounts),
    st.builds(plain, op=st.just(Op.AMEND), id=ids, account=accounts, qty=lots, price=st.integers(0, 12)),
    st.builds(plain, op=st.just(Op.PHASE), symbol=symbols, stop=st.sampled_from(Phase), price=st.integers(0, 12)),
    st.builds(plain, op=st.just(Op.PRINT), symbol=symbols, price=prices),
    st.builds(plain, op=st.just(Op.EXPIRE), expiry=st.integers(0, 3)),
    st.builds(plain, op=st.just(Op.MASS_CANCEL), account=accounts, symbol=st.sampled_from((0, 1, EVERY_SYMBOL))),
)
flows = st.lists(st.one_of(orders(), orders(), orders(), others), min_size=1, max_size=40)


@pytest.mark.parametrize("native", ENGINES)
@settings(max_examples=10_000 if LONG else 600, deadline=None, suppress_health_check=list(HealthCheck))
@given(flow=flows, rule=st.sampled_from(SelfTrade), rows=st.sampled_from((6, 100)), pages=st.integers(2, 8))
def test_any_flow_keeps_the_rules(native: bool, flow: list[Message], rule: SelfTrade, rows: int, pages: int):
    build = {"pages": pages, "accounts": ACCOUNTS, "self_trade": rule, "journal": True, "native": native}
    shadow = Shadow(build_engine(SYMBOLS, rows, **build), SYMBOLS, ACCOUNTS)  # type: ignore[arg-type]
    numbers = itertools.count(1)
    for message in flow:
        shadow.send(message._replace(id=next(numbers)) if message.op == Op.NEW else message)
    shadow.end()


@pytest.mark.parametrize("native", ENGINES)
@pytest.mark.parametrize("rule", list(SelfTrade))
def test_random_flow_keeps_the_rules_and_its_journal_leads_to_the_same_state(native: bool, rule: SelfTrade):
    engine, again = (build_engine(3, 2_000, accounts=6, self_trade=rule, journal=True, native=native) for _ in range(2))
    for account in range(1, 4):
        for one in (engine, again):
            one.limit(account, 55, 60_000, 300)
    shadow = Shadow(engine, 3, 6)
    journal = b""
    for message in Flow(41 + rule, spread=8).take(60_000 if LONG else 6_000):
        shadow.send(message)
        journal += engine.journal()
    assert {status for _, status in shadow.seen} >= {Status.FILLED, Status.WAITING, Status.OVER_POSITION, Status.DONE}
    messages = replayed(journal)
    assert messages == shadow.carried_out
    statuses = bytearray(len(messages))
    again.run(b"".join(message.pack() for message in messages), statuses)
    assert min(statuses) >= Status.RESTING
    assert again.state_hash() == engine.state_hash()
    shadow.end()


def replayed(journal: bytes) -> list[Message]:
    """The messages of a journal; the second record of a message holds its last eight bytes."""
    raw: list[bytes] = []
    for at in range(0, len(journal), 32):
        body = journal[at + 4 : at + 28]
        if body[0] == 0xFF:
            raw[-1] = raw[-1][:24] + body[4:12]
        else:
            raw.append(body + bytes(8))
    return [Message._make(MESSAGE.unpack(one)) for one in raw]
