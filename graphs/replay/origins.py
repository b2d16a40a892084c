"""Where the facts of a recorded run come from: who registered each, what it rests on, and every place that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from pydantic import TypeAdapter

from agents.answers import Citation, Frozen, ShownFact
from desk.errors import NotFound
from desk.instruments import Instrument
from graphs.replay.bundle import Bundle, Sealed

_LINK = re.compile(r"\[([^\]]*)\]\(#fact-([^)]*)\)")
_INSTRUMENTS = TypeAdapter(tuple[Instrument, ...])
_PAGE = re.compile(r"\bpage (\d+)\b")
_AROUND = 60
"""Signs that are shown on each side of a place."""


class TraceFact(Frozen):
    """A fact of a run. `value` is exact where a tool registered it, else as the answer has it; `text` is the words.

    `call` is the number of the tool call that registered it in the part of `agent`; None when the agent's plan made it
    from results, which `tool` then leaves empty. `inputs` are the facts it rests on, as far as they are recorded;
    `used_by` the agents whose words show it.
    """

    id: str
    label: str
    value: str
    text: str
    unit: str
    currency: str | None
    as_of: str
    source: str
    locator: str
    hash: str
    inputs: tuple[str, ...]
    agent: str
    call: int | None
    tool: str
    used_by: tuple[str, ...]


class FactPlace(Frozen):
    """A place of the answer that shows a fact: whose words, and what stands around it, without links."""

    agent: str
    before: str
    text: str
    after: str


class NamedFact(Frozen):
    """Another fact of the run, by what it is called and says."""

    id: str
    label: str
    text: str


class FactSubject(Frozen):
    """What a fact speaks of: an instrument, an account or a filing, by id and name."""

    kind: Literal["instrument", "account", "filing"]
    id: str
    name: str


class FactOrigin(Frozen):
    """What is behind one fact. `inputs` and `named_by` are facts of the same run; `arguments` those of the call, JSON.

    `citations` are the places of the filing that it was read from; `about` is None where nothing names it.
    """

    run: str
    hash: str
    fact: TraceFact
    arguments: str
    ok: bool
    inputs: tuple[NamedFact, ...]
    named_by: tuple[NamedFact, ...]
    places: tuple[FactPlace, ...]
    citations: tuple[Citation, ...]
    about: FactSubject | None


class Link(NamedTuple):
    """A filled slot of a text: the fact, what is shown, and where."""

    fact: str
    shown: str
    start: int
    end: int


def links_in(text: str) -> Iterator[Link]:
    """The filled slots of an answer's text."""
    for match in _LINK.finditer(text):
        yield Link(match[2], match[1], match.start(), match.end())


def facts_of(bundle: Bundle, answer: Mapping[str, object], texts: Mapping[str, str]) -> tuple[TraceFact, ...]:
    """Every recorded fact in the order in which it was registered; the plans' own stand behind the last call."""
    shown = {link.fact: link.shown for link in links_in(str(answer["answer"]))}
    used = _users(texts)
    found: dict[str, TraceFact] = {}
    for part in bundle.parts:
        for number, call in enumerate(part.calls, 1):
            for fact in call.facts:
                made = _of_call(fact, shown.get(fact.id), used.get(fact.id, ()))
                found.setdefault(
                    fact.id, made.model_copy(update={"agent": part.agent, "call": number, "tool": call.tool})
                )
    rows = answer["facts"] if isinstance(answer["facts"], list) else []
    for row in rows:
        found.setdefault(str(row["id"]), _of_answer(row, shown, used.get(str(row["id"]), ())))
    known = frozenset(found)
    return tuple(fact.model_copy(update={"inputs": _inputs(fact, known)}) for fact in found.values())


def read_origin(sealed: Sealed, facts: Sequence[TraceFact], texts: Mapping[str, str], id: str) -> FactOrigin:
    """What is behind the fact of that id. NotFound when the run has no such fact."""
    bundle = sealed.bundle
    by_id = {fact.id: fact for fact in facts}
    fact = by_id.get(id)
    if fact is None:
        raise NotFound(f"run {bundle.run} has no fact {id[:120]!r}; GET /v1/runs/{bundle.run} lists those it has")
    part = next((part for part in bundle.parts if part.agent == fact.agent), None)
    call = None if part is None or fact.call is None else part.calls[fact.call - 1]
    given = ([call] if call is not None else []) or (part.calls if part is not None else ())
    return FactOrigin(
        run=bundle.run,
        hash=sealed.hash,
        fact=fact,
        arguments="" if call is None else call.arguments,
        ok=call is None or call.error is None,
        inputs=tuple(_named(by_id[each]) for each in fact.inputs if each in by_id),
        named_by=tuple(_named(other) for other in facts if id in other.inputs),
        places=tuple(_places(id, texts)),
        citations=_citations(bundle, fact),
        about=_about(bundle, fact, [row.arguments for row in given]),
    )


