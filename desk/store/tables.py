"""Every table, in one place; each capability keeps its own queries in its own room.

Times are ISO 8601 UTC text of fixed width (`desk.clock.to_iso`), so they sort and compare the
same on SQLite and PostgreSQL. JSON columns hold canonical JSON text. No column holds a float.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

people = Table(
    "people",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("display_name", String(128), nullable=False),
    Column("role", String(32), nullable=False),
    Column("about", Text, nullable=False, default=""),
    Column("password_hash", Text, nullable=True),
    Column("demo", Boolean, nullable=False, default=False),
    Column("created_at", String(32), nullable=False),
    Column("profile", Text, nullable=False, default="{}"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("currency", String(8), nullable=False),
    Column("kind", String(16), nullable=False),  # desk | customer
)

account_members = Table(
    "account_members",
    metadata,
    Column("account", ForeignKey("accounts.id"), primary_key=True),
    Column("person", ForeignKey("people.name"), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("person", String(64), nullable=True),  # null: a browser that came through the door only
    Column("csrf", String(64), nullable=False),
    Column("door", Boolean, nullable=False, default=False),
    Column("created_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person", ForeignKey("people.name"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("scopes", String(64), nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),  # to check HMAC signatures with; empty unless it may trade
    Column("created_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("revoked_at", String(32), nullable=True),
    Column("secret_hash", String(64), nullable=True),  # null: made before there were hashes, sealed
    Column("budget_nanos", BigInteger, nullable=True),  # of models, a day; null: the person's budget alone
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("thread", String(64), nullable=False),
    Column("account", String(64), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("orders", Text, nullable=False),
    Column("orders_hash", String(64), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("needs", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
)

approval_answers = Table(
    "approval_answers",
    metadata,
    Column("approval", ForeignKey("approvals.id"), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("part", String(16), nullable=False),  # owner | second: which need this answer fills
    Column("decision", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", String(32), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("client_id", String(64), primary_key=True),
    Column("journal_seq", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # waiting | sent | placed | done | review
    Column("attempts", Integer, nullable=False, default=0),
    Column("updated_at", String(32), nullable=False),
    Column("error", Text, nullable=False, default=""),
    Column("canonical", Text, nullable=False, server_default=""),  # the signed order; empty once it is done
    Column("token", Text, nullable=False, server_default=""),
    Column("worker", String(96), nullable=False, server_default=""),  # who sent it, or last tried to
    Column("placement", Text, nullable=False, server_default=""),  # the venue's word until it is booked
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("kind", String(64), nullable=False, index=True),
    Column("subject_id", String(64), nullable=False, index=True),
    Column("journal_seq", Integer, nullable=True, unique=True),
    Column("envelope", Text, nullable=False),  # canonical JSON: what the leaf hash covers
    Column("leaf_hash", String(64), nullable=False),
)

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("size", Integer, primary_key=True),
    Column("root", String(64), nullable=False),
    Column("time", String(32), nullable=False),
    Column("key", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)

subject_keys = Table(
    "subject_keys",
    metadata,
    Column("subject_id", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=True),  # null once erased: the payloads can no longer be read
    Column("created_at", String(32), nullable=False),
    Column("erased_at", String(32), nullable=True),
)

threads = Table(
    "threads",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("title", String(200), nullable=False),
    Column("updated_at", String(32), nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("run", String(64), primary_key=True),
    Column("thread", ForeignKey("threads.id"), nullable=False, index=True),
    Column("asked_at", String(32), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
)

fraud_actions = Table(
    "fraud_actions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("alert", String(64), nullable=False, index=True),
    Column("person", String(64), nullable=False),
    Column("action", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Column("assignee", String(64), nullable=False, server_default=""),
    Column("verdict", String(16), nullable=False, server_default=""),
)

fraud_thresholds = Table(
    "fraud_thresholds",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("base", Integer, nullable=False),  # the version it was made on
    Column("version", Integer, nullable=False),  # 0 until it is in force
    Column("state", String(16), nullable=False),
    Column("levels", Text, nullable=False),
    Column("why", Text, nullable=False),  # the steps, their evidence, their effect
    Column("proposed_by", String(64), nullable=False),
    Column("accepted_by", String(64), nullable=False),
    Column("confirmed_by", String(64), nullable=False),
    Column("proposed_at", String(32), nullable=False),
    Column("in_force_at", String(32), nullable=False),
)

fraud_cases = Table(
    "fraud_cases",
    metadata,
    Column("id", String(64), primary_key=True),  # of the first alert
    Column("since", String(32), nullable=False),
    Column("version", Integer, nullable=False),  # of the thresholds that first found it
    Column("found", Boolean, nullable=False),  # by the last scan
    Column("into", String(64), nullable=False),  # the case in which it goes on; empty for none
    Column("alert", Text, nullable=False),  # as last found
    Column("closing", Text, nullable=False),  # the alert when closing was last proposed; empty before
)

market_cases = Table(
    "market_cases",
    metadata,
    Column("id", String(64), primary_key=True),  # of the first alert
    Column("instrument", String(64), nullable=False, index=True),
    Column("since", String(32), nullable=False),
    Column("alert", Text, nullable=False),  # as it has grown
    Column("closing", Text, nullable=False),  # the alert when closing was last proposed; empty before
)

fraud_opinions = Table(
    "fraud_opinions",
    metadata,
    Column("alert", String(64), primary_key=True),
    Column("opinion", Text, nullable=False),  # as desk/fraud/triage.py has it
)

fraud_looks = Table(
    "fraud_looks",
    metadata,
    Column("look", Text, nullable=False),  # the last one, as desk/fraud/abuse/looking.py has it
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("target", String(64), nullable=False),
    Column("minor", Integer, nullable=False),
    Column("currency", String(8), nullable=False),
    Column("at", String(32), nullable=False, index=True),
    Column("label", Text, nullable=False, default=""),
)

eval_runs = Table(
    "eval_runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("suite", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("result", Text, nullable=False, default="{}"),
)

spans = Table(
    "spans",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", String(64), nullable=False, index=True),
    Column("name", String(128), nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("micros", Integer, nullable=False),
    Column("attributes", Text, nullable=False, default="{}"),
    UniqueConstraint("run", "name", "started_at", name="one_span_per_start"),
)
