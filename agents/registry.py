"""All ten agents by name."""

from __future__ import annotations

from agents import (
    ab_testing,
    compliance,
    customer_query,
    execution,
    fraud,
    market_data,
    portfolio,
    risk,
    robo_advisor,
    sentiment,
)
from agents.agent import Agent
from agents.conduct import keeps_conduct
from agents.general import answers_generally
from agents.strangers import knows_names

BUILDERS = (
    market_data.build,
    sentiment.build,
    risk.build,
    fraud.build,
    portfolio.build,
    compliance.build,
    execution.build,
    customer_query.build,
    ab_testing.build,
    robo_advisor.build,
)


def build_agents() -> dict[str, Agent]:
    """The agents, keyed by name.

    Each keeps conduct first, then answers none of a name that it does not know, and a general question from the
    knowledge base before its own plan.
    """
    built = [keeps_conduct(knows_names(answers_generally(build()))) for build in BUILDERS]
    return {agent.name: agent for agent in built}
