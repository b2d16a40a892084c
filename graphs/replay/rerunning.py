"""A recorded run under another model or prompt, asked live from the budget of who tries: nothing else is touched."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents.driver import purse_of
from desk.errors import InputError, NotFound
from desk.identity.roles import Action, Person, check_may
from desk.llm.chat import Completion
from desk.llm.router import Ask, DeadlineRouter, Routed
from desk.llm.tasks import TaskClass
from desk.telemetry import bind
from graphs.replay.bundle import Bundle
from graphs.replay.comparing import Comparison
from graphs.replay.recorded import Exchange
from graphs.replay.replaying import check_code, replay
from graphs.runtime import Runtime
from prompts.library import Prompt, find_prompt


@dataclass(frozen=True)
class Wish:
    """What is to be different: the model asked by all agents ("" as recorded), prompts as AGENT=vN.

    `anyway`: also when the code is other than the recorded run's.
    """

    model: str = ""
    prompts: tuple[str, ...] = ()
    anyway: bool = False

    @property
    def changes(self) -> bool:
        """Whether anything is to be different."""
        return bool(self.model or self.prompts)


@dataclass(frozen=True)
class Billed:
    """The desk's models, asked in another's name: budget, records and key are theirs."""

    router: DeadlineRouter
    person: Person
    run: str
    only: str

    def serves(self, task: str) -> bool:
        """A model that was named is asked whatever it is for."""
        return bool(self.only) or self.router.serves(task)

    def task(self, name: str) -> TaskClass:
        """See `Models`."""
        return self.router.task(name)

    async def complete(self, ask: Ask, last: Callable[[], Completion] | None = None) -> Routed:
        """See `Models`."""
        mine = replace(ask, run=self.run, person=self.person.name, purse=purse_of(self.person), cached=False)
        return await self.router.complete(mine, last)


async def rerun(runtime: Runtime, bundle: Bundle, person: Person | None, wish: Wish) -> Comparison:
    """The bundle replayed as it is or, by an evaluator, under what the wish changes.

    Conflict when the code is another, Strayed when an unchanged run leaves its record, NotFound for a model or prompt
    that is not here, Forbidden for who may not run evals.
    """
    if not wish.anyway:
        check_code(bundle)
    if not wish.changes:
        return await replay(bundle)
    if person is None:
        raise InputError("another model or prompt is asked from somebody's budget: add --as USER")
    check_may(person, Action.RUN_EVALS)
    if wish.model and wish.model not in runtime.models.models:
        there = ", ".join(runtime.models.names) or "none"
        raise NotFound(f"model {wish.model!r} is not configured; choose one of: {there}")
    prompts = read_prompts(bundle, wish.prompts)
    run = f"replay-{secrets.token_hex(8)}"
    with bind(run=run, person=person.name):
        exchange = Exchange(Billed(runtime.models, person, run, wish.model), wish.model, prompts)
        return await replay(bundle, exchange)


def read_prompts(bundle: Bundle, words: Sequence[str]) -> dict[str, Prompt]:
    """Prompts by agent from AGENT=vN. InputError for another form and an agent that did not speak; NotFound."""
    found: dict[str, Prompt] = {}
    spoke = [part.agent for part in bundle.parts]
    for word in words:
        agent, equals, version = word.partition("=")
        if not equals or not version.startswith("v"):
            raise InputError(f"prompt {word!r} is not AGENT=vN, for example risk=v1")
        if agent not in spoke:
            raise InputError(f"agent {agent!r} did not speak in this run; those who did: {', '.join(spoke)}")
        found[agent] = find_prompt(f"{agent}.{version}")
    return found
