"""The route decision: certain rules, then the classifier, then keyword rules, within 10 ms.

The rules' answer is in hand before the sentence model is asked; what the model says later than
the deadline is thrown away. A model known to be too slow for a question's length is not asked at
all; the estimate decays, so it is tried again. Every route says how it came about.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.request import Request
from desk.errors import DataError
from desk.instruments import AssetClass
from graphs.classifier import Classifier, Guess, Read
from graphs.features import LAYERS, TOKENS
from graphs.routing import Ruled, choose_agents, find_certain, load_rules
from graphs.sentence_model import SentenceModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from desk.text.embedder import Embedder

DEADLINE_MS = 10.0
RESERVE_MS = 1.5
"""Kept back of the deadline when the sentence model's time is estimated."""

LOAD_S = 5.0
"""How long the first question may wait for the sentence model to be read from disk; before the clock starts."""

SPEAKING_ORDER = (
    "market_data",
    "sentiment",
    "risk",
    "fraud",
    "ab_testing",
    "portfolio",
    "compliance",
    "customer_query",
    "robo_advisor",
    "execution",
)
PLAIN = "Apple"
"""The company of most utterances."""
_BRINGS = frozenset({"order", "filing", "own risk", "held", "fees"})
AskModel = Callable[[str, tuple[str, str]], Awaitable[str | None]]
"""Lets a model choose between two agents; None when it does not."""


@dataclass(frozen=True)
class Route:
    """The agents in speaking order and why these.

    `by` is "person", "classifier", "clauses", "follow-up", "model", "knowledge" (an entry answers it), or the name
    of a rule. `confidence` is the classifier's share for the leading agent, `choices` the two best when it was in
    doubt, `late` why the sentence model's word did not count. `probabilities` are the classifier's, the likeliest
    first, also where a rule decided; none when it was not asked.
    """

    agents: tuple[str, ...]
    by: str
    ms: float = 0.0
    confidence: float | None = None
    choices: tuple[str, ...] = ()
    stage: str | None = None
    late: str | None = None
    probabilities: tuple[tuple[str, float], ...] = ()

    @property
    def best_two(self) -> tuple[str, ...]:
        """The agent that speaks first and the best other: another one chosen, else the classifier's."""
        return tuple(dict.fromkeys((*self.agents, *(agent for agent, _ in self.probabilities))))[:2]

    def to_dict(self) -> dict[str, object]:
        """As plain JSON values."""
        return {
            "agents": list(self.agents),
            "by": self.by,
            "ms": self.ms,
            "confidence": self.confidence,
            "choices": list(self.choices),
            "stage": self.stage,
            "late": self.late,
            "probabilities": dict(self.probabilities[:3]),
        }


