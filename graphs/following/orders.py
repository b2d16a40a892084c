"""Follow-ups that end in an order: of what was spoken of, or the order before with a part replaced."""

from __future__ import annotations

import re

from agents.order_wish import OrderWish
from graphs.following.talk import Named, Talk, only
from graphs.following.words import ANOTHER, ANOTHER_BEHIND, CHANGES, FILLERS, LOOSE_TRADE, SLIPPED


def trade(talk: Talk) -> str | None:
    """As in "sell half of it", "buy 20 more", "close the position": the instrument is the one named last."""
    match = LOOSE_TRADE.match(talk.question)
    found = talk.antecedent() if match and not talk.mentions(talk.question) else None
    if match is None or found is None:
        return None
    side, amount = match["side"].casefold(), (match["amount"] or match["whole"] or "").strip()
    if side == "get":
        side = "buy"
    if side == "close" or (not amount and side != "buy"):
        side, amount = "sell", amount or "all"
    limit = f" at {match['limit']}" if match["limit"] else ""
    of = " of" if re.search(r"[a-z%]$", amount, re.IGNORECASE) else ""
    return f"{side} {amount}{of} {_traded(found)}{limit}".replace("  ", " ")


def change(talk: Talk) -> str | None:
    """As in "make it 50", "double it", "at 150 instead", "and 30 Microsoft": the order before, a part replaced."""
    wish = talk.ordered
    if wish is None:
        return None
    named = talk.mentions(talk.question)
    if named:
        return _another(talk, wish, named)
    if wish.instrument is None:
        return None
    for pattern, kind in CHANGES:
        match = pattern.match(talk.question)
        if match is None:
            continue
        quantity, limit = wish.quantity, f" at {wish.limit}" if wish.limit else ""
        if kind == "limit":
            limit = f" at {match['number']}"
        elif kind == "market":
            limit = ""
        elif kind == "both":
            quantity, limit = match["number"], f" at {match['limit']}"
        elif kind == "share":
            return f"sell {match['number']} of {wish.instrument.id}{limit}" if wish.share is not None else None
        else:
            quantity = _times(quantity, kind) if kind in {"double", "half"} else match["number"]
        return f"{wish.side.value} {quantity} {wish.instrument.id}{limit}" if quantity else None
    return None


def _another(talk: Talk, wish: OrderWish, named: list[Named]) -> str | None:
    if len(named) != 1:
        return None
    start, end = named[0].start, named[0].end
    match, slip = ANOTHER.match(talk.question), SLIPPED.match(talk.question[:start])
    if slip is not None and wish.quantity and only(talk.question[end:], FILLERS):
        return f"{wish.side.value} {wish.quantity} {_traded(named[0])}"
    if match is not None and start >= match.start("rest"):
        number, rest = match["number"], f"{talk.question[match.start('rest') : start]} {talk.question[end:]}"
    else:
        behind = ANOTHER_BEHIND.match(talk.question[end:])
        if behind is None:
            return None
        number, rest = behind["number"], talk.question[:start]
    quantity = number or wish.quantity
    return f"{wish.side.value} {quantity} {_traded(named[0])}" if quantity and only(rest, FILLERS) else None


def _traded(named: Named) -> str:
    """What an order calls it: its id, or the name as it was said when it is no instrument."""
    return named.instrument.id if named.instrument else named.words


def _times(quantity: str, kind: str) -> str:
    """Twice the units; half of them only when that is whole."""
    if not re.fullmatch(r"\d+", quantity):
        return ""
    units = int(quantity)
    if kind == "double":
        return str(units * 2)
    return "" if units % 2 else str(units // 2)