def _users(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for agent, text in texts.items():
        for link in links_in(text):
            found.setdefault(link.fact, {})[agent] = None
    return {id: tuple(agents) for id, agents in found.items()}


def _of_call(shown: ShownFact, text: str | None, used: tuple[str, ...]) -> TraceFact:
    fact = shown.fact
    return TraceFact(
        **shown.model_dump(include=_PLAIN),
        value=str(shown.value),
        text=text or fact.text(),
        hash=fact.hash,
        inputs=tuple(map(str, getattr(shown, "inputs", ()))),
        agent="",
        call=None,
        tool="",
        used_by=used,
    )


_PLAIN = {"id", "label", "unit", "currency", "as_of", "source", "locator"}


def _of_answer(row: Mapping[str, object], shown: Mapping[str, str], used: tuple[str, ...]) -> TraceFact:
    plain = ShownFact.model_validate({**row, "value": Decimal(str(row["value"]))})
    made = _of_call(plain, shown.get(plain.id), used)
    return made.model_copy(update={"hash": str(row["hash"]), "agent": used[0] if used else ""})


def _inputs(fact: TraceFact, known: frozenset[str]) -> tuple[str, ...]:
    """What the fact says it rests on; where it says nothing, the facts of the run that its formula names."""
    words = re.findall(r"[A-Za-z0-9_.:-]+", fact.locator)
    return fact.inputs or tuple(dict.fromkeys(word for word in words if word in known and word != fact.id))


def _named(fact: TraceFact) -> NamedFact:
    return NamedFact(id=fact.id, label=fact.label, text=fact.text)


def _places(id: str, texts: Mapping[str, str]) -> Iterator[FactPlace]:
    for agent, text in texts.items():
        for link in links_in(text):
            if link.fact == id:
                line = text.rfind("\n", 0, link.start) + 1
                end = text.find("\n", link.end)
                before = _unmarked(text[line : link.start]).removeprefix("- ")
                after = _unmarked(text[link.end : end if end >= 0 else len(text)])
                yield FactPlace(agent=agent, before=before[-_AROUND:], text=link.shown, after=after[:_AROUND])


def _unmarked(text: str) -> str:
    """The words without links and bold marks."""
    return _LINK.sub(r"\1", text).replace("**", "")


def _citations(bundle: Bundle, fact: TraceFact) -> tuple[Citation, ...]:
    """The answer's citations of the filing that a fact is named after; those of its page, when its locator says one."""
    every = [Citation.model_validate(row) for row in json.loads(bundle.answer)["citations"]]
    of = [citation for citation in every if fact.id.startswith(f"{citation.filing}.")]
    page = _PAGE.search(fact.locator)
    near = [citation for citation in of if page and citation.page == int(page[1])]
    return tuple(near or of)


def _about(bundle: Bundle, fact: TraceFact, arguments: Sequence[str]) -> FactSubject | None:
    """By the fact's own name first: a filing in its id, a symbol or an account in its label; then by the calls."""
    for citation in _citations(bundle, fact):
        return FactSubject(kind="filing", id=citation.filing, name=citation.document)
    first = fact.label.split(" ", 1)[0]
    instruments = _INSTRUMENTS.validate_json(bundle.instruments)
    given = [row for row in map(json.loads, arguments) if isinstance(row, dict)]
    named = [str(row["instrument"]) for row in given if row.get("instrument")]
    for known in instruments:
        if first in (known.symbol, known.id):
            return FactSubject(kind="instrument", id=known.id, name=known.name)
    for account in [first] if first in bundle.person.accounts else []:
        return FactSubject(kind="account", id=account, name=account)
    for known in instruments:
        if known.id in named:
            return FactSubject(kind="instrument", id=known.id, name=known.name)
    for account in (str(row["account"]) for row in given if row.get("account")):
        return FactSubject(kind="account", id=account, name=account)
    return None
