"""Tables of schedules, outside brokers, bots and mandates; the rules of `desk.store.tables` hold."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from desk.store.tables import metadata

mandates = Table(
    "mandates",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("grantor", String(64), nullable=False),
    Column("terms", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("countersigner", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
)

bots = Table(
    "bots",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("mandate", String(32), nullable=False),  # empty: a trader's own
    Column("settings", Text, nullable=False),
    Column("state", String(16), nullable=False),  # running | stopped | halted
    Column("reason", Text, nullable=False),
    Column("memory", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
)

bot_acts = Table(
    "bot_acts",
    metadata,
    Column("client_id", String(64), primary_key=True),
    Column("bot", String(32), nullable=False, index=True),
    Column("mandate", String(32), nullable=False, index=True),
    Column("at", String(32), nullable=False),
    Column("day", String(10), nullable=False),
    Column("account", String(64), nullable=False),
    Column("instrument", String(64), nullable=False),
    Column("side", String(8), nullable=False),
    Column("quantity", String(40), nullable=False),
    Column("notional", BigInteger, nullable=False),
    Column("opening", BigInteger, nullable=False),  # what it uses of a mandate's budget
    Column("outcome", String(16), nullable=False),  # reserved | sent | refused | outside | asked | dry
    Column("rule", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("influence", Text, nullable=False),
)

broker_differences = Table(
    "broker_differences",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("broker", String(32), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("desk", String(256), nullable=False),
    Column("venue", String(256), nullable=False),
    Column("first_seen", String(32), nullable=False),
    Column("last_seen", String(32), nullable=False),
    Column("gone_at", String(32), nullable=True),
)

broker_baselines = Table(
    "broker_baselines",
    metadata,
    Column("broker", String(32), primary_key=True),
    Column("instrument", String(64), primary_key=True),
    Column("offset", String(64), nullable=False),  # units at the venue less units on the desk, at first sight
    Column("at", String(32), nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("approval", String(32), nullable=False, default=""),
    Column("created_at", String(32), nullable=False, index=True),
    Column("body", Text, nullable=False),
)

schedule_children = Table(
    "schedule_children",
    metadata,
    Column("schedule", ForeignKey("schedules.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("client_id", String(64), nullable=False, unique=True),
    Column("body", Text, nullable=False),
)
