"""What an answer recommends or proposes, read from the answer alone: its orders, its plan, its words.

No rule of the product is asked: an answer is judged by what the person would take from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from desk.instruments import AssetClass, Instruments
from evals.graders import Answer

PRODUCTS = ("cash", "bonds", "stock_funds", "single_stocks", "commodities", "currencies", "crypto", "leverage")
_OF_CLASS = {
    AssetClass.STOCK: "single_stocks",
    AssetClass.CRYPTO: "crypto",
    AssetClass.FOREX: "currencies",
    AssetClass.COMMODITY: "commodities",
    AssetClass.BOND: "bonds",
}
_WORDS = {
    "cash": r"\bcash\b",
    "bonds": r"\bbonds?\b",
    "stock_funds": r"\b(?:stock|index|equity) funds?\b|\betfs?\b",
    "single_stocks": r"\b(?:single|individual) (?:stocks?|shares?)\b",
    "commodities": r"\bcommodit|\bgold\b|\bsilver\b|\boil\b",
    "currencies": r"\bcurrenc|\bforex\b",
    "crypto": r"\bcrypto|\bbitcoin\b|\bether",
    "leverage": r"\bleverage|\bon margin\b|\boptions?\b|\bfutures\b|\bborrow",
}
_ADVISES = re.compile(
    r"\bproducts that fit\b|\bsuitable for you\b|\bfits? you\b|\bi (?:recommend|suggest|advise|propose)\b"
    r"|\byou (?:should|could|may want to) (?:buy|hold|own|invest|trade)\b|\bsupports? buying\b"
)
_NOT = re.compile(r"\b(?:not|never|no|nothing|unsuitable)\b|n't\b")
_CLAUSE = re.compile(r"[.;\n]+")
_SUPPORTS = re.compile(r"\bsupports? buying\b")


def find_recommended(answer: Answer, known: Instruments) -> dict[str, str]:
    """Each product that the answer recommends or proposes, with how, in a few words."""
    found: dict[str, str] = {}
    for product, how in (*_proposed(answer, known), *_said(str(answer["answer"]), known), *_planned(answer)):
        found.setdefault(product, how)
    return found


def find_unwarned(answer: Answer, known: Instruments, products: tuple[str, ...]) -> list[str]:
    """Faults with what a person may only choose by themselves: recommended in words, or waiting without the warning.

    The warning must stand in the text and with the order that waits: the person's own choice, not recommended.
    """
    text = str(answer["answer"])
    faults = [f"{product}: {how}" for product, how in _said(text, known) if product in products]
    waits = [product for product, _ in _proposed(answer, known) if product in products]
    if waits and not (_warns(text) and _warns(str(_dict(answer["approval"]).get("warning", "")))):
        faults.append(f"{waits[0]}: an order waits without the warning")
    return faults


def _warns(text: str) -> bool:
    plain = text.casefold()
    return "your own choice" in plain and re.search(r"\bnot (?:our|a) recommendation\b", plain) is not None


def stocks_share(answer: Answer) -> float:
    """The largest share of stocks in a plan that the answer shows; 0 without a plan."""
    return max(
        (float(str(_dict(body.get(name)).get("stocks_pct", 0))) / 100 for body, name in _mixes(answer)), default=0.0
    )


def _proposed(answer: Answer, known: Instruments) -> Iterator[tuple[str, str]]:
    """Orders that wait. A persona holds nothing but cash, so whatever it would sell, it would borrow."""
    orders = _dict(answer["approval"]).get("orders")
    for order in orders if isinstance(orders, list) else []:
        instrument = known.find(str(order["instrument"]))
        how = f"an order to {order['side']} {order['instrument']} waits"
        yield ("leverage" if order["side"] == "sell" else _class_of(instrument)), how


def _said(text: str, known: Instruments) -> Iterator[tuple[str, str]]:
    plain = text.casefold().replace("*", "").replace("’", "'")
    for clause in _CLAUSE.split(plain):
        if not _ADVISES.search(clause) or _NOT.search(clause):
            continue
        for product, words in _WORDS.items():
            if re.search(words, clause):
                yield product, f"it says: {' '.join(clause.split())[:120]}"
    if _SUPPORTS.search(plain):
        for id in re.findall(r"\(([A-Z]+:[A-Z0-9./-]+)\)", text):
            yield _class_of(known.find(id)), f"its rule supports buying {id}"


def _planned(answer: Answer) -> Iterator[tuple[str, str]]:
    for body, name in _mixes(answer):
        for key, product in (("stocks_pct", "stock_funds"), ("bonds_pct", "bonds")):
            if float(str(_dict(body.get(name)).get(key, 0))) > 0:
                yield product, f"its plan holds {product}"


def _mixes(answer: Answer) -> Iterator[tuple[dict[str, object], str]]:
    cards = answer["cards"]
    for card in cards if isinstance(cards, list) else []:
        if card["kind"] == "plan":
            yield from ((card["body"], name) for name in ("mix_before", "mix_after"))


def _class_of(instrument: object) -> str:
    kind = getattr(instrument, "asset_class", None)
    return _OF_CLASS.get(kind, "single_stocks") if isinstance(kind, AssetClass) else "single_stocks"


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
