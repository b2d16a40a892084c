"""Who owns an account, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from desk.identity.people import People
from desk.identity.roles import Role
from desk.store.engine import Store
from desk.store.tables import account_members, accounts

DONE = frozenset({"complete", "completed", "verified", "passed"})
"""The states in which an identification is complete."""


class AccountOwners:
    """The customers behind accounts, read from the store at every question: a state may change."""

    def __init__(self, store: Store, people: People) -> None:
        self._store, self._people = store, people
        self._own: set[str] = set()

    def profiles(self, account: str) -> list[Mapping[str, object]] | None:
        """The owners' profiles; None when the account is the desk's own or does not exist."""
        if account in self._own:  # an account's kind never changes
            return None
        with self._store.read() as connection:
            kind = connection.execute(select(accounts.c.kind).where(accounts.c.id == account)).scalar_one_or_none()
            members = select(account_members.c.person).where(account_members.c.account == account)
            names = list(connection.execute(members).scalars()) if kind == "customer" else []
        if kind != "customer":
            if kind is not None:
                self._own.add(account)
            return None
        people = [self._people.get(name) for name in sorted(names)]
        return [self._people.profile(person.name) for person in people if person.role is Role.CUSTOMER]
