"""How numbers are written where, and which of them a browser is given."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import InputError
from desk.facts import Fact
from desk.locales import HOUSE, LOCALES, accepted, locale_of
from evals.grounding.numerals import shows

MONEY = Fact("x", "x", Decimal("-1234567.5"), "USD", "", "", "", "USD")
MONEY_IN = {
    "": "\u22121,234,567.5 USD",
    "en-US": "\u22121,234,567.5 USD",
    "en-GB": "USD \u22121,234,567.5",
    "de-DE": "\u22121.234.567,5 USD",
    "fr-FR": "\u22121\u202f234\u202f567,5 USD",
}
PERCENT_IN = {"": "12.35 %", "en-US": "12.35 %", "en-GB": "12.35%", "de-DE": "12,35 %", "fr-FR": "12,35 %"}
amounts = st.decimals(-(10**12), 10**12, places=2)


@pytest.mark.parametrize("name", MONEY_IN)
def test_money_and_percentages_are_written_as_the_place_has_it(name):
    locale = locale_of(name)
    assert MONEY.text(locale) == MONEY_IN[name]
    percent = replace(MONEY, value=Decimal("12.345"), unit="%", currency=None)
    assert percent.text(locale) == PERCENT_IN[name]
    units = replace(MONEY, value=Decimal(1500), unit="units", currency=None)
    assert units.text(locale) == f"{locale.number('1,500')} units"


def test_a_locale_that_is_not_known_is_named_with_those_that_are():
    assert locale_of("DE_de") is LOCALES["de-DE"]
    assert locale_of("") is HOUSE
    with pytest.raises(InputError, match="'tlh' is not known; there are: en-US, en-GB, de-DE, fr-FR"):
        locale_of("tlh")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("", ""),
        ("de", "de-DE"),
        ("de-DE,de;q=0.9,en;q=0.8", "de-DE"),
        ("en;q=0.3, fr-FR;q=0.9", "fr-FR"),
        ("ja, zh;q=0.5", ""),
        ("ja, en-gb;q=0.5", "en-GB"),
        ("de;q=0, fr", "fr-FR"),
        ("de;q=many", ""),
        ("*", ""),
        (",;,=;q", ""),
    ],
)
def test_a_browser_is_given_the_first_of_its_wishes_that_is_known(header, name):
    assert accepted(header) == name


@given(amounts, st.sampled_from(sorted(LOCALES)), st.sampled_from(["USD", "%", "units", "ratio"]))
def test_every_form_is_read_back_as_its_value_by_the_checker_and_as_no_other(value, name, unit):
    fact = replace(MONEY, value=value, unit=unit, currency="USD" if unit == "USD" else None)
    row: dict[str, object] = {"value": str(value), "unit": unit, "currency": fact.currency}
    assert shows(fact.text(LOCALES[name]), row, name)
    assert not shows(fact.text(LOCALES[name]), {**row, "value": str(value + 7)}, name)
    assert not shows(fact.text(LOCALES[name]), {**row, "unit": "EUR", "currency": "EUR"}, name)


@given(st.text(max_size=60))
def test_no_header_breaks_the_choice(header):
    assert accepted(header) in {"", *LOCALES}
