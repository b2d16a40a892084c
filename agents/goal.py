"""What a question says about a financial goal: ages, amounts, what is saved, and the products named.

Deterministic and from the person's own words only; what is not said is None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from desk.instruments import AssetClass, Instrument
from desk.portfolio.suitability import Product

_CURRENCY = r"(?:usd|eur|us\$|\$|€|£)"
_MONEY = (
    rf"{_CURRENCY}?\s*(?P<NAME>\d[\d,]*(?:\.\d+)?)\s*(?P<NAME_scale>k|m|thousand|million)?\b"
    r"\s*(?:usd|eur|dollars?|euros?)?"
)
_MONTHLY = re.compile(
    _MONEY.replace("NAME", "amount") + r"\s*(?:a|per|each|every|/)\s*(?P<every>month|year|mo\b|annum)"
)
_STOPS = r"(?:stop|quit|leave|finish)\w* work"
_RETIRE = re.compile(
    rf"(?:retir\w*|pension|{_STOPS}(?:ing)?)\b.{{0,25}}?"
    r"\b(?:at|by|when i(?:'?m| am)|age|aged)\s+(?:age\s+)?(?P<age>\d{2})\b(?!,\d)"
)
_IN_YEARS = re.compile(r"retir\w*\b.{0,15}?\bin\s+(?P<years>\d{1,2})\s+years")
_AGE = re.compile(
    r"\b(?:i(?:'?m| am)|my age is|aged?)\s+(?P<age>\d{2})\b(?!\s*(?:%|k\b))(?:\s*(?:years? old|y/?o))?"
    r"|\b(?P<old>\d{2})[- ]years?[- ]old\b"
)
_SAVES = re.compile(
    r"\b(?:sav(?:e|es|ing)|put(?:ting)? (?:aside|away|in)|set(?:ting)? aside|invest(?:ing)?|contribut\w+"
    r"|pay(?:ing)? in)\b"
)
_WEALTH = re.compile(
    r"\bi (?:already )?(?:have|own|saved)\s+(?:about |around )?"
    + _MONEY.replace("NAME", "wealth")
    + r"(?!\s*(?:a|per|each|every)\s+month)"
)
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
_PRODUCTS: tuple[tuple[Product, str], ...] = (
    (
        "crypto",
        r"\b(?:[ck]r[iy]pto\w*|bitcoin|btc|ether(?:eum)?|eth|solana|litecoin|dogecoin|cardano|altcoins?|\w+coins?|shiba"
        r"|(?:crypto|which|a|meme) coins?|tokens?)\b",
    ),
    (
        "leverage",
        r"\b(?:(?:de)?leverag\w*|gear(?:ed|ing)|lever up|margin|options?|covered calls?"
        r"|futures|cfds?|short selling|(?:sell|go) short|borrow\w*|derivatives?"
        r"|loans?|(?:on|with) credit|credit cards?|mortgage|\d+x|(?:two|three|five|ten) to one|times leverage"
        r"|kredit\w*|hebel\w*|optionen|emprunt\w*|crédit|effet de levier|préstamo|apalanc\w*|prestito|leva"
        r"|lenen|lening|hefboom|empréstimo|alavanc\w*)\b",
    ),
    (
        "commodities",
        r"\b(?:commodit\w*|gold|silver|oil|crude|natural gas|copper|wheat|corn|sugar|cocoa|coffee"
        r"|rohstoff\w*|oro|goud|ouro)\b",
    ),
    (
        "currencies",
        r"\b(?:forex|fx|currenc\w*|(?:swiss )?francs?|(?:euros?|dollars?|yen|pounds?) (?:against|for|versus) \w+"
        r"|devisen|divisas|devises|valute)\b",
    ),
    (
        "single_stocks",
        r"\b(?:single|individual|penny|one|meme) (?:\w+ )?(?:stocks?|shares?|compan\w+)\b|\bstock pick\w*"
        r"|\b(?:which|what|a|some|pick|more|high-dividend|dividend) (?:\w+ )?(?:stocks?|shares?)\b(?! funds?)"
        r"|\b(?:shares|stocks)\b.{0,40}\bname (?:me )?one\b"
        r"|\bbuy (?:\w+ )?(?:stocks?|shares?)\b(?! funds?)|\b\w*aktien\b"
        r"|\bacciones\b|\bazioni\b|\baandelen\b|\bações\b",
    ),
    (
        "stock_funds",
        r"\b(?:(?:index|nasdaq|world|tracker) funds?|\w*etfs?|stock funds?|equit(?:y|ies) funds?|indexfonds"
        r"|fondos?|fondi)\b",
    ),
    ("bonds", r"\bbonds?\b"),
)
_BY_CLASS: dict[AssetClass, Product] = {
    AssetClass.STOCK: "single_stocks",
    AssetClass.CRYPTO: "crypto",
    AssetClass.FOREX: "currencies",
    AssetClass.COMMODITY: "commodities",
    AssetClass.BOND: "bonds",
}


@dataclass(frozen=True)
class GoalWish:
    """`monthly` is the amount a month the person named and `reading` what it was taken to be.

    "assumed_income" stands for the ambiguous "retire with 2,000 a month": income, unless saving is said.
    """

    about_retirement: bool
    age: int | None
    retire_at: int | None
    in_years: int | None
    monthly: float | None
    reading: Literal["income", "assumed_income", "saving", "none"]
    saving: float | None
    wealth: float | None
    products: tuple[Product, ...]


def read_goal(question: str, instruments: tuple[Instrument, ...]) -> GoalWish:
    """Reads the goal; amounts in whole units of the person's money, a month."""
    words = " ".join(question.casefold().replace("\u2019", "'").split())
    saving, other, said_income = _amounts(words)
    retire, years, wealth = _RETIRE.search(words), _IN_YEARS.search(words), _WEALTH.search(words)
    age = next((m for m in _AGE.finditer(words) if not _before_retire(words, m)), None)
    reading: Literal["income", "assumed_income", "saving", "none"] = "none"
    if other is not None:
        reading = "income" if said_income else "assumed_income"
    elif saving is not None:
        reading = "saving"
    return GoalWish(
        about_retirement=bool(re.search(rf"\bretir|\bpension|\bnest egg|\b{_STOPS}", words)),
        age=int(age["age"] or age["old"]) if age else None,
        retire_at=int(retire["age"]) if retire else None,
        in_years=int(years["years"]) if years else None,
        monthly=other,
        reading=reading,
        saving=saving,
        wealth=_value(wealth["wealth"], wealth["wealth_scale"]) if wealth else None,
        products=find_products(words, instruments),
    )


