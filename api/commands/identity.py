"""`tenor keys` and `tenor people`."""

from __future__ import annotations

import getpass
import sys

from api.commands.seat import Seat
from api.holder import Outcome
from desk.errors import InputError
from desk.identity.roles import Action, check_may
from desk.identity.sessions import NANOS, ApiKey, check_scopes
from desk.money import parse_decimal


async def keys(seat: Seat) -> Outcome:
    """create, list, revoke: always in somebody's name."""
    person, desk, verb = seat.named(), seat.runtime.desk, seat.args.verb
    check_may(person, Action.MANAGE_KEYS)
    if verb == "create":
        scopes = [scope.strip() for scope in seat.args.scope.split(",") if scope.strip()]
        budget = None if seat.args.budget is None else parse_decimal(seat.args.budget, "--budget")
        check_scopes(person, scopes)
        key, secret = desk.api_keys.create(person.name, seat.args.name, scopes, _days(seat.args.expires), budget)
        return Outcome(0, {**_plain(key), "secret": secret}, f"{secret}\nShown once; it expires {key.expires_at}.")
    if verb == "revoke":
        desk.api_keys.revoke(seat.args.id, person.name)
        return Outcome(0, {"id": seat.args.id, "revoked": True}, f"Key {seat.args.id} is revoked.")
    found = desk.api_keys.list(person.name)
    lines = [
        f"{k.id}  {' '.join(k.scopes):16} until {k.expires_at}{_budget(k)}{'  revoked' if k.revoked_at else ''}"
        for k in found
    ]
    return Outcome(0, {"keys": [_plain(key) for key in found]}, "\n".join(lines) or "No keys.")


async def people(seat: Seat) -> Outcome:
    """list; password NAME (asked on the terminal, or the first line of standard input)."""
    desk = seat.runtime.desk
    if seat.args.verb == "password":
        check_may(seat.named(), Action.READ_SYSTEM)
        desk.people.set_password(desk.people.get(seat.args.name).name, seat.args.secret)
        return Outcome(
            0, {"name": seat.args.name}, f"{seat.args.name} now signs in with a password; demo people no longer work."
        )
    found = desk.people.all()
    rows = [{"name": p.name, "role": p.role.value, "accounts": list(p.accounts), "demo": p.demo} for p, _ in found]
    return Outcome(0, {"people": rows}, "\n".join(f"{p.name:12} {p.role.value:14} {about}" for p, about in found))


def read_password(from_stdin: bool) -> str:
    """The new password, from the terminal (twice) or the first line of standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("New password: ")
    if first != getpass.getpass("Once more: "):
        raise InputError("the two passwords differ; nothing was changed")
    return first


def _days(text: str) -> int:
    number = text.removesuffix("d")
    if not number.isdigit():
        raise InputError(f"--expires {text!r} is not a number of days like 30d")
    return int(number)


def _plain(key: ApiKey) -> dict[str, object]:
    budget = None if key.budget_nanos is None else key.budget_nanos / NANOS
    same = {name: value for name, value in key.__dict__.items() if name != "budget_nanos"}
    return {**same, "scopes": list(key.scopes), "budget_usd": budget}


def _budget(key: ApiKey) -> str:
    return "" if key.budget_nanos is None else f"  ${key.budget_nanos / NANOS:.2f} a day"
