"""Models against the clock: who is asked when, who is dropped, whose answer counts.

One model is asked; when it fails the next one is. When it is late (no token for the task's first-token deadline)
the next one starts beside it, once in a race at most, and it may still win for the task's hedge time. The first
valid answer wins and whatever still runs is cancelled. Our own deadline stands around each call, because LiteLLM's
Router does not keep short ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from desk.errors import ModelError
from desk.llm.calls import Attempt
from desk.llm.chat import ChatModel, Completion
from desk.llm.health import HealthBook
from desk.llm.tasks import TaskClass
from desk.llm.trial import Trial

CANCEL_AFTER_S = 0.003
"""Unwinding a cancelled HTTP call takes a millisecond of CPU: the next answer goes first."""


GRAIN_S = 0.001
"""The event loop sleeps in whole milliseconds, rounded up: the last one before a deadline is waited awake."""


class Race:
    """One question to several models, best first. `begin` prepares a trial, or raises ModelError to pass a model over.

    `began` and `ends` are instants; `literal`: a model is late without its whole answer.
    """

    def __init__(
        self,
        models: Sequence[ChatModel],
        begin: Callable[[ChatModel], Trial],
        task: TaskClass,
        health: HealthBook,
        *,
        began: float,
        ends: float,
        literal: bool,
    ) -> None:
        self._waiting, self._begin, self._task, self._health = list(models), begin, task, health
        self._began, self._ends, self._literal = began, ends, literal
        self._running: dict[Trial, asyncio.Task[Completion]] = {}
        self._drops: dict[Trial, float] = {}
        self._hedged = False
        self._tried: list[Trial | Attempt] = []
        self.winner: Trial | None = None
        self.cancelled: list[asyncio.Task[Completion]] = []

    async def run(self) -> Completion | None:
        """The first valid answer; None when every model failed or the time is over. Never waits for a loser."""
        try:
            self._start_next()
            while self._running:
                left = self._next_event() - time.perf_counter() - GRAIN_S
                await asyncio.wait(self._running.values(), timeout=max(0.0, left), return_when=asyncio.FIRST_COMPLETED)
                completion = self._collect()
                if completion is not None:
                    return completion
                self._judge(time.perf_counter())
            return None
        finally:
            self._abandon()

    def attempts(self, start: float) -> tuple[Attempt, ...]:
        """Every model as it stands, those passed over included, in the order they were come to."""
        return tuple(tried if isinstance(tried, Attempt) else tried.attempt(start) for tried in self._tried)

    def _start_next(self) -> None:
        """Starts the next model that is worth it; nothing when there is none."""
        while self._waiting:
            model = self._waiting.pop(0)
            try:
                trial = self._begin(model)
            except ModelError as error:
                self._tried.append(Attempt(model.spec.id, 0.0, None, 0.0, error.message, kind=error.kind))
                continue
            if not any(isinstance(tried, Trial) for tried in self._tried):
                trial.began = trial.moved = self._began  # what was done before is in the first one's time
            self._tried.append(trial)
            self._running[trial] = asyncio.create_task(trial.answer())
            return

    def _late_at(self, trial: Trial) -> float:
        return (trial.began if self._literal else trial.moved) + self._task.first_s

    def _next_event(self) -> float:
        return min(self._ends, *(self._drops.get(trial, self._late_at(trial)) for trial in self._running))

    def _collect(self) -> Completion | None:
        """The answer of a finished trial, if one is valid; after a failure the next model starts when none runs."""
        for trial, task in [pair for pair in self._running.items() if pair[1].done()]:
            del self._running[trial]
            error = task.exception()
            if error is None:
                self.winner = trial
                self._health.succeeded(trial.name, (trial.first or time.perf_counter()) - trial.began)
                return task.result()
            kind, after = (error.kind, error.retry_after_s) if isinstance(error, ModelError) else ("failed", None)
            self._health.failed(trial.name, kind, trial.reason, after)
        if not self._running:
            self._start_next()
        return None

    def _judge(self, now: float) -> None:
        """Ends the race at its deadline; drops who was late for too long; starts the one hedge."""
        for trial in list(self._running):
            if now >= self._ends:
                self._drop(trial, f"no answer in {self._task.total_s * 1000:.0f} ms", now)
            elif now < self._late_at(trial):
                self._drops.pop(trial, None)
            else:
                drop_at = self._drops.setdefault(trial, now + self._task.hedge_s)
                if not self._hedged and self._waiting:
                    self._hedged = True
                    self._start_next()
                if now >= drop_at:
                    self._drop(trial, self._lateness(trial), now)

    def _lateness(self, trial: Trial) -> str:
        ms = self._task.first_s * 1000
        if self._literal:
            return f"no answer in {ms:.0f} ms"
        return f"no first token in {ms:.0f} ms" if trial.first is None else f"silent for {ms:.0f} ms in its answer"

    def _drop(self, trial: Trial, reason: str, now: float) -> None:
        trial.reason, trial.kind, trial.ended = reason, "timeout", now
        self._cancel(trial)
        if trial.first is None or self._literal:
            self._health.late(trial.name, now - trial.began)
        else:
            self._health.failed(trial.name, "timeout", reason)

    def _abandon(self) -> None:
        """Cancels the losers; a late one is remembered as late."""
        now = time.perf_counter()
        for trial in list(self._running):
            if trial in self._drops:
                self._drop(trial, self._lateness(trial), now)
            else:
                trial.reason, trial.ended = "another answer came first" if self.winner else "not wanted any more", now
                self._cancel(trial)
                self._health.left(trial.name)

    def _cancel(self, trial: Trial) -> None:
        task = self._running.pop(trial)
        asyncio.get_running_loop().call_later(CANCEL_AFTER_S, task.cancel)
        self.cancelled.append(task)
