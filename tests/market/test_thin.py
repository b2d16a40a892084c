"""The whole way: a server's klines to Parquet, to `tenor market check`, to the feed's bars and quotes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.commands.dispatch import execute
from api.holder import Outcome
from desk.demo import Box
from desk.errors import DataError
from desk.factory import Desk, open_desk
from desk.market.intake import Intake
from desk.settings import Settings
from desk.store.folder import DataFolder
from graphs.runtime import open_runtime
from tests.conftest import HISTORY
from tests.market.exchange import Exchange

BTC, AAPL = "CRYPTO:BTCUSD", "XNAS:AAPL"


@pytest.fixture
def exchange():
    now = datetime.now(UTC)
    server = Exchange(int(now.timestamp() * 1000), ("BTCUSDT", "ETHUSDT", "SOLUSDT", "LTCUSDT"))
    for symbol in server.symbols:
        server.add_days(symbol, 30)
    server.start()
    yield server
    server.stop()


@contextmanager
def live_desk(tmp_path, seeded, **settings) -> Iterator[Desk]:
    shutil.copytree(seeded, tmp_path / "home", dirs_exist_ok=True)
    folder = DataFolder(tmp_path / "home")
    assert folder.hold({"command": "test"})
    made = open_desk(Settings(**settings), folder, Box(history=HISTORY))
    yield made
    made.close()
    folder.release()


def intake_of(desk: Desk) -> Intake:
    assert desk.feeds.intake is not None
    return desk.feeds.intake


def whole(outcome: Outcome) -> dict[str, Any]:
    """As a program reads it."""
    return dict(json.loads(json.dumps(outcome._asdict())))


async def test_from_a_kline_to_a_quote(tmp_path, seeded, exchange):
    with live_desk(tmp_path, seeded, binance_data_url=exchange.url) as desk:
        async with open_runtime(desk) as runtime:

            async def run(*argv):
                return whole(await execute(runtime, ["market", *argv], str(tmp_path), "me"))

            done = await run("backfill", BTC, "--as", "compliance")
            filled = done["result"]["filled"][0]
            assert (done["exit"], filled["new"], filled["source"], filled["findings"]) == (0, 30, "Binance", [])
            again = (await run("backfill", BTC, "--as", "compliance"))["result"]["filled"][0]
            assert (again["new"], again["duplicates"]) == (0, 30)
            assert list((tmp_path / "home" / "market").rglob("*.parquet"))
            refused = await run("backfill", BTC, "--as", "customer")
            assert refused["error"]["code"] == "forbidden"

            checked = await run("check")
            assert (checked["exit"], checked["result"]["findings"]) == (0, [])
            assert {"instrument": BTC, "interval": "1d", "rows": 30} in checked["result"]["kept"]
            intake_of(desk).look()
            watched = await run("watch", "--seconds", "0.5")
            prices = {row["instrument"]: row for row in watched["result"]["quotes"]}
            assert prices[BTC]["bid"] == pytest.approx(exchange.symbols["BTCUSDT"] + 0.1)

        quote, bars = desk.feed.quote(BTC), desk.feed.bars(BTC)
        assert not quote.simulated
        assert float(bars[-1].close) == float(exchange.days["BTCUSDT"][-1][4])
        assert quote.previous_close_ticks == round(float(bars[-1].close) * 100)
        assert desk.feed.instruments.get(BTC).label == "live from Binance, USDT taken as USD"
        assert desk.feed.quote(AAPL).simulated
        modes = {clock.asset_class.value: clock.mode for clock in desk.feed.clocks()}
        assert (modes["crypto"], modes["stock"]) == ("live", "replay")


async def test_the_replay_stays_where_nothing_is_set(runtime):
    done = whole(await execute(runtime, ["market", "watch"], "/", "me"))
    assert done["error"]["code"] == "unreachable"
    assert "TENOR_MARKET_SOURCES" in done["error"]["message"]
    checked = whole(await execute(runtime, ["market", "check", "CRYPTO:ETHUSD"], "/", "me"))
    assert (checked["exit"], checked["result"]["live"]) == (0, False)
    assert [each["kind"] for each in checked["result"]["findings"]] == ["gap"]


def test_a_source_that_is_down_stops_nothing_but_its_own(tmp_path, seeded, exchange):
    exchange.stop()
    with live_desk(tmp_path, seeded, binance_data_url=exchange.url) as desk:
        intake_of(desk).look()
        with pytest.raises(DataError, match="no price yet; Binance serves it and Binance did not answer"):
            desk.feed.quote(BTC)
        assert desk.feed.quote(AAPL).last_ticks > 0
        row = next(row for row in desk.backends() if row.role == "market of crypto")
        assert row.state == "unreachable"
        exchange.start()
        intake_of(desk).states.heard("Binance")
        intake_of(desk).look()
        assert desk.feed.quote(BTC).at > datetime.now(UTC) - timedelta(minutes=1)
