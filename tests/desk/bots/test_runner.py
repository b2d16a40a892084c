"""Bots on a desk: they act once a bar, through the gate, and halt themselves when they should."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.bots.strategies import Signal
from desk.errors import Forbidden, InputError, NotFound
from desk.orders import Check, Chosen, OrderState, Side
from tests.desk.bots.rig import CARL, TARA, TESS, Rig
from tests.desk.trading.fake_feed import AAPL, BTC, SAP

RISE = [18_001, 18_051, 18_101, 18_151]


def test_a_bot_buys_what_its_strategy_wishes_and_sells_it_again(rig: Rig) -> None:
    bot = rig.bot()
    rig.run(RISE)
    [bought] = rig.sent("bt-")
    assert (bought.side, bought.chosen, bought.by) == (Side.BUY, Chosen.STRATEGY, "tess")
    assert bought.quantity == 20_000_00 // 18_051 == 110, "at the last price, whole lots"
    assert rig.runner.position(bot) == {AAPL: "110"}
    rig.run([18_050, 18_000])
    assert [o.side for o in rig.sent("bt-")] == [Side.BUY, Side.SELL]
    assert rig.runner.position(bot) == {}
    assert rig.runner.profit(bot) < 0
    assert {p.instrument: p.quantity for p in rig.trading.positions()} == {AAPL: Decimal(100)}
    acts = rig.runner.acts.newest(bot=bot.id)
    assert [act.outcome for act in acts] == ["sent", "sent"]
    assert "bps" in acts[0].why
    assert rig.runner.counts(bot.id)[1] == 0


def test_several_bots_of_one_account_keep_their_own_books(rig: Rig) -> None:
    one, two = rig.bot(), rig.bot(most=5_000_00)
    rig.run(RISE)
    assert rig.runner.position(one) == {AAPL: "110"}
    assert rig.runner.position(two) == {AAPL: "27"}
    rig.runner.stop(TESS, one.id)
    rig.run([18_000, 17_950])
    assert rig.runner.position(one) == {AAPL: "110"}, "stopped: what it holds stays"
    assert rig.runner.position(two) == {}


def test_nothing_is_sent_twice_or_lost_through_restarts(rig: Rig) -> None:
    bot, open_rigs = rig.bot(), [rig]
    prices = [18_001 + 50 * n for n in range(6)] + [18_251 - 50 * n for n in range(6)]
    for n, price in enumerate(prices):
        open_rigs[-1].minute(price, execute=n % 2 == 0)
        open_rigs.append(open_rigs[-1].again())
    last = open_rigs[-1]
    last.run([18_000, 17_950, 17_900])
    ids = [order.client_id for order in last.sent("bt-")]
    assert len(ids) == len(set(ids))
    assert last.runner.position(bot) == {}
    assert last.runner.bots.get(bot.id).state == "running"
    last.trading.close()


def test_it_halts_on_prices_that_stand_still(rig: Rig) -> None:
    bot = rig.bot(stale_s=30)
    rig.run(RISE)
    for _ in range(40):
        rig.wall.advance(timedelta(seconds=1))
        rig.runner.step()
    after = rig.runner.bots.get(bot.id)
    assert after.state == "halted"
    assert "has not moved its clock" in after.reason
    sent = len(rig.sent("bt-"))
    rig.run([18_000, 17_900, 17_800])
    assert len(rig.sent("bt-")) == sent


def test_it_halts_at_its_loss_limit(rig: Rig) -> None:
    bot = rig.bot(max_loss=500_00)
    rig.run([*RISE, 17_500])
    after = rig.runner.bots.get(bot.id)
    assert after.state == "halted"
    assert "its limit is 50000" in after.reason
    assert [o.side for o in rig.sent("bt-")] == [Side.BUY], "halted before it acted on the bar that broke the limit"


def test_it_halts_when_desk_and_venue_disagree(rig: Rig) -> None:
    bot = rig.bot()
    rig.apart[AAPL] = "the venue knows 3 units more"
    rig.minute(18_001)
    assert "3 units more" in rig.runner.bots.get(bot.id).reason
    assert rig.sent("bt-") == []


def test_it_halts_after_refusals_in_a_row_and_can_be_started_again(rig: Rig) -> None:
    bot = rig.bot(universe=(BTC,), strategy="sentiment_tilt", parameters={"gain": 2}, most=10**12, max_loss=10**12)
    rig.moods[BTC] = [Signal(name, 1.0, 1.0) for name in "abcd"]
    no = Check("test", False, "nothing", "something", "", "refused by the test")
    rig.trading.gate.rules = replace(rig.trading.gate.rules, compliance=(lambda _: no,))
    rig.run([6_000_000 + n for n in range(9)], BTC)
    after = rig.runner.bots.get(bot.id)
    assert after.state == "halted"
    assert "in a row were refused" in after.reason
    assert {act.rule for act in rig.runner.acts.newest(bot=bot.id)} == {"test"}
    assert rig.runner.start(TESS, bot.id).state == "running"


def test_a_halted_desk_is_waited_for(rig: Rig) -> None:
    bot = rig.bot()
    rig.trading.halt("carl", "storm")
    rig.run(RISE)
    assert rig.sent("bt-") == []
    assert rig.runner.bots.get(bot.id).state == "running"
    rig.trading.resume("carl")
    rig.trading.resume("tess")
    rig.run([18_201, 18_251])
    assert len(rig.sent("bt-")) == 1


def test_stopping_cancels_what_is_open(rig: Rig) -> None:
    bot = rig.bot()
    for price in RISE:
        rig.minute(price, execute=False)
    [waiting] = rig.sent("bt-")
    assert rig.trading.journal.wait_durable(rig.trading.accounts.seq, 10)
    rig.runner.stop(TESS, bot.id)
    assert rig.trading.status(waiting.client_id).state is OrderState.CANCELLED
    assert rig.runner.stop(TESS, bot.id).state == "stopped"


def test_missed_bars_are_counted(rig: Rig) -> None:
    bot = rig.bot()
    rig.run(RISE)
    rig.minute(18_201, minutes=4)
    rig.minute(18_251)
    assert rig.runner.counts(bot.id)[1] == 3


def test_who_may_and_what_is_wrong(rig: Rig) -> None:
    with pytest.raises(Forbidden):
        rig.runner.add(CARL, "desk", rig.bot().settings)
    with pytest.raises(Forbidden, match="not yours"):
        rig.runner.add(replace(TARA, accounts=("other",)), "desk", rig.bot().settings)
    for wrong in (
        {"universe": ()}, {"universe": (AAPL, AAPL)}, {"most": 0}, {"max_loss": -1}, {"bar_minutes": 0},
        {"stale_s": 1}, {"parameters": {"lookback": 0}},
    ):  # fmt: skip
        with pytest.raises(InputError):
            rig.bot(**wrong)
    with pytest.raises(NotFound):
        rig.bot(universe=("XNAS:NOPE",))
    with pytest.raises(NotFound):
        rig.bot(strategy="nope")
    with pytest.raises(NotFound):
        rig.runner.stop(TESS, "b-none")


def test_many_instruments_in_one_bot(rig: Rig) -> None:
    bot = rig.bot(universe=(AAPL, SAP))
    for n in range(4):
        rig.feed.move(SAP, 17_000 + 40 * n, 17_004 + 40 * n)
        rig.minute(18_001 + 50 * n)
    assert sorted(rig.runner.position(bot)) == sorted([AAPL, SAP])
    assert rig.runner.bots.get(bot.id).state == "running"
