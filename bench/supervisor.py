"""`tenor bench run supervisor`: what the graph costs beside its tools, six agents, no model, checkpoints in memory.

`cpu_ms`: CPU of a run from the question to the composed answer, all threads, less that of its tools: routing, six
agents' plans, state, checkpoints, facts, guardrails. `ask_cpu_ms`: the same of a whole turn as a person asks it, with
conversation, audit record and run bundle on disk. `tools_cpu_ms`: the tools alone. Correct when six agents answered
with facts in every run.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from bench.report import Report, median
from desk.factory import Desk, open_desk
from desk.facts import FactTable
from desk.identity.roles import Person
from desk.settings import Settings
from desk.store.folder import DataFolder
from graphs.checkpoints import STATE_TYPES
from graphs.compose import Timings, compose_answer
from graphs.live import LiveWorld, Sources
from graphs.runtime import Runtime, open_runtime
from graphs.state import Carried, Services, State
from graphs.supervisor import build_graph, empty_state
from graphs.world import Stage
from tools.context import A, R, RunTool, Tool, ToolContext

RUNS, WARM, AGENTS = 60, 10, 6
QUESTION = "Should I buy Apple?"


@dataclass
class _Timed:
    """Runs tools and adds up their CPU seconds, all threads."""

    inner: RunTool
    world: _TimedWorld

    def __call__(self, tool: Tool[A, R], context: ToolContext, arguments: A) -> R:
        before = time.process_time()
        try:
            return self.inner(tool, context, arguments)
        finally:
            self.world.tools_s += time.process_time() - before


@dataclass
class _TimedWorld(LiveWorld):
    """The desk as a run's world, its tools timed."""

    tools_s: float = field(default=0.0)

    def stage(self, agent: str, person: Person, run: str, facts: FactTable) -> Stage:
        """See `World`."""
        stage = super().stage(agent, person, run, facts)
        return stage._replace(run_tool=_Timed(stage.run_tool, self))


def run() -> Report:
    """See the module."""
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as path:
        folder = DataFolder(Path(path))
        folder.hold({"command": "bench"})
        desk = open_desk(Settings(), folder)
        try:
            return asyncio.run(_measure(desk))
        finally:
            desk.close()
            folder.release()


async def _measure(desk: Desk) -> Report:
    async with open_runtime(desk) as runtime:
        person, rows = desk.people.get("trader"), []
        await runtime.ask(QUESTION, person)
        for number in range(WARM + RUNS):
            graph_ms, tools_ms, right = await _graph(runtime, person, number)
            before = time.process_time()
            answer = await runtime.ask(QUESTION, person, f"bench-{number}")
            whole_ms = (time.process_time() - before) * 1000
            if number >= WARM:
                rows.append((graph_ms, whole_ms - tools_ms, tools_ms, right and answer["facts"] != []))
    graphs, asks, tools, right_runs = zip(*rows, strict=True)
    metrics: dict[str, float | None] = {
        "cpu_ms": round(median(list(graphs)), 2),
        "p99_ms": round(sorted(graphs)[int(len(graphs) * 0.99)], 2),
        "ask_cpu_ms": round(median(list(asks)), 2),
        "tools_cpu_ms": round(median(list(tools)), 2),
    }
    return Report("supervisor", all(right_runs), metrics)


async def _graph(runtime: Runtime, person: Person, number: int) -> tuple[float, float, bool]:
    """CPU milliseconds of a run over its tools' and of the tools, and whether six agents answered with facts."""
    desk = runtime.desk
    sources = Sources(
        desk, runtime.filings, runtime.knowledge, runtime.models, runtime.router, runtime.prompts, runtime.voices,
        runtime.turns,
    )  # fmt: skip
    saver = InMemorySaver(serde=JsonPlusSerializer(allowed_msgpack_modules=STATE_TYPES))
    graph, world = build_graph(runtime.agents, saver), _TimedWorld(sources)
    config: RunnableConfig = {"configurable": {"thread_id": f"run-{number}"}, "recursion_limit": 50}
    services = Services(world, person, lambda _, __: None)
    before = time.process_time()
    begun = empty_state(QUESTION, f"run-{number}", "bench", Carried())
    final = await graph.ainvoke(begun, config=config, context=services, durability="exit")
    answer = compose_answer(cast(State, final), runtime.agents, Timings(0, 0, 0), None)
    spent = time.process_time() - before
    agents, facts = answer["agents"], answer["facts"]
    right = isinstance(agents, list) and len(agents) == AGENTS and bool(facts)
    return (spent - world.tools_s) * 1000, world.tools_s * 1000, right
