"""Browser sessions, the demonstration door, and API keys.

Only hashes of session ids are stored. The door token is printed once at start, works once, and
only marks a browser as the machine owner's, which is what one-click demo sign-in needs.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, Row, delete, insert, select, update

from desk.clock import Clock, from_iso, to_iso
from desk.errors import Forbidden, InputError, NotFound, NotSignedIn
from desk.identity.roles import Action, Person, check_may
from desk.store.engine import Store
from desk.store.keys import seal, unseal
from desk.store.tables import api_keys, sessions

SESSION_LIFE = timedelta(hours=12)
SCOPES = frozenset({"chat", "propose", "raw", "read", "trade"})
NANOS = 1_000_000_000
MOST_BUDGET = Decimal(1_000_000)
"""US dollars a day."""
Record = Callable[[Connection, str, str, dict[str, object]], None]
LONGEST_KEY_DAYS = 365
MOST_KEPT = 4_096
_UNKNOWN = "this API key is unknown, revoked or has lapsed"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Session:
    """A browser: `person` is None until somebody signs in; `door` says it came by the printed address."""

    person: str | None
    csrf: str
    door: bool
    expires_at: datetime


@dataclass(frozen=True)
class ApiKey:
    """A key's public side; the secret is shown once, when it is made.

    `budget_nanos`: what it may spend on models in a day (UTC), in nano-dollars; None for no limit of its own.
    """

    id: str
    person: str
    name: str
    scopes: tuple[str, ...]
    created_at: str
    expires_at: str
    revoked_at: str | None
    budget_nanos: int | None = None

    def check_scope(self, scope: str) -> None:
        """Returns when the key has the scope; Forbidden otherwise."""
        if scope not in self.scopes:
            raise Forbidden(f"this API key lacks the scope {scope!r}; it has {', '.join(self.scopes)}")


class Sessions:
    """Sessions of browsers, kept in the store so that a restart signs nobody out."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._door: str | None = None
        self._live: dict[str, Session] = {}
        self._lock = threading.Lock()

    def new_door_token(self) -> str:
        """A fresh one-time token; any earlier unused one stops working."""
        self._door = secrets.token_urlsafe(24)
        return self._door

    def open_door(self, token: str) -> str:
        """Exchanges the token for the id of a new door session; Forbidden when wrong or used."""
        if self._door is None or not hmac.compare_digest(self._door, token):
            raise Forbidden(
                "this address was used already or is not the one that was printed last; start again with make up"
            )
        self._door = None
        return self.create(None, door=True)

    def create(self, person: str | None, *, door: bool) -> str:
        """A new session; returns its id, which only the cookie holds."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        with self._store.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at < to_iso(now)))
            connection.execute(
                insert(sessions).values(
                    id_hash=_hash(token),
                    person=person,
                    csrf=secrets.token_urlsafe(24),
                    door=door,
                    created_at=to_iso(now),
                    expires_at=to_iso(now + SESSION_LIFE),
                )
            )
        return token

    def get(self, token: str) -> Session:
        """The live session; NotSignedIn when unknown or lapsed.

        Kept in memory after the first use: the holder of the folder is the only one who ends it.
        """
        id = _hash(token)
        found = self._live.get(id) or self._load(id)
        if found is None or found.expires_at <= self._clock.now():
            self._live.pop(id, None)
            raise NotSignedIn("your session has lapsed; sign in again")
        return found

    def _load(self, id: str) -> Session | None:
        with self._lock:  # not between the row's end and the memory's
            with self._store.read() as connection:
                row = connection.execute(select(sessions).where(sessions.c.id_hash == id)).one_or_none()
            if row is None:
                return None
            if len(self._live) >= MOST_KEPT:
                self._live.clear()
            found = self._live[id] = Session(row.person, row.csrf, bool(row.door), from_iso(row.expires_at))
            return found

    def end(self, token: str) -> None:
        """Forgets the session; an unknown one is forgotten already."""
        with self._lock:
            with self._store.begin() as connection:
                connection.execute(delete(sessions).where(sessions.c.id_hash == _hash(token)))
            self._live.pop(_hash(token), None)


class ApiKeys:
    """Keys for programs. A key acts with its person's rights inside its scopes, and never approves."""

    def __init__(self, store: Store, clock: Clock, master: bytes, record: Record) -> None:
        self._store, self._clock, self._master, self._record = store, clock, master, record
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def create(
        self, person: str, name: str, scopes: list[str], days: int, budget_usd: Decimal | None = None
    ) -> tuple[ApiKey, str]:
        """Makes a key; returns it and its secret. InputError for unknown scopes, a bad life span or budget."""
        _check_wish(scopes, days, budget_usd)
        id, secret, now = secrets.token_hex(8), secrets.token_urlsafe(32), self._clock.now()
        budget = None if budget_usd is None else int(budget_usd * NANOS)
        created, expires = to_iso(now), to_iso(now + timedelta(days=days))
        key = ApiKey(id, person, name, tuple(sorted(set(scopes))), created, expires, None, budget)
        signs = "trade" in key.scopes  # only a signature needs the secret itself
        row = {
            "id": id,
            "person": person,
            "name": name,
            "scopes": " ".join(key.scopes),
            "secret_sealed": seal(self._master, secret.encode(), id.encode()) if signs else b"",
            "secret_hash": _hash(secret),
            "budget_nanos": budget,
            "created_at": created,
            "expires_at": expires,
        }
        told = {"key": id, "scopes": list(key.scopes), "expires_at": expires}
        with self._store.begin() as connection:
            connection.execute(insert(api_keys).values(row))
            self._record(connection, "key.created", person, {**told, "budget_nanos": budget})
        return key, f"tk_{id}.{secret}"

    def list(self, person: str | None = None) -> list[ApiKey]:
        """All keys, or one person's, newest first."""
        query = select(api_keys).order_by(api_keys.c.created_at.desc())
        with self._store.read() as connection:
            rows = connection.execute(query if person is None else query.where(api_keys.c.person == person)).all()
        return [_key(row) for row in rows]

    def revoke(self, id: str, person: str) -> None:
        """Revokes one's own key at once; a second call changes nothing. NotFound for another's."""
        if all(key.id != id for key in self.list(person)):
            raise NotFound(f"you have no key {id!r}")
        with self._lock, self._store.begin() as connection:
            live = (api_keys.c.id == id) & api_keys.c.revoked_at.is_(None)
            done = connection.execute(update(api_keys).where(live).values(revoked_at=to_iso(self._clock.now())))
            if done.rowcount:
                self._record(connection, "key.revoked", person, {"key": id})
            self._known.pop(id, None)

    def signing(self, id: str) -> tuple[ApiKey, str]:
        """The key and its secret, to check a signature with; NotSignedIn when unknown, lapsed or revoked.

        Only a key of scope `trade` keeps its secret; Forbidden for another, whose secret is a hash.
        """
        known = self._find(id)
        if not known.secret:
            known.key.check_scope("trade")
        return known.key, known.secret

    def check(self, token: str, scope: str) -> ApiKey:
        """The key behind `tk_ID.SECRET`; NotSignedIn when unknown, lapsed or revoked, Forbidden without the scope."""
        key = self.identify(token)
        key.check_scope(scope)
        return key

    def identify(self, token: str) -> ApiKey:
        """The key behind `tk_ID.SECRET`, whatever its scopes; NotSignedIn when unknown, lapsed or revoked."""
        id, _, secret = token.removeprefix("tk_").partition(".")
        known = self._find(id)
        if not hmac.compare_digest(known.hash, _hash(secret)):
            raise NotSignedIn(_UNKNOWN)
        return known.key

    def _find(self, id: str) -> _Known:
        """Kept in memory after the first use: the holder of the folder is the only one who revokes."""
        known = self._known.get(id)
        if known is None:
            with self._lock:  # not between the row's end and the memory's
                known = self._load(id)
        if from_iso(known.key.expires_at) <= self._clock.now():
            raise NotSignedIn(_UNKNOWN)
        return known

    def _load(self, id: str) -> _Known:
        with self._store.read() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.id == id)).one_or_none()
        if row is None or row.revoked_at:
            raise NotSignedIn(_UNKNOWN)
        sealed = bytes(row.secret_sealed)
        secret = unseal(self._master, sealed, row.id.encode()).decode() if sealed else ""
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        known = self._known[id] = _Known(_key(row), secret, row.secret_hash or _hash(secret))
        return known


