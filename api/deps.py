"""What routes depend on: the runtime, the person, and the right to act.

A person comes by session cookie (then unsafe methods need the CSRF token) or by API key
(`Authorization: Bearer tk_…`, inside its scopes). `may(Action.X)` is the only authorisation.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request, WebSocket

from desk.errors import Forbidden, NotSignedIn
from desk.identity.roles import NEVER_BY_KEY, Action, KeyGrant, Person, check_may
from desk.identity.sessions import ApiKey, Session
from graphs.runtime import Runtime

COOKIE = "tenor_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KEY_SCOPES: dict[Action, str] = {Action.ASK: "chat", Action.TRADE: "trade", Action.RUN_EVALS: "chat"}


def get_runtime(request: Request) -> Runtime:
    """The running system this application was made for."""
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(get_runtime)]


def get_session(request: Request, runtime: RuntimeDep) -> Session | None:
    """The browser's session, or None; an unsafe method with a wrong CSRF token is Forbidden."""
    token = request.cookies.get(COOKIE)
    if token is None:
        return None
    try:
        session = runtime.desk.sessions.get(token)
    except NotSignedIn:
        return None
    if request.method not in SAFE:
        sent = request.headers.get("x-csrf-token", "")
        if not hmac.compare_digest(sent.encode(), session.csrf.encode()):
            raise Forbidden("the request lacks this session's x-csrf-token; reload the page")
    return session


SessionDep = Annotated[Session | None, Depends(get_session)]


def person_of(runtime: Runtime, session: Session | None) -> Person | None:
    """Who is signed in; None when nobody is, or when demo people no longer work here."""
    if session is None or session.person is None:
        return None
    return working_person(runtime, session.person)


def working_person(runtime: Runtime, name: str) -> Person | None:
    """The person of that name; None for a demonstration person beside a real account."""
    person = runtime.desk.people.get(name)
    if person.demo and runtime.desk.people.has_real_account():
        return None
    return person


def key_person(runtime: Runtime, key: ApiKey) -> Person | None:
    """The person a key acts for, with what it may; None for a demonstration person beside a real account."""
    person = working_person(runtime, key.person)
    return person and replace(person, via=KeyGrant(key.id, key.scopes, key.budget_nanos))


def find_caller(socket: WebSocket, runtime: Runtime, action: Action) -> tuple[str, Callable[[], Person | None]]:
    """What names the caller of a WebSocket (API key or session cookie), and how to look up again who that is.

    The look-up raises NotSignedIn or Forbidden, or gives None, once the caller is nobody (any more).
    """
    bearer = socket.headers.get("authorization", "")
    if bearer.startswith("Bearer "):
        key = bearer.removeprefix("Bearer ").strip()
        scope = KEY_SCOPES.get(action, "read")
        return key, lambda: key_person(runtime, runtime.desk.api_keys.check(key, scope))
    token = socket.cookies.get(COOKIE, "")
    return token, lambda: person_of(runtime, runtime.desk.sessions.get(token))


def may(action: Action) -> Callable[..., Person]:
    """A dependency that yields the person when they may do `action`."""

    def dependency(request: Request, runtime: RuntimeDep, session: SessionDep) -> Person:
        bearer = request.headers.get("authorization", "")
        if bearer.startswith("Bearer "):
            if action in NEVER_BY_KEY:
                raise Forbidden(f"an API key never may {action.replace('_', ' ')}; a signed-in person must")
            key = runtime.desk.api_keys.check(bearer.removeprefix("Bearer ").strip(), KEY_SCOPES.get(action, "read"))
            person = key_person(runtime, key)
        else:
            person = person_of(runtime, session)
        if person is None:
            raise NotSignedIn("sign in first")
        check_may(person, action)
        return person

    return dependency


Asker = Annotated[Person, Depends(may(Action.ASK))]
Reader = Annotated[Person, Depends(may(Action.READ_MARKET))]
FilingReader = Annotated[Person, Depends(may(Action.READ_FILINGS))]
AccountReader = Annotated[Person, Depends(may(Action.READ_ACCOUNT))]
Trader = Annotated[Person, Depends(may(Action.TRADE))]
Approver = Annotated[Person, Depends(may(Action.ANSWER_APPROVAL))]
FraudReader = Annotated[Person, Depends(may(Action.READ_FRAUD))]
FraudWorker = Annotated[Person, Depends(may(Action.WORK_FRAUD))]
Auditor = Annotated[Person, Depends(may(Action.READ_AUDIT))]
EvalReader = Annotated[Person, Depends(may(Action.READ_EVALS))]
Evaluator = Annotated[Person, Depends(may(Action.RUN_EVALS))]
ModelChooser = Annotated[Person, Depends(may(Action.CHANGE_MODELS))]
ModelReader = Annotated[Person, Depends(may(Action.READ_MODELS))]
SystemReader = Annotated[Person, Depends(may(Action.READ_SYSTEM))]
Halter = Annotated[Person, Depends(may(Action.HALT))]
Resumer = Annotated[Person, Depends(may(Action.RESUME))]
Grantor = Annotated[Person, Depends(may(Action.GRANT_MANDATE))]
Countersigner = Annotated[Person, Depends(may(Action.COUNTERSIGN_MANDATE))]
Reconciling = Annotated[Person, Depends(may(Action.RECONCILE))]
KeyOwner = Annotated[Person, Depends(may(Action.MANAGE_KEYS))]
