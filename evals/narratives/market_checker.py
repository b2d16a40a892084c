"""Whether a shown story of market abuse says what its case has, judged from the alert's rows alone.

Written apart from the teller and its fact table, neither of which it trusts: a line that names an order, trade or form,
or a day of a bar, must have quantity, price, day and account of one row; the head and the figures are the alert's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from desk.fraud.abuse.records import Evidence, MarketAlert
from desk.fraud.abuse.words import INNOCENT
from evals.grounding.numerals import runs
from evals.narratives.checker import Claim

_LINK = re.compile(r"\[([^\]]*)\]\(#fact-[^)]*\)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NAME = re.compile(r"(?<=[a-z0-9,;:] )[A-Z][\w-]*[a-z]\w*|\b[A-Z]+-?\d[\w-]*")
_HEADS = ("- ", "Rules that fired: ", "It may be innocent: ")
CENT = Decimal("0.01")
PHRASES: dict[str, tuple[str, int]] = {
    "episodes in which": ("episodes", 1),
    "size pulled": ("ratio", 1),
    "pairs of orders": ("pairs", 1),
    "trades between": ("trades", 1),
    "messages sent": ("messages", 1),
    "cancellations among": ("cancelled", 1),
    "own usual spread": ("z", 1),
    "return over": ("return", 100),
    "rise from base": ("rise", 100),
    "fall from the peak": ("fall", 100),
    "last trade to the news": ("days_before", 1),
    "usual size of this person": ("times_usual", 1),
    "after the due date, the longest": ("days_late", 1),
}
"""A phrase of a line about a figure of the rule, the figure's name, and what it is multiplied by."""


def market_claims(alert: MarketAlert, shown: str) -> list[Claim]:
    """Every numeral and every name of a shown text (slots filled, each a link), in order."""
    found, told = list[Claim](), 0
    whole = {" ".join(rule.text for rule in alert.rules), INNOCENT[alert.kind], alert.title}
    for place, line in enumerate(filter(None, shown.split("\n"))):
        bare = line
        for head in _HEADS:
            bare = bare.removeprefix(head)
        if bare in whole:
            found += [Claim(run.text, True) for run in runs(bare)]
        elif place == 0:
            found += _of_head(alert, bare)
        else:
            claims, is_row = _of_line(alert, bare, told)
            found += claims
            told += is_row
    return found


def _of_head(alert: MarketAlert, line: str) -> list[Claim]:
    body = line.removeprefix(f"{alert.title}: ")
    own = {
        "account": {Decimal(len(alert.accounts))},
        "row": {Decimal(len(alert.evidence))},
        "": {Decimal(str(alert.score))},
    }
    found = []
    for words in _LINK.findall(body):
        number, _, unit = words.partition(" ")
        held = own.get(unit.removesuffix("s"), {_cents(alert.amount)})
        found.append(Claim(words, _value(number) in held))
    days = {_day(alert.start), _day(alert.end)}
    return found + _rest(_LINK.sub(" ", body), days, [alert.instrument])


def _of_line(alert: MarketAlert, line: str, told: int) -> tuple[list[Claim], int]:
    """The claims of a line after the head, and 1 when it tells of a row; `told` rows were told of before it."""
    links, plain = _LINK.findall(line), _LINK.sub(" ", line)
    for phrase, (figure, times) in PHRASES.items():
        if phrase in plain and figure in alert.figures:
            held = _cents(alert.figures[figure] * times)
            return [Claim(one, _cents_of(one) == held) for one in links] + _rest(plain, set(), []), 0
    if links and plain.startswith("and "):
        return [Claim(one, _cents_of(one) == len(alert.evidence) - told) for one in links] + _rest(plain, set(), []), 0
    row = _row_of(alert.evidence, plain, links)
    if row is None:
        return [Claim(one, False) for one in links] + _rest(plain, set(), []), 0
    values = [Claim(one, _of_row(row, one)) for one in links]
    return values + _rest(plain, {_day(row.at)}, [row.id, row.account]), 1


def _row_of(rows: Sequence[Evidence], plain: str, links: Sequence[str]) -> Evidence | None:
    """The row whose names, day and numbers a line has, else one whose names it has; None without any."""
    days = set(_DAY.findall(plain))
    named = [row for row in rows if row.id and _stands(row.id, plain) and (not row.account or row.account in plain)]
    pool = named or [row for row in rows if not row.account and days == {_day(row.at)}]
    exact = [row for row in pool if days == {_day(row.at)} and all(_of_row(row, one) for one in links)]
    longest = sorted(exact or pool, key=lambda row: -len(row.id))
    return longest[0] if longest else None


def _of_row(row: Evidence, words: str) -> bool:
    number, _, unit = words.partition(" ")
    held = row.quantity if unit in {"unit", "units", "message", "messages"} else row.price
    return held is not None and _cents(held) == _value(number).quantize(CENT)


def _rest(text: str, days: set[str], names: Sequence[str]) -> list[Claim]:
    """Days, names and numerals outside links: those days and names hold, all else that looks like one does not."""
    found = [Claim(day, day in days) for day in _DAY.findall(text)]
    text = _DAY.sub(" ", text)
    for name in sorted(filter(None, names), key=len, reverse=True):
        found += [Claim(name, True) for _ in re.finditer(re.escape(name), text)]
        text = text.replace(name, " ")
    found += [Claim(name, False) for name in _NAME.findall(text)]
    return found + [Claim(run.text, False) for run in runs(_NAME.sub(" ", text))]


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w:/-]){re.escape(name)}(?![\w/-]|:\w)", text) is not None


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", "").replace("−", "-"))


def _cents_of(words: str) -> Decimal:
    return _value(words.partition(" ")[0]).quantize(CENT)


def _cents(value: float) -> Decimal:
    return Decimal(str(value)).quantize(CENT)


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