class _Known(NamedTuple):
    """`secret` is empty for a key that does not sign."""

    key: ApiKey
    secret: str
    hash: str


def check_scopes(person: Person, scopes: list[str]) -> None:
    """Returns when a key of this person may have the scopes; Forbidden when that would be more than they may."""
    if "raw" in scopes:
        check_may(person, Action.ASK_MODEL)


def _check_wish(scopes: list[str], days: int, budget_usd: Decimal | None) -> None:
    unknown = set(scopes) - SCOPES
    if unknown or not scopes:
        raise InputError(f"scopes {sorted(unknown) or scopes!r} are not known; choose from {', '.join(sorted(SCOPES))}")
    if not 1 <= days <= LONGEST_KEY_DAYS:
        raise InputError(f"a key may live 1 to {LONGEST_KEY_DAYS} days, not {days}")
    if budget_usd is not None and not (budget_usd.is_finite() and 0 <= budget_usd <= MOST_BUDGET):
        raise InputError(f"a key's budget is 0 to {MOST_BUDGET:,} US dollars a day, not {budget_usd}")


def _key(row: Row[tuple[object, ...]]) -> ApiKey:
    scopes = tuple(str(row.scopes).split())
    return ApiKey(
        row.id, row.person, row.name, scopes, row.created_at, row.expires_at, row.revoked_at, row.budget_nanos
    )
