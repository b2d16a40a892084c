"""Which agents a question needs by plain rules. Pure: the same words always go the same way.

The rules are data (`routes.yaml`): patterns over the person's words, each naming the agents in
the order they must speak, because later ones build on earlier ones. `graphs/router.py` asks the
certain rules first and the others when the classifier is in doubt or late.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from agents.request import Request

MOST_AGENTS = 6
MOST_BARE, LONGEST_PRICE = 12, 200
"""Words beside names, and characters, of a question that asks for nothing but a price."""
_BARE = re.compile(r"[a-z0-9']+")
_LEAD = re.compile(r"^(?:[\w']+ ){0,3}[\w']+[.!] ")
"""A few words before, as in "too bad. JNJ price"."""


@dataclass(frozen=True)
class Rule:
    """When one of `words` is found in the lower-case question, these agents speak."""

    name: str
    words: re.Pattern[str]
    agents: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """The whole table, compiled."""

    hypothetical: re.Pattern[str]
    filing_first: re.Pattern[str]
    not_filing_first: re.Pattern[str]
    held: re.Pattern[str]
    own_risk: re.Pattern[str]
    practice: re.Pattern[str]
    fees: re.Pattern[str]
    price: re.Pattern[str]
    measure: re.Pattern[str]
    earned: re.Pattern[str]
    moved: re.Pattern[str]
    went: re.Pattern[str]
    own_mix: re.Pattern[str]
    law: re.Pattern[str]
    cases: re.Pattern[str]
    shock: re.Pattern[str]
    may_trade: re.Pattern[str]
    own_orders: re.Pattern[str]
    topics: dict[str, re.Pattern[str]]
    topic_list: re.Pattern[str]
    future: re.Pattern[str]
    joins: re.Pattern[str]
    rules: tuple[Rule, ...]
    may_follow: frozenset[str]


@dataclass(frozen=True)
class Ruled:
    """The agents, and which rule chose them ("default" when none did)."""

    agents: tuple[str, ...]
    by: str


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def _list_of(topics: Iterable[str]) -> re.Pattern[str]:
    """Two or more of them in a row: "price, news and risk"."""
    each = f"(?:{'|'.join(topics)})"
    joined = rf"(?:,? (?:and|plus) |, ?| ?[&+] ?)(?:the |any |its |latest |recent )*{each}"
    return re.compile(rf"\b{each}(?:{joined})+\b")


@cache
def load_rules() -> Rules:
    """Reads `routes.yaml` once; a malformed table raises at the first question (and in the tests)."""
    table = yaml.safe_load((Path(__file__).parent / "routes.yaml").read_text(encoding="utf-8"))
    return Rules(
        hypothetical=_any(table["hypothetical"]),
        filing_first=_any(table["filing_first"]),
        not_filing_first=_any(table["not_filing_first"]),
        held=_any(table["held"]),
        own_risk=_any(table["own_risk"]),
        practice=_any(table["practice"]),
        fees=_any(table["fees"]),
        price=_any(table["price"]),
        measure=_any(table["measure"]),
        earned=_any(table["earned"]),
        moved=_any(table["moved"]),
        went=_any(table["went"]),
        own_mix=_any(table["own_mix"]),
        law=_any(table["law"]),
        cases=_any(table["cases"]),
        shock=_any(table["shock"]),
        may_trade=_any(table["may_trade"]),
        own_orders=_any(table["own_orders"]),
        topics={agent: re.compile(rf"\b(?:{said})\b") for agent, said in table["topics"].items()},
        topic_list=_list_of(table["topics"].values()),
        future=_any(table["future"]),
        joins=_any(table["joins"]),
        rules=tuple(Rule(r["name"], _any(r["words"]), tuple(r["agents"])) for r in table["rules"]),
        may_follow=frozenset(table["may_follow"]),
    )


def find_certain(request: Request) -> Ruled | None:
    """What needs no guess: an order, a filing by name, its deadline, what is held or could be lost, "should I buy"."""
    words, table = request.words, load_rules()
    advice = table.rules[0]
    if advice.words.search(words):
        return Ruled(advice.agents, advice.name)
    if request.order is not None and not table.hypothetical.search(words):
        return Ruled(("execution",), "order")
    return _of_own(request, table) or _of_names(request, table) or _of_filings(words, table)


def _of_own(request: Request, table: Rules) -> Ruled | None:
    """What the person has, what this desk charges, its cases, and the law."""
    words = request.words
    if table.held.search(words):
        return Ruled(("portfolio",), "held")
    if table.own_mix.search(words):
        return Ruled(("portfolio",), "own mix")
    if request.instruments:
        return None
    if table.own_orders.search(words):
        return Ruled(("execution",), "own orders")
    if table.own_risk.search(words):
        return Ruled(("risk",), "own risk")
    if table.cases.search(words):
        return Ruled(("fraud",), "cases")
    if table.law.search(words):
        return Ruled(("compliance",), "law")
    return Ruled(("customer_query",), "fees") if table.fees.search(words) else None


def _of_names(request: Request, table: Rules) -> Ruled | None:
    """What is asked of a thing by name: only its price, its price and news, its practice, its future."""
    words = request.words
    if request.instruments:
        for pattern, agents, name in (
            (table.practice, ("customer_query",), "filing"),
            (table.earned, ("customer_query",), "filing"),
            (table.measure, ("risk",), "measure"),
            (table.moved, ("market_data",), "moved"),
            (table.went, ("market_data",), "moved"),
            (table.future, ("ab_testing",), "future"),
            (table.shock, ("risk",), "shock"),
            (table.may_trade, ("compliance",), "may trade"),
        ):
            if pattern.search(words):
                return Ruled(agents, name)
        if several := _topics(words, table):
            return Ruled(several, "topics")
    bare = _without_names(request)
    return Ruled(("market_data",), "price") if bare is not None and table.price.search(bare) else None


def _topics(words: str, table: Rules) -> tuple[str, ...]:
    """The agents of a list such as "price, news and risk"; () when fewer than two are in it."""
    listed = table.topic_list.search(words)
    found = [agent for agent, said in table.topics.items() if listed and said.search(listed[0])]
    return tuple(found) if len(found) > 1 else ()


def _of_filings(words: str, table: Rules) -> Ruled | None:
    if not table.filing_first.search(words):
        return None
    when = table.not_filing_first.search(words) is not None
    return Ruled(("compliance",), "deadline") if when else Ruled(("customer_query",), "filing")


def _without_names(request: Request) -> str | None:
    """What a short question says beside names: bare words with single spaces; None when it names nothing or is long.

    Without punctuation and of few words, since the patterns for it are read in every way they could fit.
    """
    spans = [(one.start, one.end) for one in request.mentions]
    spans += [(one.start, one.end) for one in request.strangers if one.certain]
    if not spans or len(request.question) > LONGEST_PRICE:
        return None
    text = request.question
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    text = _LEAD.sub("", text)
    words = [word for word in _BARE.findall(text.casefold().replace("\u2019", "'")) if word != "'s"]
    return " ".join(words) if len(words) <= MOST_BARE else None


def choose_agents(request: Request) -> Ruled:
    """The agents for a request by rules alone, in speaking order; at least one, at most six."""
    certain = find_certain(request)
    if certain is not None:
        return certain
    words, table = request.words, load_rules()
    matched = [rule for rule in table.rules if rule.words.search(words)]
    if not matched:
        return Ruled(("market_data",) if request.instruments else ("customer_query",), "default")
    chosen = list(matched[0].agents)
    if table.joins.search(words) and matched[0].name in table.may_follow:
        for rule in matched[1:]:
            if rule.name in table.may_follow:
                chosen += [agent for agent in rule.agents if agent not in chosen]
    return Ruled(tuple(chosen[:MOST_AGENTS]), matched[0].name)
