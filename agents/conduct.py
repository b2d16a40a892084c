"""What nobody is helped with, whoever asks: a table of policies (`conduct.yaml`), asked before an agent speaks.

Deterministic and from the person's own words only. A refusal says which policy, why, and what to do instead; it ends
the turn. Questions that only ask what such a thing is are not its business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from agents.agent import Agent, Plan, Turn
from agents.answers import AgentAnswer, Refusal
from desk.identity.roles import Role

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True)
class Policy:
    """One row. `needs`: who must be named too: "other", another person or account, or "person", another person.

    `teaches`: asking what it is passes.
    """

    rule: str
    limit: str
    message: str
    instead: str
    entry: str
    words: re.Pattern[str]
    unless: re.Pattern[str] | None
    needs: str
    teaches: bool


@dataclass(frozen=True)
class Policies:
    """The table: `explains` marks a question that asks what something is, `harmful` one that asks for help to do it."""

    explains: re.Pattern[str]
    harmful: re.Pattern[str]
    rows: tuple[Policy, ...]


class Named(NamedTuple):
    """Who else a question names."""

    person: bool
    account: bool


@cache
def load_policies() -> Policies:
    """Reads `conduct.yaml` once; a malformed table raises at the first question (and in the tests)."""
    table = yaml.safe_load((Path(__file__).parent / "conduct.yaml").read_text(encoding="utf-8"))
    return Policies(_any(table["explains"]), _any(table["harmful"]), tuple(_policy(row) for row in table["policies"]))


def _policy(row: dict[str, object]) -> Policy:
    plain = {name: str(row[name]) for name in ("rule", "limit", "message", "instead", "entry")}
    unless = _any(row["unless"]) if "unless" in row else None
    needs, teaches = str(row.get("needs", "")), row.get("teaches") is True
    return Policy(**plain, words=_any(row["words"]), unless=unless, needs=needs, teaches=teaches)


def _any(patterns: object) -> re.Pattern[str]:
    return re.compile("|".join(str(pattern) for pattern in patterns)) if isinstance(patterns, list) else re.compile("")


def read_words(question: str) -> str:
    """The question as the patterns want it: lower case, plain apostrophes, single spaces."""
    return " ".join(question.casefold().replace("’", "'").split())


def find_policies(words: str) -> tuple[Policy, ...]:
    """The policies that the words touch, in the table's order; those that need another person named too."""
    table = load_policies()
    asks = table.explains.search(words) is not None and table.harmful.search(words) is None
    return tuple(
        row
        for row in table.rows
        if row.words.search(words)
        and not (row.teaches and asks)
        and not (row.unless is not None and row.unless.search(words))
    )


def find_breach(turn: Turn) -> Policy | None:
    """The first policy that the question breaks; None for an honest one.

    Who else is named is looked up only when a policy asks for it.
    """
    words = read_words(turn.request.question)
    named: Named | None = None
    for policy in find_policies(words):
        if not policy.needs:
            return policy
        if named is None:
            named = _name_others(turn, words)
        if named.person or (named.account and policy.needs == "other"):
            return policy
    return None


def _name_others(turn: Turn, words: str) -> Named:
    """Whether another person, or an account that is not the asker's, is named. Compliance may look at others."""
    if turn.context.person.role is Role.COMPLIANCE and "delete" not in words and "erase" not in words:
        return Named(False, False)
    found = set(_WORD.findall(words))
    said = found | {one.removesuffix("s") for one in found}
    accounts = set(turn.context.sight.accounts_in(said)) - set(turn.context.person.accounts)
    people = set(turn.context.sight.people_in(said)) - {turn.context.person.name}
    return Named(bool(people), bool(accounts))


def refuse(policy: Policy) -> AgentAnswer:
    """The refusal in words and as a rule's."""
    refusal = Refusal(rule=policy.rule, limit=policy.limit, value="asked for", message=policy.message)
    text = f"I do not help with this: {policy.message}. What you may do instead: {policy.instead}."
    return AgentAnswer(text=text, refusal=refusal, ends=True)


def keeps_conduct(agent: Agent) -> Agent:
    """The agent with the policies before its plan."""
    plan: Plan = agent.plan

    def conduct_first(turn: Turn) -> AgentAnswer:
        breach = find_breach(turn)
        return plan(turn) if breach is None else refuse(breach)

    return replace(agent, plan=conduct_first)
