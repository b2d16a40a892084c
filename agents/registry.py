"""All ten agents by name."""

from __future__ import annotations

from agents import ab_testing, customer_query, execution, market_data, portfolio, risk, robo_advisor
from agents.agent import Agent

BUILDERS = (
    market_data.build,
    risk.build,
    execution.build,
    customer_query.build,
    portfolio.build,
    robo_advisor.build,
    ab_testing.build,
)


def build_agents() -> dict[str, Agent]:
    """The agents, keyed by name."""
    built = [build() for build in BUILDERS]
    return {agent.name: agent for agent in built}