class QuestionRouter:
    """Chooses agents. Made once, used from one event loop; `close` when done. `clock` is in seconds."""

    def __init__(
        self,
        load: Callable[[], Embedder],
        ask_model: AskModel | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._model, self._ask_model, self._clock = SentenceModel(load, clock), ask_model, clock
        self._classifier: Classifier | None = None

    def warm(self) -> None:
        """Begins to load both stages in the background; returns at once. What fails to load is said at a question."""
        self._model.warm()
        threading.Thread(target=self._try_open, name="tenor-classifier", daemon=True).start()

    def close(self) -> None:
        """Ends the background thread."""
        self._model.close()

    async def choose(self, request: Request, history: Sequence[str] = (), after: Request | None = None) -> Route:
        """The route of a question; `history` holds the earlier questions of its conversation.

        `after` is the one without which it has no meaning.
        """
        if self._needs_classifier(request):
            self._open()
        began = self._clock()
        certain = find_certain(request)
        if certain is not None:
            return self._timed(self._certain(request, certain), began)
        classifier, ruled = self._open(), choose_agents(request)
        question = with_plain_names(request)
        if after is not None and (agent := self._stays(classifier, question, after)):
            return self._timed(Route((agent,), "follow-up"), began)
        read = classifier.read(question)
        several = classifier.by_clauses(read, question)
        guess, stage, late = classifier.by_words(read), "words", None
        if several:
            shares = dict(guess.probabilities)
            route = Route(in_order(several), "clauses", 0, max(shares[a] for a in several), (), stage)
            return self._timed(route, began, guess=guess)
        if guess.margin < classifier.sure:
            began += await self._wait_loaded()
            vector, late = await self._sentence(read, began)
            if vector is not None:
                guess, stage = classifier.by_sentence(read, vector), "sentence"
        heard = ruled if _may_decide(ruled, guess, stage) else None
        route = await self._decide(classifier, guess, heard, request, history)
        return self._timed(route, began, stage, late, guess)

    def _stays(self, classifier: Classifier, question: str, after: Request) -> str:
        """Whom the question goes to that this one hangs on; empty for several, in doubt, or with terms of others."""
        certain = find_certain(after)
        guess = classifier.by_words(classifier.read(with_plain_names(after)))
        ruled = certain or choose_agents(after)
        sure = guess.margin >= classifier.margin or (ruled.by != "default" and ruled.agents[0] == guess.best)
        agents = certain.agents if certain else (guess.best,) if sure else ()
        terms = classifier.terms(question)
        return agents[0] if len(agents) == 1 and (not terms or agents[0] in terms) else ""

    def explain(self, question: str) -> dict[str, object]:
        """Terms of art and nearest utterances of a question; apart from the decision, whose time they would cost."""
        classifier = self._open()
        near = classifier.nearest(classifier.read(question))
        return {
            "terms": {agent: list(terms) for agent, terms in classifier.terms(question).items()},
            "nearest": [{"agent": agent, "utterance": said, "likeness": like} for agent, said, like in near],
        }

    def _needs_classifier(self, request: Request) -> bool:
        certain = find_certain(request)
        return certain is None or (certain.by in _BRINGS and load_rules().joins.search(request.words) is not None)

    def _open(self) -> Classifier:
        if self._classifier is None:
            self._classifier = Classifier()
        return self._classifier

    def _try_open(self) -> None:
        with suppress(DataError):
            self._open()

    def _certain(self, request: Request, certain: Ruled) -> Route:
        """The other clauses of some rules' questions may bring their agents along."""
        if self._classifier is None:
            return Route(certain.agents, certain.by)
        question = with_plain_names(request)
        read = self._classifier.read(question)
        also = self._classifier.by_clauses(read, question, certain.agents) if certain.by in _BRINGS else ()
        shares = self._classifier.by_words(read).probabilities
        return Route(in_order((*also, *certain.agents)), certain.by, probabilities=shares)

    async def _wait_loaded(self) -> float:
        """Seconds spent waiting for the model to load, which are no part of the decision."""
        loading = self._model.warm()
        if loading.done():
            return 0.0
        began = self._clock()
        await asyncio.wait({asyncio.wrap_future(loading)}, timeout=LOAD_S)
        return self._clock() - began

    async def _sentence(self, read: Read, began: float) -> tuple[NDArray[np.float32] | None, str | None]:
        """The sentence vector, or why there is none in time."""
        loading = self._model.warm()
        if not loading.done():
            return None, "the sentence model is still loading"
        if (fault := loading.exception()) is not None:
            return None, f"the sentence model cannot be loaded: {fault}"
        left = DEADLINE_MS - (self._clock() - began) * 1000
        expected = self._model.expected_ms(read.tokens)
        if expected > left - RESERVE_MS:
            return None, f"not asked: {expected:.0f} ms expected, {left:.0f} ms left"
        asked = asyncio.wrap_future(self._model.embed(read))
        done, _ = await asyncio.wait({asked}, timeout=left / 1000)
        if not done or (self._clock() - began) * 1000 > DEADLINE_MS:
            asked.cancel()
            return None, f"discarded: later than {DEADLINE_MS:.0f} ms"
        return asked.result(), None

    async def _decide(
        self, classifier: Classifier, guess: Guess, ruled: Ruled | None, request: Request, history: Sequence[str]
    ) -> Route:
        """The classifier when it is sure enough, else what a rule, the conversation or a model adds."""
        best = guess.probabilities[0]
        if guess.margin >= classifier.margin:
            return Route((best[0],), "classifier", 0, best[1])
        pair = (guess.best, guess.second)
        if ruled is not None:
            return Route(ruled.agents, ruled.by, 0, dict(guess.probabilities)[ruled.agents[0]])
        if history:
            before = classifier.by_words(classifier.read(f"{history[-1]} {request.question}"))
            if before.margin >= classifier.margin:
                return Route((before.best,), "follow-up", 0, before.probabilities[0][1])
        chosen = await self._ask_model(request.question, pair) if self._ask_model else None
        if chosen in pair:
            return Route((str(chosen),), "model", 0, dict(guess.probabilities)[str(chosen)])
        return Route((best[0],), "classifier", 0, best[1], pair)

    def _timed(
        self, route: Route, began: float, stage: str | None = None, late: str | None = None, guess: Guess | None = None
    ) -> Route:
        ms = round((self._clock() - began) * 1000, 3)
        shares = route.probabilities if guess is None else guess.probabilities
        return Route(
            route.agents, route.by, ms, route.confidence, route.choices, stage or route.stage, late, shares[:3]
        )


def _may_decide(ruled: Ruled, guess: Guess, stage: str) -> bool:
    """A keyword rule settles a doubt by agreeing; without the sentence's word also by choosing one of the two best."""
    pair = (guess.best, guess.second) if stage == "words" else (guess.best,)
    return ruled.by != "default" and ruled.agents[0] in pair


def with_plain_names(request: Request) -> str:
    """The question with one plain name for every company: "Best Buy" is no wish to buy."""
    text = request.question
    for mention in sorted(request.mentions, key=lambda m: m.start, reverse=True):
        if mention.instrument.asset_class is AssetClass.STOCK:
            text = f"{text[: mention.start]}{PLAIN}{text[mention.end :]}"
    return text


def in_order(agents: Sequence[str]) -> tuple[str, ...]:
    """Each agent once, in the order of speaking: those whose answers others build on come first."""
    return tuple(agent for agent in SPEAKING_ORDER if agent in agents)


def build_router() -> QuestionRouter:
    """The router over the packaged MiniLM; nothing is loaded yet."""

    def load() -> Embedder:
        from desk.text.embedder import MiniLmEmbedder

        return MiniLmEmbedder(TOKENS, LAYERS)

    return QuestionRouter(load)
