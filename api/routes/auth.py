"""Sessions, the demonstration door, and API keys."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.deps import COOKIE, KeyOwner, RuntimeDep, SessionDep, person_of
from api.guard import is_forwarded
from desk.errors import Forbidden
from desk.identity.roles import Person, Role
from desk.identity.sessions import NANOS, SESSION_LIFE, ApiKey, check_scopes
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1", tags=["session"])


class User(BaseModel):
    """Who is signed in."""

    name: str
    display_name: str
    role: Role
    accounts: list[str]
    demo: bool


class DemoPerson(BaseModel):
    """Somebody one may be with one click."""

    name: str
    display_name: str
    role: Role
    about: str


class Demo(BaseModel):
    """The people of the demonstration; empty unless this browser came through the door."""

    people: list[DemoPerson]


class SessionView(BaseModel):
    """The browser's session."""

    user: User | None
    csrf: str
    demo: Demo
    label: str


class Door(BaseModel):
    """The one-time token of the printed address."""

    token: str = Field(max_length=200)


class DemoSignIn(BaseModel):
    """Which demonstration person to be."""

    name: str = Field(max_length=64)


class SignIn(BaseModel):
    """Name and password of a real account."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=1024)


class NewKey(BaseModel):
    """What the key is for. `budget_usd`: what it may spend on models in a day; null for the owner's budget alone."""

    name: str = Field(min_length=1, max_length=128)
    scopes: list[str] = Field(max_length=8)
    days: int = 30
    budget_usd: Decimal | None = Field(default=None, max_digits=18, decimal_places=6)


class KeyView(BaseModel):
    """A key without its secret."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str
    revoked_at: str | None
    budget_usd: float | None


class KeyMade(KeyView):
    """A fresh key; the secret is shown this once."""

    secret: str


class Keys(BaseModel):
    """One's own keys, newest first."""

    keys: list[KeyView]


def _user(person: Person) -> User:
    return User(
        name=person.name,
        display_name=person.display_name,
        role=person.role,
        accounts=list(person.accounts),
        demo=person.demo,
    )


def _key(key: ApiKey) -> KeyView:
    return KeyView(
        id=key.id,
        name=key.name,
        scopes=list(key.scopes),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        budget_usd=None if key.budget_nanos is None else key.budget_nanos / NANOS,
    )


def _view(runtime: Runtime, session: SessionDep) -> SessionView:
    person = person_of(runtime, session)
    open_door = session is not None and session.door and not runtime.desk.people.has_real_account()
    people = [
        DemoPerson(name=p.name, display_name=p.display_name, role=p.role, about=about)
        for p, about in (runtime.desk.people.all() if open_door else [])
        if p.demo
    ]
    return SessionView(
        user=None if person is None else _user(person),
        csrf="" if session is None else session.csrf,
        demo=Demo(people=people),
        label=runtime.desk.label,
    )


def _set_cookie(response: Response, token: str, secure: bool) -> None:
    life = int(SESSION_LIFE.total_seconds())
    response.set_cookie(COOKIE, token, max_age=life, httponly=True, samesite="strict", secure=secure, path="/")


@router.get("/session")
def read_session(runtime: RuntimeDep, session: SessionDep) -> SessionView:
    """Who is signed in here, and the CSRF token for unsafe methods."""
    return _view(runtime, session)


@router.post("/session/door", status_code=204)
def open_door(body: Door, request: Request, response: Response, runtime: RuntimeDep) -> None:
    """Exchanges the printed one-time token for the door cookie; loopback only, no proxy."""
    if not runtime.desk.settings.loopback or is_forwarded(request.headers):
        raise Forbidden("one-click sign-in works only on this machine itself; sign in with a password")
    _set_cookie(response, runtime.desk.sessions.open_door(body.token), secure=False)


@router.post("/session/demo")
def sign_in_demo(
    body: DemoSignIn, request: Request, response: Response, runtime: RuntimeDep, session: SessionDep
) -> SessionView:
    """Becomes a demonstration person; needs the door cookie."""
    if session is None or not session.door or is_forwarded(request.headers):
        raise Forbidden("open the address that was printed at start first, or sign in with a password")
    if runtime.desk.people.has_real_account():
        raise Forbidden("a real account exists here, so demonstration people no longer work; sign in with a password")
    person = runtime.desk.people.get(body.name)
    if not person.demo:
        raise Forbidden(f"{person.display_name} is a real account; sign in with the password")
    return _start(request, response, runtime, person, door=True)


@router.post("/session")
async def sign_in(body: SignIn, request: Request, response: Response, runtime: RuntimeDep) -> SessionView:
    """Signs in with name and password; the same words for every kind of mistake."""
    person = await asyncio.to_thread(runtime.desk.people.check_password, body.name, body.password)
    return _start(request, response, runtime, person, door=False)


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, runtime: RuntimeDep, session: SessionDep) -> None:
    """Ends the session; a browser that came through the door stays at the door."""
    token = request.cookies.get(COOKIE)
    if token is None or session is None:
        return
    runtime.desk.sessions.end(token)
    if session.door:
        _set_cookie(response, runtime.desk.sessions.create(None, door=True), request.url.scheme == "https")
    else:
        response.delete_cookie(COOKIE, path="/")


@router.get("/keys")
def list_keys(runtime: RuntimeDep, person: KeyOwner) -> Keys:
    """One's own API keys."""
    return Keys(keys=[_key(key) for key in runtime.desk.api_keys.list(person.name)])


@router.post("/keys", status_code=201)
def create_key(body: NewKey, runtime: RuntimeDep, person: KeyOwner) -> KeyMade:
    """Makes a key; its secret is in this answer only."""
    check_scopes(person, body.scopes)
    key, secret = runtime.desk.api_keys.create(person.name, body.name, body.scopes, body.days, body.budget_usd)
    return KeyMade(**_key(key).model_dump(), secret=secret)


@router.delete("/keys/{id}", status_code=204)
def revoke_key(id: str, runtime: RuntimeDep, person: KeyOwner) -> None:
    """Revokes one's own key at once."""
    runtime.desk.api_keys.revoke(id, person.name)


def _start(request: Request, response: Response, runtime: Runtime, person: Person, *, door: bool) -> SessionView:
    old = request.cookies.get(COOKIE)
    if old:
        runtime.desk.sessions.end(old)
    token = runtime.desk.sessions.create(person.name, door=door)
    _set_cookie(response, token, request.url.scheme == "https")
    return _view(runtime, runtime.desk.sessions.get(token))
