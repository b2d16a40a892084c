"""A mandate: two people make it, one ends it, and inside it an agent acts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.errors import Conflict, Forbidden, InputError, NotFound, OrderRefused
from desk.orders import OrderState, Side
from desk.store.tables import ledger
from desk.trading.courier import Courier
from tests.desk.bots.rig import CARL, TARA, TESS, Rig
from tests.desk.bots.test_breaches import an_act
from tests.desk.bots.test_runner import RISE
from tests.desk.trading.fake_feed import AAPL, BTC, START


def kinds(rig: Rig) -> list[str]:
    with rig.store.read() as connection:
        rows = connection.execute(select(ledger.c.kind).order_by(ledger.c.seq)).scalars()
        return [kind for kind in rows if kind.startswith("mandate.")]


def test_one_grants_another_countersigns_and_only_then_it_acts(rig: Rig) -> None:
    proposed = rig.mandates.propose(TESS, rig.terms())
    rig.bot(proposed.id)
    rig.run(RISE)
    assert rig.sent("md-") == []
    with pytest.raises(Forbidden, match="another person"):
        rig.mandates.countersign(proposed.id, TESS)
    assert rig.mandates.countersign(proposed.id, CARL).state == "active"
    with pytest.raises(Conflict):
        rig.mandates.countersign(proposed.id, TARA)
    rig.run([18_201, 18_251])
    [order] = rig.sent("md-")
    assert (order.agent, order.by, order.side) == ("execution", "tess", Side.BUY)
    assert rig.trading.status(order.client_id).state is OrderState.FILLED
    assert kinds(rig) == ["mandate.proposed", "mandate.countersigned"]
    assert rig.ledger.verify()["ok"]


def test_a_refused_one_never_acts(rig: Rig) -> None:
    proposed = rig.mandates.propose(TESS, rig.terms())
    assert rig.mandates.refuse(proposed.id, CARL, "too wide").reason == "too wide"
    for person in (TARA, CARL):
        with pytest.raises(Conflict):
            rig.mandates.countersign(proposed.id, person)


def test_revoking_ends_bots_and_reaches_orders_that_wait(rig: Rig) -> None:
    mandate = rig.grant()
    bot = rig.bot(mandate.id)
    for price in RISE:
        rig.minute(price, execute=False)
    [waiting] = rig.sent("md-")
    assert rig.trading.journal.wait_durable(rig.trading.accounts.seq, 10)
    rig.mandates.revoke(mandate.id, TARA, "enough")
    assert rig.mandates.revoke(mandate.id, TARA).reason == "enough"
    rig.execute()
    assert rig.trading.status(waiting.client_id).state is OrderState.REJECTED
    assert "revoked" in rig.trading.status(waiting.client_id).reason
    rig.run([18_201])
    assert rig.runner.bots.get(bot.id).state == "halted"
    assert "enough" in rig.runner.bots.get(bot.id).reason


def test_a_worker_in_another_process_asks_again_before_the_venue(rig: Rig) -> None:
    mandate = rig.grant()
    rig.bot(mandate.id)
    for price in RISE:
        rig.minute(price, execute=False)
    [waiting] = rig.sent("md-")
    assert rig.trading.journal.wait_durable(rig.trading.accounts.seq, 10)
    elsewhere = Courier(
        rig.store, rig.trading.broker, rig.wall, rig.trading.switch.reason, forbids=rig.mandates.forbids
    )
    rig.mandates.revoke(mandate.id, CARL)
    elsewhere.deliver(waiting.client_id)
    rig.trading.execution.collect(waiting.client_id)
    assert rig.trading.status(waiting.client_id).state is OrderState.REJECTED


def test_ending_it_halts_its_bots_and_cancels_what_is_open(rig: Rig) -> None:
    mandate = rig.grant()
    bot = rig.bot(mandate.id)
    for price in RISE:
        rig.minute(price, execute=False)
    [waiting] = rig.sent("md-")
    assert rig.trading.journal.wait_durable(rig.trading.accounts.seq, 10)
    assert rig.runner.end_mandate(mandate.id, "one click") == 1
    assert rig.trading.status(waiting.client_id).state is OrderState.CANCELLED
    assert rig.runner.bots.get(bot.id).reason == "one click"


def test_outside_it_a_person_is_asked(rig: Rig) -> None:
    mandate = rig.grant(per_order=10_000_00)
    rig.bot(mandate.id)
    rig.run(RISE)
    assert rig.sent("md-") == []
    assert {check.rule for _, _, check in rig.asked} == {"mandate_order"}
    assert {act.outcome for act in rig.runner.acts.newest(mandate=mandate.id)} == {"asked"}


def test_after_its_end_nobody_is_asked_and_nothing_is_sent(rig: Rig) -> None:
    mandate = rig.grant(expires_at=START + timedelta(minutes=2))
    rig.bot(mandate.id)
    rig.run([18_001, 18_000, 17_990, 18_051, 18_101])
    assert rig.sent("md-") == []
    assert {act.rule for act in rig.runner.acts.newest(mandate=mandate.id)} == {"mandate_expiry"}


def test_a_dry_run_shows_what_it_would_do_and_does_nothing(rig: Rig) -> None:
    mandate = rig.grant(dry_run=True)
    rig.bot(mandate.id)
    rig.run(RISE)
    assert rig.sent("md-") == []
    assert rig.asked == []
    acts = rig.runner.acts.newest(mandate=mandate.id)
    assert {act.outcome for act in acts} == {"dry"}
    assert acts[0].instrument == AAPL
    assert rig.mandates.used(mandate.id, START.date().isoformat()).total == 0


def test_it_stops_itself_at_its_loss(rig: Rig) -> None:
    mandate = rig.grant(max_loss=300_00)
    bot = rig.bot(mandate.id)
    rig.run([*RISE, 17_000])
    assert rig.mandates.get(mandate.id).state == "stopped"
    assert rig.runner.bots.get(bot.id).state == "halted"


def test_what_the_gate_refused_does_not_use_it_up(rig: Rig) -> None:
    mandate = rig.grant()
    rig.bot(mandate.id)
    rig.trading.halt("carl", "storm")
    rig.run(RISE)
    used = rig.mandates.used(mandate.id, START.date().isoformat())
    assert (used.total, used.orders) == (0, 0)
    assert {act.rule or act.outcome for act in rig.runner.acts.newest(mandate=mandate.id)} == {"refused"}


def test_what_a_crash_left_reserved_is_settled_at_the_start(rig: Rig) -> None:
    mandate = rig.grant()
    bot = rig.bot(mandate.id)
    rig.run(RISE)
    act = rig.runner.acts.newest(mandate=mandate.id)[0]
    rig.runner.acts.note(act.client_id, "reserved", "", "")
    assert rig.mandates.reserve(an_act(rig, mandate.id, bot.id, "md-lost")) is None
    before = rig.mandates.used(mandate.id, START.date().isoformat())
    last = rig.again()
    after = last.mandates.used(mandate.id, START.date().isoformat())
    assert (before.orders, after.orders) == (2, 1)
    assert {a.outcome for a in last.runner.acts.newest(mandate=mandate.id)} == {"sent", "refused"}
    last.trading.close()


def test_an_order_that_claims_a_mandate_needs_a_reserved_act(rig: Rig) -> None:
    mandate = rig.grant()
    rig.bot(mandate.id)
    rig.run(RISE)
    [order] = rig.sent("md-")
    forged = (
        replace(order, client_id=f"md-{mandate.id}-forged"),
        replace(order, client_id="md-"),
        replace(order, client_id=f"{order.client_id}-x"),
    )
    for claim in forged:
        with pytest.raises(OrderRefused) as refusal:
            rig.trading.gate.submit(claim, route="broker")
        assert refusal.value.rule == "mandate"
    assert rig.mandates.forbids(replace(order, quantity=order.quantity + 1)) is not None
    assert rig.mandates.forbids(replace(order, instrument=BTC)) is not None
    assert rig.mandates.forbids(replace(order, side=Side.SELL)) is not None
    assert rig.mandates.forbids(order) is None
    assert rig.mandates.forbids(replace(order, client_id="by-hand")) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget": 0}, {"daily": -1}, {"per_order": 70_000_00}, {"daily": 200_000_00}, {"max_loss": 0},
        {"universe": ()}, {"strategies": ()}, {"opens": 900, "closes": 900}, {"closes": 1_441}, {"orders_a_day": 0},
        {"expires_at": START - timedelta(seconds=1)},
    ],
)  # fmt: skip
def test_terms_that_cannot_be_meant_are_refused(rig: Rig, wrong) -> None:
    with pytest.raises(InputError):
        rig.mandates.propose(TESS, replace(rig.terms(), **wrong))


def test_who_may(rig: Rig) -> None:
    with pytest.raises(Forbidden):
        rig.mandates.propose(CARL, rig.terms())
    with pytest.raises(Forbidden, match="not yours"):
        rig.mandates.propose(replace(TESS, accounts=()), rig.terms())
    with pytest.raises(NotFound):
        rig.mandates.countersign("m-none", CARL)
    other = rig.grant()
    with pytest.raises(Conflict, match="another account"):
        rig.runner.add(replace(TESS, accounts=("desk", "eva")), "eva", rig.bot().settings, other.id)
