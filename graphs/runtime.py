"""Settings -> the running system: desk, filings, models, agents and the compiled graph."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import cast

import structlog
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from agents.agent import Agent
from agents.quoting import check_own
from agents.registry import build_agents
from agents.request import check_question
from desk.errors import InputError, NotFound, OrderRefused, TenorError
from desk.factory import Desk
from desk.identity.roles import Action, Person, check_may
from desk.llm.choices import AgentModels
from desk.llm.router import DeadlineRouter
from desk.llm.turns import TurnBook
from desk.locales import locale_of
from desk.orders import OrderStatus
from desk.telemetry import bind
from desk.trading.approvals import Approval, Decision
from graphs.approval import sendable, settle, settle_all
from graphs.changing import Wanted, change_id, draft_change, prepare
from graphs.checkpoints import Checkpoints, open_checkpoints
from graphs.compose import Timings, compose_answer
from graphs.following.completing import complete, complete_all
from graphs.live import LiveWorld, Sources
from graphs.memory import Conversations
from graphs.replay.book import RunBook
from graphs.replay.recording import log_run, record
from graphs.router import QuestionRouter, build_router
from graphs.routing import load_rules
from graphs.scanning import ScanBook
from graphs.state import Announce, Carried, Services, State
from graphs.supervisor import build_graph, empty_state
from prompts.labels import PromptLabels
from rag.factory import build_filings, build_knowledge
from rag.filings import Filings
from rag.knowledge.search import KnowledgeBase
from rag.query import Companies


def _silent(_: str, __: dict[str, object]) -> None:
    """Nobody watches."""


def _timed(announce: Announce, began: float) -> tuple[Announce, list[float]]:
    """The same, noting when the first agent of the run ended: milliseconds since `began`, once it has."""
    first: list[float] = []

    def listen(event: str, body: dict[str, object]) -> None:
        if event == "step" and body["state"] == "finished" and not first:
            first.append((time.perf_counter() - began) * 1000)
        announce(event, body)

    return listen, first


@dataclass
class Runtime:
    """The whole system behind every door. Made by `open_runtime`, used from one event loop."""

    desk: Desk
    filings: Filings
    knowledge: KnowledgeBase
    models: DeadlineRouter
    agents: dict[str, Agent]
    graph: CompiledStateGraph[State, Services, State, State]
    conversations: Conversations
    router: QuestionRouter
    prompts: PromptLabels
    voices: AgentModels
    turns: TurnBook
    runs: RunBook
    scans: ScanBook
    checkpoints: Checkpoints
    triage: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a model is asked about alerts: who asks at the same time waits, and nothing is asked twice."""

    async def ask(
        self,
        question: str,
        person: Person,
        thread: str = "",
        announce: Announce = _silent,
        agent: str = "",
        carried: Carried | None = None,
        locale: str = "",
    ) -> dict[str, object]:
        """One turn through the supervisor: the answer of DESIGN §7.

        `agent` is the one the person chose instead of the router. `carried`: the conversation is the caller's, and
        none is kept here. `locale`: how numbers are written, else as the person's profile has it. A rule's refusal and
        an abstention are answers. InputError, NotFound and Forbidden raise.
        """
        began = time.perf_counter()
        check_may(person, Action.ASK)
        question = check_own(check_question(question))
        if agent and agent not in self.agents:
            raise InputError(f"agent {agent!r} is not known; agents are {', '.join(self.agents)}")
        run, thread, locale = secrets.token_hex(8), thread or secrets.token_hex(8), self._locale(person, locale)
        with bind(run=run, person=person.name):
            read, before = self._understand(question, carried or self._begin(person, thread, question))
            announce("run", {"run": run, "thread": thread, "read_as": read if before.asked else None})
            listen, first = _timed(announce, began)
            before, world = replace(before, locale=locale), self._world()
            final = await self.graph.ainvoke(
                empty_state(read, run, thread, before, agent),
                config=self._config(run),
                context=Services(world, person, listen),
                durability="exit",
            )
            state = cast(State, final)
            approval = self.desk.approvals.get(state["approval"]) if state["approval"] else None
            answer = self._answer(state, approval, began, first)
            if carried is None:
                self.conversations.keep(thread, run, question, answer)
            await self._let_go(run, approval)
            log_run(self.desk, person, question, answer, self._keep(world, person, state, answer, approval))
            return answer

    def _locale(self, person: Person, wanted: str) -> str:
        """The tag asked for, else that of the person's profile; InputError for one that is not known."""
        return locale_of(wanted or str(self.desk.people.profile(person.name).get("locale") or "")).name

    def _begin(self, person: Person, thread: str, question: str) -> Carried:
        return Carried(tuple(self.conversations.begin(person, thread, question)), complete=True)

    def _understand(self, question: str, before: Carried) -> tuple[str, Carried]:
        """The question with what it leaves unsaid, and the conversation, each of its questions complete too."""
        known = (self.desk.feed.instruments, Companies(self.filings.list()), self.filings.lines)
        history = before.history if before.complete else tuple(complete_all(before.history, *known))
        read = complete(question, history, *known)
        return read, replace(before, history=history, complete=True, asked="" if read == question else question)

    def _keep(
        self, world: LiveWorld, person: Person, state: State, answer: dict[str, object], approval: Approval | None
    ) -> str:
        """Keeps the run's bundle; returns its hash, empty when it cannot be written: the answer stands all the same."""
        try:
            return self.runs.keep(record(world, person, state, answer, approval))
        except (ValueError, TypeError):
            structlog.get_logger("graph").exception("the run was not recorded", run=state["run"])
            return ""

    def _answer(self, state: State, approval: Approval | None, began: float, first: list[float]) -> dict[str, object]:
        """The answer of a run that has ended or waits; `first` holds when its first agent ended, in milliseconds."""
        total = (time.perf_counter() - began) * 1000
        timings = Timings(float(str(state["route"]["ms"])), round(first[0] if first else total, 3), round(total, 3))
        answer = compose_answer(state, self.agents, timings, approval)
        structlog.get_logger("graph").info("answered", agents=answer["agents"], ms=timings.total_ms)
        return answer

    async def answer_approval(self, id: str, person: Person, decision: Decision, reason: str = "") -> Approval:
        """Records a person's word and, with the last yes, sends the orders on.

        OrderRefused when the gate says no after the yes; the proposal is then marked failed.
        """
        approval = self.desk.approvals.answer(id, person, decision, reason)
        if approval.state in {"approved", "refused"}:
            await self._resume(approval, person)
        return self.desk.approvals.get(id)

    async def change_approval(self, id: str, person: Person, wanted: Mapping[str, Wanted]) -> Approval:
        """Replaces a proposal that waits by a changed one, which the gate has judged; returns the new one.

        OrderRefused when the gate says no: the old proposal then waits on.
        """
        approval = self.desk.approvals.get(id)
        if not self.desk.approvals.visible_to(person, approval):
            raise NotFound(f"approval {id!r} does not exist")
        orders = draft_change(self.desk, approval, person, wanted)
        propose = prepare(self.desk, approval, person, orders)
        await self.answer_approval(id, person, "refuse", f"changed into {change_id(approval, orders)}")
        return propose()  # after the old one has ended: never may both be approved

    def warm(self) -> None:
        """Loads in the background what the first doubtful question and the first look at costs would wait for."""
        self.router.warm()
        self.turns.warm()
        self.knowledge.warm()

    def forget(self, person: Person, thread: str) -> None:
        """Deletes one's own conversation and what was recorded of its runs; NotFound for another's."""
        self.conversations.forget(person, thread)
        self.runs.forget(thread)

    async def recover(self) -> int:
        """Finishes what a dead process left undone; safe at every start."""
        return settle_all(self.desk)

    def orders_of(self, approval: Approval) -> list[OrderStatus | None]:
        """Where each order that follows a yes stands; None for one the gate has not seen."""
        return [self.desk.order_status(order.client_id) for order in sendable(approval)]

    async def _resume(self, approval: Approval, person: Person) -> None:
        """Continues the run that waits; without its checkpoint the orders are sent all the same."""
        run = approval.thread
        waiting = await self.graph.aget_state(self._config(run))
        if not waiting.next:
            if approval.state == "approved":
                settle(self.desk, approval)
            await self.checkpoints.forget(run)
            return
        decision = "approve" if approval.state == "approved" else "refuse"
        try:
            await self.graph.ainvoke(
                Command(resume=decision),
                config=self._config(run),
                context=Services(self._world(), person, _silent),
                durability="exit",
            )
        except OrderRefused:
            raise
        except TenorError:
            if approval.state == "approved":
                settle(self.desk, approval)
        finally:
            await self.checkpoints.forget(run)

    async def _let_go(self, run: str, approval: Approval | None) -> None:
        """Deletes the checkpoint of a run that waits for nobody and, now and then, those of expired proposals."""
        if approval is None or approval.state != "waiting":
            await self.checkpoints.forget(run)
        if self.checkpoints.sweep_due:
            await self.checkpoints.sweep(self.desk.approvals.runs_waiting())

    def _world(self) -> LiveWorld:
        return LiveWorld(
            Sources(
                self.desk, self.filings, self.knowledge, self.models, self.router, self.prompts, self.voices, self.turns
            )
        )

    def _config(self, run: str) -> RunnableConfig:
        return {"configurable": {"thread_id": run}, "recursion_limit": 50}


