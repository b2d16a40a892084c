from decimal import Decimal

import pytest

from desk.compliance.rules import build_rules
from desk.errors import NotFound
from desk.instruments import AssetClass, Instrument, Instruments
from desk.orders import Order, Side

AAPL = Instrument("XNAS:AAPL", "Apple", AssetClass.STOCK, "USD", Decimal("0.01"))
BTC = Instrument("CRYPTO:BTCUSD", "Bitcoin", AssetClass.CRYPTO, "USD", Decimal("0.01"))


class Owners:
    def __init__(self, known):
        self.known = known

    def profiles(self, account):
        if account == "lost":
            raise NotFound("nobody here is called 'x'")
        return self.known.get(account)


def judge(account="desk-1", instrument=AAPL.id, restricted=None, profile=None, is_open=True):
    owners = Owners({"customer-1": [profile] if profile is not None else []})
    rules = build_rules(restricted or {}, Instruments([AAPL, BTC]), owners, lambda kind: is_open)
    order = Order("c1", account, instrument, Side.SELL, Decimal(1))
    return {rule.id: rule.check(order) for rule in rules}


def test_nobody_trades_what_is_on_the_restricted_list():
    check = judge(restricted={AAPL.id: "a deal is near"})["restricted_list"]
    assert not check.ok
    assert "a deal is near" in check.message
    assert judge(restricted={BTC.id: "x"})["restricted_list"].ok


@pytest.mark.parametrize(
    ("account", "profile", "ok"),
    [
        ("desk-1", None, True),
        ("customer-1", {"kyc": "complete"}, True),
        ("customer-1", {"kyc": "pending"}, False),
        ("customer-1", {}, False),
        ("customer-1", None, False),
        ("lost", None, False),
    ],
)
def test_a_customer_trades_only_when_identified(account, profile, ok):
    assert judge(account, profile=profile)["kyc_complete"].ok is ok


@pytest.mark.parametrize(
    ("account", "instrument", "knowledge", "ok"),
    [
        ("customer-1", BTC.id, "basic", False),
        ("customer-1", BTC.id, "good", True),
        ("customer-1", AAPL.id, "basic", True),
        ("desk-1", BTC.id, "basic", True),
        ("lost", BTC.id, "good", False),
    ],
)
def test_complex_products_ask_for_knowledge(account, instrument, knowledge, ok):
    checks = judge(account, instrument, profile={"kyc": "complete", "knowledge": knowledge})
    assert checks["appropriateness"].ok is ok


def test_hours_are_noted_and_never_refuse():
    assert judge(is_open=False)["market_hours"].ok
    assert "closed" in judge(is_open=False)["market_hours"].message
    assert judge(instrument="XNAS:NONE", is_open=False)["market_hours"].ok


def test_every_rule_has_a_text_and_a_source():
    for rule in build_rules({}, Instruments([AAPL, BTC]), Owners({}), lambda kind: True):
        assert rule.text.endswith(".")
        assert rule.source
