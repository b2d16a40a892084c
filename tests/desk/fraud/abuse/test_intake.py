"""Files of orders, trades and bars: read with mapped names, refused by line."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from desk.errors import InputError
from desk.fraud.abuse.intake import read_market
from tests.api.running import tenor

ORDERS = "id,account,instrument,side,event,time,quantity,price\n"
TRADES = "instrument,buyer,seller,time,price,quantity\n"
BARS = "time,high,low,close,volume\n"
T = "2024-01-02T10:00:00Z"


def write(tmp_path, text, name="m.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_each_kind_is_told_by_its_columns(tmp_path):
    orders = read_market(write(tmp_path, f"{ORDERS}o1,a,X,B,placed,{T},5,\no1,a,X,buy,filled,1704189601,5,9.5\n"))
    assert [(e.act, e.side, e.price) for e in orders.events] == [("new", "buy", None), ("fill", "buy", 9.5)]
    assert orders.events[1].at - orders.events[0].at == 1
    trades = read_market(write(tmp_path, f"{TRADES}X,a,b,{T},1,2\nX,b,a,2024-01-01,1,2\n"))
    assert [t.buyer for t in trades.trades] == ["b", "a"]
    assert trades.counts == {"rows": 2, "unordered": 1, "future": 0, "repeated": 0}
    path = tmp_path / "btc.csv.gz"
    path.write_bytes(gzip.compress(f"{BARS}{T},3,1,2,\n2024-01-02T10:01:00Z,3,1,2,0\n".encode()))
    (made,) = read_market(path).bars
    assert (made.instrument, len(made), made.high.tolist()) == ("btc", 2, [3, 3])


def test_other_names_are_mapped_and_the_future_is_left_out(tmp_path):
    path = write(tmp_path, f"sym,b,s,when,px,n\nX,a,b,{T},1,2\nX,a,b,2030-01-01,1,2\n")
    names = {"instrument": "sym", "buyer": "b", "seller": "s", "time": "when", "price": "px", "quantity": "n"}
    file = read_market(path, names, datetime(2025, 1, 1, tzinfo=UTC))
    assert (len(file.trades), file.counts["future"]) == (1, 1)
    with pytest.raises(InputError, match="no column 'px2' for price"):
        read_market(path, names | {"price": "px2"})
    with pytest.raises(InputError, match="the columns are id"):
        read_market(path, {"colour": "px"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "as orders it lacks id, account, .*as bars it lacks time, close"),
        ("", "holds neither"),
        (f"{ORDERS}o1,a,X,up,new,{T},5,1\n", "line 2 of m.csv has the side 'up'"),
        (f"{ORDERS}o1,a,X,buy,eaten,{T},5,1\n", "the event 'eaten'"),
        (f"{ORDERS}o1,,X,buy,new,{T},5,1\n", "empty account"),
        (f"{ORDERS}o1,a,X,buy,new,{T},-5,1\n", "a quantity that cannot be: -5"),
        (f"{ORDERS}o1,a,X,buy,new,{T},nan,1\n", "a quantity that cannot be: nan"),
        (f"{ORDERS}o1,a,X,buy,new,{T},1e300,1\n", "at most 1e15"),
        (f"{ORDERS}o1,a,X,buy,new,{T},five,1\n", "no number as quantity: 'five'"),
        (f"{ORDERS}o1,a,X,buy,new,noon,5,1\n", "neither ISO 8601 nor seconds: 'noon'"),
        (f"{ORDERS}o1,a,X,buy,new,nan,5,1\n", "time out of range: nan"),
        (f"{ORDERS}o1,a,X\n", "line 2 of m.csv has 3 fields"),
        (f"{BARS}{T},3,1,4,1\n", "close 4 is not between low 1 and high 3"),
        (f"{BARS}{T},3,1,2,1\n{T},3,1,2,1\n", "line 3 of m.csv is a second bar"),
        (f"id,{TRADES}t,X,a,b,{T},1,2\nt,X,a,b,{T},1,3\n", "id 't' stands before for another trade"),
    ],
)
def test_bad_rows_are_named(tmp_path, text, told):
    with pytest.raises(InputError, match=told):
        read_market(write(tmp_path, text))


def test_what_is_no_text_is_named(tmp_path):
    path = tmp_path / "m.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"m\.csv cannot be read"):
        read_market(path)
    bad = tmp_path / "m.csv.gz"
    bad.write_bytes(b"no gzip")
    with pytest.raises(InputError, match="cannot be read"):
        read_market(bad)


def test_the_command_finds_a_wash_and_names_bad_input(tmp_path):
    rows = [f"X,{'ab'[n % 2]},{'ba'[n % 2]},2024-01-02T10:0{n}:00Z,10,100" for n in range(6)]
    path = write(tmp_path, TRADES + "\n".join(rows) + "\n")
    told = tenor(tmp_path / "home", "fraud", "surveil", str(path)).json
    (alert,) = told["alerts"]
    assert (alert["typology"], alert["accounts"], alert["amount"]) == ("wash_trading", ["a", "b"], 6000)
    assert alert["start"].startswith("2024-01-02T10:00:00")
    assert {"id", "typology", "accounts", "amount", "start", "end", "rules", "score"} <= set(alert)
    assert told["read"]["held"] == "trades"
    bad = tenor(tmp_path / "home", "fraud", "surveil", str(tmp_path / "none.csv"))
    assert bad.exit != 0
    assert "there is no file" in (bad.err or json.dumps(bad.out))
