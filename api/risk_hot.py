"""Risk queries as raw ASGI in front of FastAPI, whose own machinery costs more than the whole answer.

Only an answer that is at hand is given here: the host is ours, the person is known by session
cookie or API key and may see the account, and its books are kept. Everything else (the first
question, every refusal) goes on to the FastAPI routes of `api/routes/risk.py`, with the same bodies.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qsl

from pydantic_core import to_json
from starlette.types import ASGIApp, Receive, Scope, Send

from api.deps import COOKIE, working_person
from api.routes.risk import change_body, report_body
from desk.errors import TenorError
from desk.identity.roles import Action, Person, check_may, check_owns
from desk.risk.report import Report
from graphs.runtime import Runtime

RISK, WHAT_IF = "/v1/risk", "/v1/risk/what-if"
ASKED = {RISK: {"account"}, WHAT_IF: {"account", "instrument", "side", "quantity"}}
SCOPE = "read"
LONGEST_QUERY = 400
_MARK = f"{COOKIE}=".encode()
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]


class HotRisk:
    """Answers risk queries that are at hand, hands everything else to `app`. One event loop owns it."""

    def __init__(self, app: ASGIApp, runtime: Runtime, hosts: frozenset[str]) -> None:
        self._app, self._runtime, self._hosts = app, runtime, hosts
        self._people: dict[str, Person] = {}
        self._seen = -1
        self._sent: dict[str, tuple[Report, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] == "http" and scope["path"] in ASKED and scope["method"] == "GET":
            sent = self._body(scope)
            if sent is not None:
                headers = [(b"content-length", b"%d" % len(sent)), *_HEADERS]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": sent})
                return
        await self._app(scope, receive, send)

    def _body(self, scope: Scope) -> bytes | None:
        query: bytes = scope["query_string"]
        given = _read(scope["path"], query) if len(query) <= LONGEST_QUERY else None
        if given is None or not self._runtime.desk.risk.ready(given["account"], given.get("instrument", "")):
            return None
        try:
            person = self._person(dict(scope["headers"]))
            if person is None:
                return None
            if scope["path"] == RISK:
                return self._risk(person, given["account"])
            return to_json(change_body(self._runtime, person, **given))
        except TenorError:
            return None

    def _risk(self, person: Person, account: str) -> bytes:
        """The same report is encoded once: until a second passes or something is traded."""
        check_owns(person, account)
        report = self._runtime.desk.risk.measure(account)
        known = self._sent.get(account)
        if known is None or known[0] is not report:
            known = self._sent[account] = report, to_json(report_body(self._runtime, account, report))
        return known[1]

    def _person(self, headers: dict[bytes, bytes]) -> Person | None:
        """Who asks, when they may read accounts; None when FastAPI should say why not."""
        host = headers.get(b"host", b"").decode("latin-1").rsplit(":", 1)[0].strip("[]").lower()
        if host not in self._hosts:
            return None
        desk, bearer = self._runtime.desk, headers.get(b"authorization", b"")
        if bearer.startswith(b"Bearer "):
            name: str | None = desk.api_keys.check(bearer[7:].decode("latin-1").strip(), SCOPE).person
        else:
            name = desk.sessions.get(_cookie(headers.get(b"cookie", b""))).person
        if name is None:
            return None
        if self._seen != desk.people.changes:
            self._people, self._seen = {}, desk.people.changes
        person = self._people.get(name) or working_person(self._runtime, name)
        if person is None:
            return None
        check_may(person, Action.READ_ACCOUNT)
        self._people[name] = person
        return person


@lru_cache(maxsize=512)
def _read(path: str, query: bytes) -> dict[str, str] | None:
    """The query's values by name; None unless each name is there once."""
    asked = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    given = dict(asked)
    return given if len(asked) == len(given) and given.keys() == ASKED[path] else None


def _cookie(header: bytes) -> str:
    for part in header.split(b";"):
        if part.strip().startswith(_MARK):
            return part.strip()[len(_MARK) :].decode("latin-1")
    return ""
