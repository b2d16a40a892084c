"""A recorded run, replayed offline: the same graph and agents over the record instead of the desk."""

from __future__ import annotations

import json
from typing import cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agents.registry import build_agents
from desk.errors import Conflict
from graphs.checkpoints import STATE_TYPES
from graphs.compose import Timings, compose_answer
from graphs.replay.bundle import Bundle, answer_text
from graphs.replay.comparing import Comparison, Outcome, compare
from graphs.replay.recorded import Exchange, RecordedWorld, read_person
from graphs.replay.versions import code_hash
from graphs.state import Carried, Services, State
from graphs.supervisor import build_graph, empty_state


def check_code(bundle: Bundle) -> None:
    """Conflict when the run was recorded with other code than this."""
    if bundle.code != code_hash():
        raise Conflict(
            f"run {bundle.run} was recorded by Tenor {bundle.product} with code {bundle.code[:12]}, this is "
            f"{code_hash()[:12]}: a difference would prove nothing; replay it with that version, or with --anyway"
        )


async def replay(bundle: Bundle, exchange: Exchange | None = None) -> Comparison:
    """Replays a bundle as it is; nothing is written, sent or asked, unless `exchange` brings models to ask.

    Without, Strayed when the run leaves its record. Timings are taken from the record: they are measurements, not
    consequences.
    """
    agents, world = build_agents(), RecordedWorld(bundle, exchange)
    graph = build_graph(agents, _saver())
    config: RunnableConfig = {"configurable": {"thread_id": bundle.run}, "recursion_limit": 50}
    carried = Carried(bundle.history, bundle.background, bundle.asked, locale=bundle.locale)
    final = await graph.ainvoke(
        empty_state(bundle.question, bundle.run, bundle.thread, carried, bundle.wanted),
        config=config,
        context=Services(world, read_person(bundle.person), lambda _, __: None),
        durability="exit",
    )
    state = cast(State, final)
    world.check_used()
    approval = world.approvals.get(state["approval"]) if state["approval"] else None
    recorded = json.loads(bundle.answer)
    timings = Timings(**recorded["timings"])
    text = answer_text(compose_answer(state, agents, timings, approval))
    return compare(bundle, Outcome(text, tuple(world.made), world.ms))


def _saver() -> InMemorySaver:
    return InMemorySaver(serde=JsonPlusSerializer(allowed_msgpack_modules=STATE_TYPES))
