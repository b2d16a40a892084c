"""People, their accounts and passwords."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, func, insert, select, update

from desk.clock import to_iso
from desk.errors import InputError, NotFound, NotSignedIn
from desk.identity.roles import Person, Role
from desk.store.engine import Store
from desk.store.tables import account_members, accounts, people

SHORTEST_PASSWORD = 12
_CALLED = select(people.c.name, people.c.display_name)


class People:
    """The people of the desk. Names are unique, lower case, and never reused."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hasher = PasswordHasher()
        self.changes = 0
        """Counts what was added or changed here, so that others may keep what they read."""

    def add(
        self,
        connection: Connection,
        person: Person,
        now: datetime,
        *,
        about: str = "",
        password: str | None = None,
        profile: dict[str, object] | None = None,
    ) -> None:
        """Adds a person and their memberships. InputError for a password that is too short."""
        if password is not None and len(password) < SHORTEST_PASSWORD:
            raise InputError(f"the password has {len(password)} characters; use at least {SHORTEST_PASSWORD}")
        connection.execute(
            insert(people).values(
                name=person.name,
                display_name=person.display_name,
                role=person.role.value,
                about=about,
                password_hash=self._hasher.hash(password) if password else None,
                demo=person.demo,
                created_at=to_iso(now),
                profile=json.dumps(profile or {}, sort_keys=True),
            )
        )
        self.changes += 1
        for account in person.accounts:
            connection.execute(insert(account_members).values(account=account, person=person.name))

    def get(self, name: str) -> Person:
        """The person of that name; NotFound otherwise, naming who there is."""
        with self._store.read() as connection:
            row = connection.execute(select(people).where(people.c.name == name)).one_or_none()
            if row is None:
                known = ", ".join(connection.execute(select(people.c.name).order_by(people.c.name)).scalars())
                raise NotFound(f"nobody here is called {name!r}; there are: {known}")
            query = select(account_members.c.account).where(account_members.c.person == row.name)
            return _person(row, connection.execute(query.order_by(account_members.c.account)).scalars())

    def all(self) -> list[tuple[Person, str]]:
        """Everybody with the sentence about them, in the order they were added."""
        with self._store.read() as connection:
            rows = connection.execute(select(people).order_by(people.c.created_at, people.c.name)).all()
            owned: dict[str, list[str]] = {}
            members = select(account_members.c.person, account_members.c.account).order_by(account_members.c.account)
            for person, account in connection.execute(members):
                owned.setdefault(str(person), []).append(str(account))
            return [(_person(row, owned.get(str(row.name), ())), str(row.about)) for row in rows]

    def called(self) -> list[tuple[str, str]]:
        """Everybody's name and display name."""
        with self._store.read() as connection:
            return [(str(row.name), str(row.display_name)) for row in connection.execute(_CALLED)]

    def profile(self, name: str) -> dict[str, object]:
        """What a customer told about themselves (age, income, horizon …); empty when nothing."""
        with self._store.read() as connection:
            text = connection.execute(select(people.c.profile).where(people.c.name == name)).scalar_one_or_none()
            return dict(json.loads(text)) if text else {}

    def check_password(self, name: str, password: str) -> Person:
        """The person; NotSignedIn for an unknown name, no password or a wrong one (the same words for all)."""
        with self._store.read() as connection:
            row = connection.execute(select(people).where(people.c.name == name)).one_or_none()
        stored = row.password_hash if row is not None and row.password_hash else self._decoy()
        try:
            self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            raise NotSignedIn("name and password do not match") from None
        if row is None:
            raise NotSignedIn("name and password do not match")
        return self.get(name)

    def set_password(self, name: str, password: str) -> None:
        """Sets a password; the account is a real one from then on."""
        if len(password) < SHORTEST_PASSWORD:
            raise InputError(f"the password has {len(password)} characters; use at least {SHORTEST_PASSWORD}")
        with self._store.begin() as connection:
            hashed = self._hasher.hash(password)
            connection.execute(update(people).where(people.c.name == name).values(password_hash=hashed, demo=False))
        self.changes += 1

    def has_real_account(self) -> bool:
        """Whether anybody has a password; demo people stop working from then on."""
        with self._store.read() as connection:
            count = connection.execute(select(func.count()).where(people.c.password_hash.is_not(None))).scalar_one()
            return int(count) > 0

    def owner(self, account: str) -> str:
        """The customers whose account it is, by name, joined by "+"; empty for the desk's own and unknown ones."""
        own = select(account_members.c.person).join(accounts, accounts.c.id == account_members.c.account)
        own = own.join(people, people.c.name == account_members.c.person)
        own = own.where(accounts.c.id == account, accounts.c.kind == "customer", people.c.role == Role.CUSTOMER.value)
        with self._store.read() as connection:
            return "+".join(sorted(map(str, connection.execute(own).scalars())))

    def is_customer_account(self, account: str) -> bool:
        """Whether the account belongs to a customer; NotFound for an unknown account."""
        with self._store.read() as connection:
            kind = connection.execute(select(accounts.c.kind).where(accounts.c.id == account)).scalar_one_or_none()
        if kind is None:
            raise NotFound(f"account {account!r} does not exist")
        return str(kind) == "customer"

    def _decoy(self) -> str:
        if not hasattr(self, "_decoy_hash"):
            self._decoy_hash = self._hasher.hash("nobody has this password")
        return self._decoy_hash


def _person(row: Row[tuple[object, ...]], accounts: Iterable[str]) -> Person:
    return Person(str(row.name), str(row.display_name), Role(row.role), tuple(accounts), bool(row.demo))
