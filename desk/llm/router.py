"""The deadline router: which model answers a question, for how much, and what happens when none does.

Models are passed over before they are asked (health, abilities, context), race each other within the task's
deadlines (`desk.llm.race`), pay from budgets, and leave a decision record. When none gave a valid answer in time
the caller's own plan, already prepared, does. Nothing here raises for a model's failure.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from desk.clock import Clock, to_iso
from desk.errors import ModelError, NotFound
from desk.llm import draft
from desk.llm.cache import AnswerCache
from desk.llm.calls import Attempt, CallBook, CallRecord, reasons
from desk.llm.chat import ChatModel, Completion, Message, Request, ToolSchema
from desk.llm.context import prepare
from desk.llm.health import HealthBook
from desk.llm.models import NANOS
from desk.llm.race import Race
from desk.llm.redaction import Redaction
from desk.llm.spending import Purse, Spending
from desk.llm.tasks import TaskClass, literal, task_class
from desk.llm.trial import Trial, Watch
from desk.store.subjects import SubjectStore

CANCEL_S = 5.0
"""How long a cancelled call may take to end before its record is written without it."""


@dataclass(frozen=True)
class Ask:
    """A question to whichever model answers.

    `schema`: the JSON schema of the wanted text, or None. `models`: only these, in this order, health or not.
    `first`: the model asked before the others of the desk; one that is not here changes nothing.
    `prompt` is the label of its version. `cached`: an answer kept for the same person may serve, and is kept.
    `ends`: an instant of `time.perf_counter` by which the answer must be there, if before the task's deadline.
    `purse`: a further budget that pays. `choice`: see `Request`.
    """

    task: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSchema, ...] = ()
    schema: Mapping[str, object] | None = None
    prompt: str = ""
    run: str = ""
    person: str = ""
    models: tuple[str, ...] = ()
    first: str = ""
    max_tokens: int = 0
    cached: bool = False
    ends: float = math.inf
    purse: Purse | None = None
    temperature: float = 0.0
    choice: str = ""


@dataclass(frozen=True)
class Routed:
    """The answer (the last resort's when no model's was valid; None without either) and what was tried."""

    completion: Completion | None
    attempts: tuple[Attempt, ...]
    reason: str | None
    by_model: bool

    @property
    def tokens(self) -> int:
        """Of all attempts."""
        return self.prompt_tokens + sum(attempt.completion_tokens for attempt in self.attempts)

    @property
    def first_ms(self) -> float | None:
        """From the start until the first token of the used answer; None without one, or when it came whole."""
        return next((attempt.first_ms for attempt in self.attempts if not attempt.reason), None)

    @property
    def prompt_tokens(self) -> int:
        """Of all attempts."""
        return sum(attempt.prompt_tokens for attempt in self.attempts)

    @property
    def cost_usd(self) -> float:
        """Of all attempts, those that lost included."""
        return sum(attempt.nanos for attempt in self.attempts) / NANOS


class DeadlineRouter:
    """The models of this desk, best first. Used from one event loop; `close` ends it."""

    def __init__(
        self,
        models: Sequence[ChatModel],
        money: Spending,
        book: CallBook,
        wall: Clock,
        *,
        redaction: Redaction,
        health: HealthBook | None = None,
        cache: AnswerCache | None = None,
        fallback_ms: int = 0,
    ) -> None:
        self.models = {model.spec.id: model for model in models}
        self.money, self.book, self.health = money, book, health or HealthBook()
        self._wall, self._redaction, self._cache, self._fallback_ms = wall, redaction, cache, fallback_ms
        self._ending: set[asyncio.Task[None]] = set()
        self.subject_stores: list[SubjectStore] = [book] if cache is None else [book, cache]

    @property
    def names(self) -> list[str]:
        """The models in the order they are preferred; empty means there is none."""
        return list(self.models)

    def serves(self, task: str) -> bool:
        """Whether any model is for such a task; without one a caller need not ask."""
        return any(not model.spec.tasks or task in model.spec.tasks for model in self.models.values())

    def task(self, name: str) -> TaskClass:
        """A task's deadlines as they hold here: TENOR_LLM_FALLBACK_MS replaces them."""
        found = task_class(name)
        return literal(found, self._fallback_ms) if self._fallback_ms else found

    async def complete(
        self, ask: Ask, last: Callable[[], Completion] | None = None, watch: Watch | None = None
    ) -> Routed:
        """The first valid answer inside the task's deadline, else `last`'s.

        NotFound for a model in `ask.models` that is not here; InputError for an unknown task.
        """
        began, task, models = time.perf_counter(), self.task(ask.task), self._named(ask.models)
        if not task.model or not models:
            return Routed(last() if last else None, (), None, by_model=False)
        request = Request(
            tuple(map(self._redaction.clean_message, ask.messages)),
            ask.tools,
            ask.schema,
            min(ask.max_tokens or task.max_tokens, task.max_tokens),
            ask.temperature,
            ask.choice,
        )
        models = self._ordered(models, task, ask.first)
        kept = await self._find(ask, models[0], request)
        if kept is not None:
            return self._hit(ask, task, request, kept, began)
        begin = partial(self._begin, ask=ask, task=task, request=request, watch=watch)
        ends = min(began + task.total_s, ask.ends)
        race = Race(models, begin, task, self.health, began=began, ends=ends, literal=bool(self._fallback_ms))
        try:
            completion = await race.run()
        finally:
            self._end(ask, task, request, race, began)
        attempts = race.attempts(began)
        reason = self._reason(attempts, race.winner)
        if completion is None:
            return Routed(last() if last else None, attempts, reason, by_model=False)
        await self._keep_answer(ask, race.winner, completion)
        return Routed(completion, attempts, reason, by_model=True)

    def clean(self, text: str) -> str:
        """The text without the desk's keys, and what looks like one."""
        return self._redaction.clean(text)

    def warm(self) -> None:
        """Loads in the background what the first answer would wait for; returns at once."""
        if self.models:
            threading.Thread(target=self._warm, name="tenor-models", daemon=True).start()

    async def ready(self) -> None:
        """Waits until the models are loaded, so that a single question is not late for that; quick when they are."""
        if self.models:
            await asyncio.to_thread(self._warm)

    async def drain(self) -> None:
        """Waits until every cancelled call has ended and is recorded."""
        while self._ending:
            await asyncio.gather(*self._ending)

    def close(self) -> None:
        """Ends the models and writes what waits to be written. No question may follow."""
        for model in self.models.values():
            model.close()
        self.book.close()
        self.money.close()

    def _warm(self) -> None:
        draft.warm()
        for model in self.models.values():
            model.warm()

    def _named(self, names: tuple[str, ...]) -> list[ChatModel]:
        for name in names:
            if name not in self.models:
                raise NotFound(f"model {name!r} is not configured; there are: {', '.join(self.models) or 'none'}")
        return [self.models[name] for name in names or self.models]

    def _ordered(self, models: list[ChatModel], task: TaskClass, first: str) -> list[ChatModel]:
        if task.order == "fastest":
            models = sorted(models, key=lambda model: self.health.of(model.spec.id).first_ms or 0.0)
        return sorted(models, key=lambda model: model.spec.id != first)

    def _begin(self, model: ChatModel, ask: Ask, task: TaskClass, request: Request, watch: Watch | None) -> Trial:
        """A trial of the model; ModelError when it is passed over."""
        fitted, notes = prepare(model.spec, request)
        if not ask.models and model.spec.tasks and task.name not in model.spec.tasks:
            raise ModelError(f"is for {', '.join(model.spec.tasks)} only, this is {task.name}")
        reason = None if ask.models else self.health.passes_over(model.spec.id, task.first_s)
        if reason is not None:
            raise ModelError(reason)
        most = round(task.most_usd * NANOS)
        return Trial(model, fitted, self.money, ask.run, ask.person, most, task.first_s, watch, notes, purse=ask.purse)

    async def _find(self, ask: Ask, model: ChatModel, request: Request) -> Completion | None:
        if not ask.cached or self._cache is None:
            return None
        try:
            fitted, _ = prepare(model.spec, request)
        except ModelError:
            return None
        return await asyncio.to_thread(self._cache.find, model.spec, fitted, ask.person)

    async def _keep_answer(self, ask: Ask, winner: Trial | None, completion: Completion) -> None:
        if ask.cached and self._cache is not None and winner is not None:
            await asyncio.to_thread(self._cache.keep, winner.model.spec, winner.request, ask.person, completion)

    def _hit(self, ask: Ask, task: TaskClass, request: Request, kept: Completion, began: float) -> Routed:
        ms = round((time.perf_counter() - began) * 1000, 3)
        attempts = (Attempt(kept.model, 0.0, ms, ms, "", kept.text, notes=("from the cache",)),)
        self._record(ask, task, request, attempts, kept.model, ms)
        return Routed(kept, attempts, None, by_model=True)

    def _reason(self, attempts: tuple[Attempt, ...], winner: Trial | None) -> str | None:
        """Why the first choice did not answer; None when it did."""
        before = takewhile(lambda attempt: winner is None or attempt.model != winner.name, attempts)
        return self._redaction.clean(reasons(before)) or (None if winner else "no model answered")

    def _end(self, ask: Ask, task: TaskClass, request: Request, race: Race, began: float) -> None:
        """Records the call, after the cancelled ones have ended: only then is their cost known."""
        ms = (time.perf_counter() - began) * 1000

        def record() -> None:
            attempts, winner = race.attempts(began), race.winner
            reason = self._reason(attempts, winner) or ""
            self._record(ask, task, request, attempts, winner.name if winner else "", ms, reason)

        if not race.cancelled:
            record()
            return
        ending = asyncio.create_task(_after(race.cancelled, record))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _record(
        self,
        ask: Ask,
        task: TaskClass,
        request: Request,
        attempts: tuple[Attempt, ...],
        model: str,
        ms: float,
        reason: str = "",
    ) -> None:
        asked = json.dumps(request.to_wire(), sort_keys=True).encode()
        self.book.keep(
            CallRecord(
                to_iso(self._wall.now()),
                ask.run,
                ask.person,
                task.name,
                ask.prompt,
                model,
                hashlib.sha256(asked).hexdigest(),
                reason,
                deadline_ms=task.total_s * 1000,
                ms=ms,
                attempts=attempts,
            )
        )


async def _after(tasks: list[asyncio.Task[Completion]], then: Callable[[], None]) -> None:
    await asyncio.wait(tasks, timeout=CANCEL_S)
    for task in tasks:
        if task.done() and not task.cancelled():
            task.exception()  # looked at, so that nobody is told it was not
    then()
