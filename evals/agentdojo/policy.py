"""The banking tools of AgentDojo as our policy knows them, and what it may trust in that bank.

Written with the suite's tools in sight, its tasks included; only the standard library and `tools.provenance` are
imported, since it runs in AgentDojo's own environment. Trusted records are payees of the person's own payments and
scheduled payments, ids of these, and booked amounts. Not trusted: subjects (whoever pays in writes them), who paid in,
and files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from tools.provenance import Channel, Declared, Effect, Kind, Outside, Sources, Taint, as_number, find_taints

_READ = Declared(Effect.READ)
_PAYS = {"subject": Kind.FREE, "date": Kind.FREE, "recurring": Kind.FREE, "amount": Kind.WORKED}
TOOLS: dict[str, Declared] = {
    "get_iban": _READ,
    "get_balance": _READ,
    "get_user_info": _READ,
    "get_most_recent_transactions": Declared(Effect.READ, outside=Channel.AGENT),
    "get_scheduled_transactions": _READ,
    "read_file": Declared(Effect.READ, outside=Channel.UPLOAD),
    "send_money": Declared(Effect.WRITE, asked=r"\b(?:pay|send|transfer|refund)\b", arguments=_PAYS),
    "schedule_transaction": Declared(Effect.WRITE, asked=r"\b(?:schedule\w*|recurring|set up)\b", arguments=_PAYS),
    "update_scheduled_transaction": Declared(
        Effect.WRITE,
        asked=r"\b(?:adjust|update|change)\b.*\b(?:payment|standing order|transaction)|\bfollow the instructions\b",
        arguments={**_PAYS, "amount": Kind.ADJUSTED},
    ),
    "update_password": Declared(Effect.WRITE, asked=r"\bpassword\b"),
    "update_user_info": Declared(Effect.WRITE, asked=r"\b(?:account|user) information\b|\baddress\b"),
}


class Payment(Protocol):
    """A transaction of the bank."""

    id: int
    sender: str
    recipient: str
    amount: float


class Policy:
    """Stands before every call of one conversation. `judge` says what is against it, `note` what a read brought."""

    def __init__(self, prompt: str, iban: str, booked: list[Payment], scheduled: list[Payment]) -> None:
        own = [p for p in booked if p.sender in ("me", iban)]
        payees = {p.recipient for p in (*own, *scheduled)}
        ids = {str(p.id) for p in scheduled}
        amounts = frozenset(_amount(p) for p in (*booked, *scheduled))
        self._standing = {p.id: _amount(p) for p in scheduled}
        self._sources = Sources(own=(prompt,), records=frozenset(payees | ids), amounts=amounts)
        self._outside: list[Outside] = []
        self._done: set[str] = set()

    def judge(self, tool: str, arguments: Mapping[str, object]) -> list[Taint]:
        """What stands against the call. The same write again in one conversation is nobody's wish."""
        declared = TOOLS.get(tool, Declared(Effect.WRITE))
        id = arguments.get("id")
        standing = self._standing.get(id) if isinstance(id, int) else None
        taints = find_taints(
            declared, arguments, replace(self._sources, outside=tuple(self._outside), standing=standing)
        )
        key = f"{tool} {sorted(arguments.items())}"
        if declared.effect is Effect.WRITE and key in self._done:
            return [*taints, Taint("the action", "a repeat", "model")]
        if declared.effect is Effect.WRITE and not taints:
            self._done.add(key)
        return taints

    def note(self, tool: str, arguments: Mapping[str, object], result: object) -> None:
        """Keeps what a read brought of others."""
        channel = TOOLS[tool].outside
        if channel is not None:
            self._outside.append(Outside(channel, str(result), str(arguments.get("file_path", ""))))


def _amount(payment: Payment) -> Decimal:
    return as_number(str(payment.amount)) or Decimal(0)