@asynccontextmanager
async def open_runtime(desk: Desk) -> AsyncIterator[Runtime]:
    """The running system over an open desk; recovers first, closes the checkpoints at the end."""
    agents = build_agents()
    load_rules()
    router, labels = build_router(), PromptLabels(desk.store, desk.wall, desk.record)
    voices = AgentModels(desk.store, desk.wall, desk.record, list(agents), desk.models.names)
    turns, runs = TurnBook(desk.store, desk.wall), RunBook(desk.store, desk.wall)
    filings = build_filings(desk.folder, desk.settings.chroma_url, desk.filing_source)
    desk.watch.bring, desk.looks.shelf = filings.bring, filings
    async with open_checkpoints(desk.folder / "checkpoints.db") as checkpoints:
        graph = build_graph(agents, checkpoints.saver)
        talks = Conversations(desk.store, desk.wall)
        scans = ScanBook(desk.store, desk.wall, runs, filings)
        own = (talks, router, labels, voices, turns, runs)
        rooms = (desk, filings, build_knowledge(), desk.models, agents, graph)
        runtime = Runtime(*rooms, *own, scans, checkpoints)
        try:
            await runtime.recover()
            await checkpoints.sweep(desk.approvals.runs_waiting())
            yield runtime
        finally:
            await runtime.models.drain()
            turns.close()
            runs.close()
            filings.close()
            router.close()
