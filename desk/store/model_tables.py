"""Tables of language models: what was spent, every call, kept answers; the rules of `desk.store.tables` hold."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from desk.store.tables import metadata

model_budgets = Table(
    "model_budgets",
    metadata,
    Column("scope", String(128), primary_key=True),  # run:<id> | user:<name>:<day> | day:<day>
    Column("nanos", BigInteger, nullable=False),  # spent, or taken out to be spent: never less than was spent
    Column("day", String(10), nullable=False),
)

model_calls = Table(
    "model_calls",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False, index=True),
    Column("run", String(64), nullable=False, index=True),
    Column("person", String(64), nullable=False),
    Column("task", String(32), nullable=False),
    Column("prompt", String(128), nullable=False),
    Column("model", String(128), nullable=False),  # whose answer was used; empty: nobody's
    Column("input_hash", String(64), nullable=False),
    Column("reason", Text, nullable=False),  # of the fallback; empty: the first choice answered
    Column("deadline_micros", Integer, nullable=False),
    Column("micros", Integer, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("nanos", BigInteger, nullable=False),
    Column("attempts", Text, nullable=False),
)

model_answers = Table(
    "model_answers",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("person", String(64), nullable=False),
    Column("at", String(32), nullable=False, index=True),
    Column("answer", Text, nullable=False),
)

agent_models = Table(
    "agent_models",
    metadata,
    Column("agent", String(64), primary_key=True),
    Column("model", String(128), nullable=False),  # default | none | the id of a model
    Column("set_by", String(64), nullable=False),
    Column("since", String(32), nullable=False),
)

agent_turns = Table(
    "agent_turns",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("run", String(64), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("prompt", String(128), nullable=False),
    Column("asked", String(128), nullable=False),  # the model first in order; empty: the plan was chosen
    Column("model", String(128), nullable=False),  # whose words were used; empty: the plan's
    Column("reason", Text, nullable=False),  # why not the first one's; empty: they were used
    Column("first_micros", BigInteger, nullable=True),
    Column("micros", BigInteger, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("nanos", BigInteger, nullable=False),
)
