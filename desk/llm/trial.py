"""One model being asked: its calls, retries and the one repair round, with the money of each call."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from desk.errors import ModelError
from desk.llm.calls import Attempt
from desk.llm.chat import ChatModel, Completion, Message, Part, Request
from desk.llm.context import worst_tokens
from desk.llm.draft import Draft
from desk.llm.spending import Purse, Spending

MOST_TRIES = 3
BACKOFF_S = 0.05
REPAIRABLE = frozenset({"tool", "schema"})

Watch = Callable[[str, Part], None]
"""Told each part as it comes, with the model's name. Parts of two models may mix; only the winner's are the answer."""


@dataclass(eq=False)
class Trial:
    """One model's attempt within a race. Times are `time.perf_counter`'s."""

    model: ChatModel
    request: Request
    money: Spending
    run: str
    person: str
    most_nanos: int
    first_s: float
    watch: Watch | None = None
    notes: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    first: float | None = None
    moved: float = 0.0
    ended: float | None = None
    reason: str = ""
    kind: str = ""
    purse: Purse | None = None
    drafts: list[Draft] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.moved = self.began

    @property
    def name(self) -> str:
        """The model's."""
        return self.model.spec.id

    async def answer(self) -> Completion:
        """The model's valid answer, by retries and a repair round; ModelError when there is none."""
        try:
            return await self._repaired()
        except ModelError as error:
            self.reason, self.kind = error.message, error.kind
            raise
        except Exception as error:
            self.reason, self.kind = f"failed: {type(error).__name__}", "failed"
            raise ModelError(f"{self.name} {self.reason}") from error
        finally:
            self.ended = time.perf_counter()

    def attempt(self, start: float) -> Attempt:
        """How it stands, against the start of the race."""
        spent = [draft.spent() for draft in self.drafts]
        ended = self.ended or time.perf_counter()
        return Attempt(
            model=self.name,
            began_ms=_ms(self.began - start),
            first_ms=None if self.first is None else _ms(self.first - start),
            ms=_ms(ended - start),
            reason=self.reason,
            raw="\n---\n".join(draft.raw for draft in self.drafts if draft.raw),
            prompt_tokens=sum(s.prompt for s in spent),
            completion_tokens=sum(s.completion for s in spent),
            nanos=sum(s.nanos for s in spent),
            estimated=any(s.estimated for s in spent),
            notes=tuple(self.notes),
            kind=self.kind,
        )

    async def _repaired(self) -> Completion:
        draft = await self._retried(self.request)
        try:
            return draft.finish()
        except ModelError as error:
            if error.kind not in REPAIRABLE:
                raise
            self.notes.append(f"asked to repair: {error.message}")
            again = f"Your answer cannot be used: {error.message}. Answer again, and correct this."
            said = (Message("assistant", draft.raw), Message("user", again))
            repair = replace(self.request, messages=(*self.request.messages, *said))
            return (await self._retried(repair)).finish()

    async def _retried(self, request: Request) -> Draft:
        tries = 0
        while True:
            tries += 1
            try:
                return await self._asked(request)
            except ModelError as error:
                pause = self._pause(error, tries)
                if pause is None:
                    raise
                self.notes.append(f"tried again after {pause * 1000:.0f} ms: {error.message}")
                await asyncio.sleep(pause)

    def _pause(self, error: ModelError, tries: int) -> float | None:
        """Seconds until the next try; None when there is none, or it could not bring a token in time."""
        if not error.retry or tries >= MOST_TRIES:
            return None
        if error.kind == "no_stream":
            return 0.0
        pause = error.retry_after_s
        if pause is None:
            pause = random.uniform(BACKOFF_S, 2**tries * BACKOFF_S)
        late = time.perf_counter() + pause >= self.began + self.first_s
        return None if late or self.first is not None else pause

    async def _asked(self, request: Request) -> Draft:
        spec = self.model.spec
        worst = spec.nanos(worst_tokens(request), request.max_tokens)
        if worst > self.most_nanos:
            raise ModelError(
                f"it may cost ${worst / 1e9:.4f}, more than this task's ${self.most_nanos / 1e9:.2f}", kind="budget"
            )
        hold = await self.money.reserve(worst, self.run, self.person, self.purse)
        draft = Draft(spec, request)
        self.drafts.append(draft)
        try:
            async with aclosing(self.model.stream(request)) as parts:
                async for part in parts:
                    draft.add(part)
                    self._moved(part)
        except ModelError as error:
            draft.free = not error.billed and not draft.parts
            raise
        finally:
            self.money.settle(hold, draft.spent().nanos)
        return draft

    def _moved(self, part: Part) -> None:
        self.moved = time.perf_counter()
        if part.usage is None:
            self.first = self.first or self.moved
        if self.watch is not None:
            self.watch(self.name, part)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