def _before_retire(words: str, match: re.Match[str]) -> bool:
    """Whether "at 60" or "when I am 60" belongs to the retirement and not to the person's age now."""
    return bool(re.search(rf"(?:(?:retir|{_STOPS})\w*\b.{{0,25}}|when )$", words[: match.start()]))


def _amounts(words: str) -> tuple[float | None, float | None, bool]:
    """What is saved a month, the other amount a month, and whether that one was called an income."""
    saving = other = None
    said_income = False
    for match in _MONTHLY.finditer(words):
        amount = _value(match["amount"], match["amount_scale"])
        amount = amount / 12 if match["every"] in {"year", "annum"} else amount
        clause = re.split(r"[,;.?]|\band\b|\bwith\b", words[: match.start()])[-1]
        if _SAVES.search(clause) and saving is None:
            saving = amount
        elif other is None:
            other = amount
            near = clause + words[match.end() : match.end() + 30]
            said_income = bool(
                re.search(r"\bincome|spend|live (?:on|off)|pension|withdraw|to live|in retirement", near)
            )
    return saving, other, said_income


def _value(number: str, scale: str | None) -> float:
    return float(number.replace(",", "")) * _SCALE.get(scale or "", 1.0)


def find_products(words: str, instruments: Sequence[Instrument]) -> tuple[Product, ...]:
    """The kinds of product that lower-case words name, and those of the instruments; each once."""
    named = [product for product, pattern in _PRODUCTS if re.search(pattern, words)]
    named += [_BY_CLASS[i.asset_class] for i in instruments if i.asset_class in _BY_CLASS]
    return tuple(dict.fromkeys(named))
