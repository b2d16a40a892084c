"""The whole graph on one screen.

route -> agent -> agent … -> compose -> (approval -> execute) -> end. Agents speak one after the
other, because later ones build on earlier ones. Before an approval nothing has happened; the
approval node stops until a person answered, in this process or the next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Literal, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.advising import comes_first
from agents.agent import Agent, Turn
from agents.answers import Reply, table_of
from agents.driver import run_agent
from agents.hanging import hung_on
from agents.quoting import split_words
from agents.request import Request, read_request
from desk.instruments import Instruments
from graphs.approval import find_draft, propose, wait_for_person
from graphs.following.courtesy import to_the_point
from graphs.router import Route
from graphs.state import Carried, Services, State
from tools.context import Called, Caller


class Node(Protocol):
    """What the graph runs; the framework passes the runtime by name."""

    def __call__(self, state: State, runtime: Runtime[Services]) -> Awaitable[Command[str]]:
        """One step."""
        ...


async def route(state: State, runtime: Runtime[Services]) -> Command[str]:
    """Chooses the agents from the person's own words, unless the person chose."""
    if state["wanted"]:
        chosen = Route((state["wanted"],), "person")
    else:
        world = runtime.context.world
        request = read_request(to_the_point(split_words(state["question"]).own), world.instruments)
        chosen = await world.route(request, _own(state))
        placed = request.order is not None and "execution" in chosen.agents
        if not placed and comes_first(
            runtime.context.person, request.question, request.instruments, _own(state), chosen.agents
        ):
            chosen = advised_first(chosen)
    body = chosen.to_dict()
    runtime.context.announce("route", body)
    return Command(goto=chosen.agents[0], update={"agents": list(chosen.agents[1:]), "route": body})


def advised_first(route: Route) -> Route:
    """The route with the robo-advisor in front: what does not suit a customer ends there."""
    return replace(route, agents=("robo_advisor", *(agent for agent in route.agents if agent != "robo_advisor")))


def speak(agent: Agent) -> Node:
    """The node of one agent: runs it, then hands over to the next one or to compose."""

    async def node(state: State, runtime: Runtime[Services]) -> Command[str]:
        services = runtime.context
        services.announce("step", {"agent": agent.name, "state": "started"})

        def note(called: Called) -> None:
            services.announce("tool", {"agent": agent.name, **called.__dict__})

        table = table_of(state["replies"])
        try:
            stage = services.world.stage(agent.name, services.person, state["run"], table)
            said = split_words(state["question"])
            turn = Turn(
                request=_carried_on(said.own, _own(state), services.world.instruments),
                caller=Caller(stage.context, agent.allowed, note, stage.run_tool),
                earlier=tuple(state["replies"]),
                history=tuple(_own(state)),
                background=(*state["background"], *said.pasted),
            )
            reply = await run_agent(agent, turn, stage.models, stage.prompt, stage.voice)
        except Exception:
            services.announce("step", {"agent": agent.name, "state": "failed"})
            raise
        services.announce("step", {"agent": agent.name, "state": "finished", "ms": reply.ms})
        services.world.heard(reply, state["run"])
        rest = [] if reply.answer.ends else state["agents"]
        return Command(goto=rest[0] if rest else "compose", update={"replies": [reply], "agents": rest[1:]})

    return node


def _carried_on(question: str, history: Sequence[str], instruments: Instruments) -> Request:
    """The question, with the instruments of the one it hangs on."""
    request = read_request(question, instruments)
    after = hung_on(request, history, instruments)
    return replace(request, carried=after.instruments) if after and not request.mentions else request


def _own(state: State) -> list[str]:
    """The person's own words of the conversation, oldest first; what they pasted earlier is let go."""
    return [own for own in (split_words(question).own for question in state["history"]) if own]


async def compose(state: State, runtime: Runtime[Services]) -> Command[Literal["approval", "__end__"]]:
    """Ends the run, or stores the proposal and goes to wait for a person."""
    found = find_draft(state["replies"])
    if found is None:
        return Command(goto="__end__")
    approval = propose(runtime.context.world.approvals, runtime.context.person, state["run"], *found)
    return Command(goto="approval", update={"approval": approval.id})


async def approval(state: State, runtime: Runtime[Services]) -> Command[Literal["execute", "__end__"]]:
    """Waits for a person; this node runs again on resume, so it changes nothing before the wait."""
    decision = wait_for_person(runtime.context.world.approvals.get(state["approval"]))
    return Command(goto="execute" if decision == "approve" else "__end__", update={"decision": decision})


async def execute(state: State, runtime: Runtime[Services]) -> Command[Literal["__end__"]]:
    """Sends the approved orders to the gate, each exactly once."""
    runtime.context.world.settle(state["approval"])
    return Command(goto="__end__")


def build_graph(
    agents: dict[str, Agent], checkpointer: BaseCheckpointSaver[str]
) -> CompiledStateGraph[State, Services, State, State]:
    """The compiled supervisor over these agents."""
    graph = StateGraph(State, context_schema=Services)
    names = tuple(agents)
    graph.add_node("route", route, destinations=names)
    for agent in agents.values():
        graph.add_node(agent.name, speak(agent), destinations=(*names, "compose"))
    graph.add_node("compose", compose)
    graph.add_node("approval", approval)
    graph.add_node("execute", execute)
    graph.add_edge(START, "route")
    return graph.compile(checkpointer=checkpointer)


def empty_state(question: str, run: str, thread: str, carried: Carried, wanted: str = "") -> State:
    """The state a run begins with."""
    replies: list[Reply] = []
    return State(
        question=question,
        asked=carried.asked,
        run=run,
        thread=thread,
        history=list(carried.history),
        background=list(carried.background),
        wanted=wanted,
        agents=[],
        route={},
        replies=replies,
        approval="",
        decision="",
        locale=carried.locale,
    )
