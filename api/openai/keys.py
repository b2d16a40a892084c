"""Who calls the door: the owner of the bearer key, inside its scopes, at a bounded rate."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from api.deps import RuntimeDep, key_person
from api.openai.errors import DoorError
from desk.errors import Forbidden, NotSignedIn
from desk.identity.roles import Action, KeyGrant, Person, check_may

MOST_AT_ONCE, MOST_A_MINUTE = 16, 300
"""Requests of one key that may be under way, and that may begin in a minute."""
MINUTE_S = 60.0
MOST_KEYS = 4_096


class Caller:
    """A person and the key they come by."""

    def __init__(self, person: Person, grant: KeyGrant) -> None:
        self.person, self.grant = person, grant

    def check_scope(self, scope: str) -> None:
        """Returns when the key has the scope and its owner the right; Forbidden otherwise."""
        if scope not in self.grant.scopes:
            raise Forbidden(f"this API key lacks the scope {scope!r}; it has {', '.join(self.grant.scopes)}")
        check_may(self.person, Action.ASK_MODEL if scope == "raw" else Action.ASK)


def get_caller(request: Request, runtime: RuntimeDep) -> Caller:
    """The caller; NotSignedIn without a key that works. The owner is looked up each time."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("send an API key as `Authorization: Bearer tk_…`; `tenor keys create` makes one")
    person = key_person(runtime, runtime.desk.api_keys.identify(token.strip()))
    if person is None or person.via is None:
        raise NotSignedIn("a real account exists here, so keys of demonstration people no longer work")
    return Caller(person, person.via)


CallerDep = Annotated[Caller, Depends(get_caller)]


class Turnstile:
    """Bounds the requests of each key. Used from one event loop."""

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self._tick = tick
        self._inside: dict[str, int] = {}
        self._begun: dict[str, deque[float]] = {}

    def enter(self, key: str) -> None:
        """Lets one request in; DoorError 429 says when to come again. Every entry needs one `leave`."""
        now, begun = self._tick(), self._begun.setdefault(key, deque())
        while begun and begun[0] <= now - MINUTE_S:
            begun.popleft()
        if self._inside.get(key, 0) >= MOST_AT_ONCE:
            raise _too_many(f"{MOST_AT_ONCE} requests of this key are under way", 1)
        if len(begun) >= MOST_A_MINUTE:
            raise _too_many(f"this key began {MOST_A_MINUTE} requests in a minute", int(begun[0] + MINUTE_S - now) + 1)
        begun.append(now)
        self._inside[key] = self._inside.get(key, 0) + 1
        if len(self._begun) > MOST_KEYS:
            self._begun = {name: self._begun[name] for name in (*self._inside, key)}

    def leave(self, key: str) -> None:
        """One request has ended."""
        left = self._inside.get(key, 0) - 1
        if left > 0:
            self._inside[key] = left
        else:
            self._inside.pop(key, None)


def _too_many(why: str, after_s: int) -> DoorError:
    return DoorError(429, "rate_limit_error", "rate_limit_exceeded", f"{why}; try again later", retry_after_s=after_s)
