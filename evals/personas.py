"""Persons made for a case: a customer of the private desk with a profile, and an account with their wealth in it."""

from __future__ import annotations

from pydantic import JsonValue
from sqlalchemy import insert

from desk.identity.roles import Person, Role
from desk.money import Money
from desk.store.tables import accounts
from desk.trading.seeds import Seed
from graphs.runtime import Runtime

CURRENCY = "USD"


def add_persona(runtime: Runtime, name: str, profile: dict[str, JsonValue]) -> Person:
    """A customer called `name`, with the account `NAME-account`; the profile is kept as it is given, faults and all.

    `wealth` in the profile is the account's cash in whole USD, nothing when it is no amount. Each name once a desk.
    """
    desk, account = runtime.desk, f"{name}-account"
    person = Person(name, name.title(), Role.CUSTOMER, (account,), demo=True)
    with desk.store.begin() as connection:
        row = {"id": account, "name": "Savings", "currency": CURRENCY, "kind": "customer"}
        connection.execute(insert(accounts).values(row))
        desk.people.add(connection, person, desk.wall.now(), profile=dict(profile))
    cash = {CURRENCY: Money.of(_whole(profile.get("wealth")), CURRENCY).minor}
    desk.trading.seed([Seed(account, "customer", CURRENCY, cash)])
    return person


def _whole(value: JsonValue) -> int:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return int(value) if usable and isinstance(value, int | float) else 0
