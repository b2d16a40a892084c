"""Bars and trades on disk: each once, restated ones as versions, what a moment knew, damage named."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from desk.errors import DataError
from desk.market.archive import Added, Archive
from desk.market.events import Kline, Trade, to_us

DAY = 86_400_000_000
BTC = "CRYPTO:BTCUSD"
FIRST = to_us(datetime(2025, 12, 30, tzinfo=UTC))


def bar(n, close="100.5", known=1, source="Binance", **more):
    value = Decimal(close)
    begins = FIRST + n * DAY
    return Kline(
        BTC, source, begins, begins + DAY + known, begins + DAY, "1d", value, value, value, value, value, **more
    )


def test_bars_over_a_year_end_are_read_back_exactly(tmp_path):
    given = [bar(n, f"{100 + n}.12345678") for n in range(5)]
    assert Archive(tmp_path).add_klines(given) == Added(5, 0, 0)
    again = Archive(tmp_path)
    assert again.klines(BTC, "1d", 0, FIRST + 99 * DAY) == given
    assert again.klines(BTC, "1d", FIRST + DAY, FIRST + 3 * DAY) == given[1:3]
    assert again.add_klines(given) == Added(0, 5, 0)
    assert again.span(BTC, "1d") == (FIRST, FIRST + 4 * DAY)
    assert again.held("1d") == [BTC]
    assert sorted(path.name for path in tmp_path.rglob("*.parquet")) == ["2025.parquet", "2026.parquet"]


def test_a_restated_bar_is_a_version_and_the_past_stays_known(tmp_path):
    archive = Archive(tmp_path)
    archive.add_klines([bar(0)])
    assert archive.add_klines([bar(0, "99.0", known=1000)]) == Added(0, 0, 1)
    assert [k.close for k in archive.klines(BTC, "1d", 0, FIRST + DAY)] == [Decimal("99.0")]
    before = archive.klines(BTC, "1d", 0, FIRST + DAY, as_of_us=FIRST + DAY + 999)
    assert [k.close for k in before] == [Decimal("100.5")]
    assert archive.klines(BTC, "1d", 0, FIRST + DAY, as_of_us=FIRST + DAY) == []
    assert len(archive.versions(BTC, "1d", 0, FIRST + DAY)) == 2


def test_the_better_source_is_taken_where_it_has_a_bar(tmp_path):
    archive = Archive(tmp_path)
    archive.add_klines([bar(0, "1"), bar(1, "1"), bar(1, "2", source="Yahoo"), bar(2, "2", source="Yahoo")])
    found = archive.klines(BTC, "1d", 0, FIRST + 9 * DAY, sources=("Yahoo", "Binance"))
    assert [k.source for k in found] == ["Binance", "Yahoo", "Yahoo"]
    assert len(archive.klines(BTC, "1d", 0, FIRST + 9 * DAY, sources=("Yahoo",))) == 2


def test_open_bars_are_not_kept_and_values_that_do_not_fit_are_refused(tmp_path):
    archive = Archive(tmp_path)
    assert archive.add_klines([bar(0, closed=False)]) == Added(0, 0, 0)
    with pytest.raises(DataError, match="does not fit"):
        archive.add_klines([bar(0, "0.1234567890123")])
    assert archive.klines(BTC, "1d", 0, FIRST + DAY) == []


def test_trades_are_told_apart_by_number(tmp_path):
    rows = [Trade(BTC, "Binance", FIRST + n * 1_000_000, FIRST + n * 1_000_000 + 5, n, Decimal(n + 1), Decimal("0.5"),
                  n % 2 == 0) for n in range(10)]  # fmt: skip
    archive = Archive(tmp_path)
    assert archive.add_trades(rows[5:]) == Added(5, 0, 0)
    assert archive.add_trades([*rows, rows[0]]) == Added(5, 6, 0)
    assert Archive(tmp_path).trades(BTC, 0, FIRST + DAY) == rows
    assert Archive(tmp_path).last_seq(BTC, "Binance") == 9
    assert Archive(tmp_path).last_seq(BTC, "Other") is None


def test_a_damaged_file_is_named_and_not_overwritten(tmp_path):
    archive = Archive(tmp_path)
    archive.add_klines([bar(0)])
    path = next(tmp_path.rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match=r"CRYPTO\.BTCUSD/2025\.parquet is damaged"):
        Archive(tmp_path).add_klines([bar(1)])
    assert path.stat().st_size == 100
