from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from desk.errors import DataError, InputError
from desk.instruments import AssetClass
from desk.market.history import History

HISTORY = History()


def test_what_is_bundled():
    kinds = [instrument.asset_class for instrument in HISTORY.instruments]
    assert kinds.count(AssetClass.STOCK) == 20
    assert kinds.count(AssetClass.FOREX) >= 8
    assert {"FX:USDEUR", "FX:GBPJPY", "OTC:WTI", "OTC:XAU", "CRYPTO:BTCUSD"} <= {i.id for i in HISTORY.instruments}
    assert all(i.label for i in HISTORY.instruments)
    assert all(("synthetic" in i.label or "derived" in i.label) == i.simulated for i in HISTORY.instruments)


def test_coins_are_real_days_with_a_range():
    bitcoin = HISTORY.bars("CRYPTO:BTCUSD", date(2017, 12, 17), date(2017, 12, 17))[0]
    assert (bitcoin.low, bitcoin.close) == (Decimal("18465.00"), Decimal("18953.00"))
    for symbol in ("BTC", "ETH", "LTC"):
        series = HISTORY.series(f"CRYPTO:{symbol}USD")
        assert series.low is not None
        assert series.high is not None
        assert (series.low <= series.close).all()
        assert (series.close <= series.high).all()
        assert HISTORY.last_day(f"CRYPTO:{symbol}USD") == date(2020, 1, 16)


def test_names_people_use():
    find = HISTORY.instruments.find
    for name, id in [("apple", "XNAS:AAPL"), ("BTC", "CRYPTO:BTCUSD"), ("oil", "OTC:WTI"), ("S&P 500", "INDEX:SPX")]:
        found = find(name)
        assert found is not None
        assert found.id == id


def test_closes_stand_on_common_days():
    panel = HISTORY.closes(["XNAS:AAPL", "FX:GBPJPY", "OTC:WTI"], start=date(2018, 1, 1))
    assert panel.closes.shape == (len(panel.days), 3)
    assert panel.days[-1] == np.datetime64("2019-01-03")
    assert np.isfinite(panel.closes).all()
    assert panel.closes.min() > 0


def test_nothing_from_the_cut_off_on():
    cut = date(2020, 3, 16)
    panel = HISTORY.closes(["XNAS:AAPL", "INDEX:SPX"], before=cut)
    assert panel.days[-1] == np.datetime64("2020-03-13")
    assert HISTORY.bars("XNAS:AAPL", before=cut)[-1].day == date(2020, 3, 13)
    assert HISTORY.bars("XNAS:AAPL", start=cut, before=cut) == []


def test_no_instruments_is_an_error():
    with pytest.raises(InputError):
        HISTORY.closes([])


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "instruments.yaml").write_text(
        '[{id: "XNAS:AAPL", name: A, asset_class: stock, currency: USD, tick: "0.01", series: stocks, places: 3}]'
    )
    (tmp_path / "history.npz").write_bytes(b"not a zip")
    with pytest.raises(DataError, match=r"origins\.yaml cannot be read"):
        History(tmp_path)
    (tmp_path / "origins.yaml").write_text("stocks: {origin: here, licence: none, label: a price}")
    with pytest.raises(DataError, match=r"history\.npz has no readable XNAS:AAPL"):
        History(tmp_path).series("XNAS:AAPL")


def test_every_series_says_where_it_comes_from_and_under_which_licence():
    for each in HISTORY.instruments:
        origin = HISTORY.origin(each.id)
        assert origin is not None
        assert origin.origin
        assert origin.licence
        assert origin.label == each.label
    assert HISTORY.origin("XNAS:NOPE") is None
