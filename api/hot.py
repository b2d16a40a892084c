"""The hot route: signed requests about orders, answered as raw ASGI in front of everything else.

`POST /v1/orders` places, `PATCH /v1/orders/ID` amends, `DELETE /v1/orders/ID` cancels one,
`DELETE /v1/orders` cancels many.
Same ticket, same gate, same answer as the FastAPI routes; only the way there is shorter. Requests
without a signature go on to FastAPI.
"""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qsl

import structlog
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.deps import working_person
from api.placing import (
    Cancelled,
    amend_one,
    cancel_many,
    cancel_one,
    placed_json,
    propose_held,
    submit_ticket,
    wait_durable,
)
from api.tickets import Amendment, Ticket
from api.views import OrderView
from desk.errors import Forbidden, InputError, NotSignedIn, TenorError
from desk.identity.roles import Action, Person, check_may
from desk.identity.signing import Request, Verifier
from graphs.runtime import Runtime

PATH = "/v1/orders"
LARGEST_ORDER = 16_384
SCOPE = "trade"
_WANTED = frozenset({b"host", b"content-digest", b"signature", b"signature-input"})
_FIXED = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]
_JSON, _PROBLEM = (b"content-type", b"application/json"), (b"content-type", errors.PROBLEM.encode())


class HotOrders:
    """Answers signed orders, hands everything else to `app`. One event loop owns it."""

    def __init__(self, app: ASGIApp, runtime: Runtime, hosts: frozenset[str]) -> None:
        self._app, self._runtime, self._hosts = app, runtime, hosts
        self._verifier = Verifier(lambda id: runtime.desk.api_keys.signing(id)[1], runtime.desk.wall)
        self._people: dict[str, Person] = {}
        self._seen = -1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] == "http" and scope["path"].startswith(PATH) and _ours(scope["method"], scope["path"]):
            headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _WANTED}
            if "signature-input" in headers:
                await self._answer(scope, headers, receive, send)
                return
        await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        try:
            request, person = await self._read(scope, headers, receive)
            if scope["method"] == "POST":
                status, body = 201, await self._place(person, scope["query_string"], request.body)
            elif scope["method"] == "PATCH":
                status, body = 200, _json(self._amend(person, scope, request.body))
            else:
                status, body = 200, _json(await asyncio.to_thread(self._cancel, person, scope))
            kind = _JSON
        except ValidationError as error:
            found = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
            status, body, kind = 422, _encode(errors.problem(422, "input", found)), _PROBLEM
        except TenorError as error:
            status, body, kind = errors.status_of(error), _encode(errors.of_error(error)), _PROBLEM
        except Exception as error:  # noqa: BLE001 - the border: one order must not end the server
            structlog.get_logger("api").error("unexpected failure", path=PATH, exc_info=error)
            problem = errors.problem(500, "internal", "something failed that should not have; the log names it")
            status, body, kind = 500, _encode(problem), _PROBLEM
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [kind, length, *_FIXED]})
        await send({"type": "http.response.body", "body": body})

    async def _read(self, scope: Scope, headers: dict[str, str], receive: Receive) -> tuple[Request, Person]:
        """The request, whole, and whose key signed it."""
        host = headers.get("host", "")
        if host.rsplit(":", 1)[0].strip("[]").lower() not in self._hosts:
            raise Forbidden(f"this desk does not answer for host {host[:80]!r}")
        body = await _read(receive)
        query = scope["query_string"].decode("latin-1")
        target = f"{scope['scheme']}://{host}{scope['path']}{'?' if query else ''}{query}"
        request = Request(scope["method"], target, body)
        return request, self._signer(self._verifier.check(request, headers))

    async def _place(self, person: Person, query: bytes, body: bytes) -> bytes:
        if query not in (b"", b"ack=accepted", b"ack=durable"):
            raise InputError(f"the query {query[:40]!r} is not known; ack=durable is")
        done = submit_ticket(self._runtime, person, Ticket.model_validate_json(body))
        if done.held:
            return _json(await asyncio.to_thread(propose_held, self._runtime, person, done))
        if query != b"ack=durable":
            return placed_json(self._runtime, done)
        await asyncio.to_thread(wait_durable, self._runtime, done)
        return placed_json(self._runtime, done, "durable")

    def _amend(self, person: Person, scope: Scope, body: bytes) -> OrderView:
        if scope["query_string"]:
            raise InputError(f"the query {scope['query_string'][:40]!r} is not known; an amendment has none")
        return amend_one(self._runtime, person, scope["path"][len(PATH) + 1 :], Amendment.model_validate_json(body))

    def _cancel(self, person: Person, scope: Scope) -> OrderView | Cancelled:
        id = scope["path"].removeprefix(PATH).removeprefix("/")
        wanted = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        if id:
            return cancel_one(self._runtime, person, id)
        if not wanted.keys() <= {"account", "instrument"}:
            raise InputError(f"the query {str(wanted)[:60]} is not known; account and instrument are")
        return cancel_many(self._runtime, person, wanted.get("account", ""), wanted.get("instrument", ""))

    def _signer(self, key_id: str) -> Person:
        """The person a key acts for, kept until people change."""
        desk = self._runtime.desk
        key = desk.api_keys.signing(key_id)[0]
        key.check_scope(SCOPE)
        if self._seen != desk.people.changes:
            self._people, self._seen = {}, desk.people.changes
        person = self._people.get(key.person) or working_person(self._runtime, key.person)
        if person is None:
            raise NotSignedIn("a real account exists here, so keys of demonstration people no longer work")
        check_may(person, Action.TRADE)
        self._people[key.person] = person
        return person


def _ours(method: str, path: str) -> bool:
    """Whether this route takes it, given a signature: an order to place, one to change or cancel, or all to cancel."""
    rest = path[len(PATH) :]
    if not rest:
        return method in ("POST", "DELETE")
    return method in ("PATCH", "DELETE") and rest[0] == "/" and 1 < len(rest) <= 65 and "/" not in rest[1:]


async def _read(receive: Receive) -> bytes:
    """The whole body; InputError when it is longer than any order."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_ORDER:
            break
    if len(body) > LARGEST_ORDER:
        raise InputError(f"the body has more than {LARGEST_ORDER:,} bytes; an order has a few hundred")
    return body


def _json(answer: BaseModel) -> bytes:
    return answer.model_dump_json().encode()


def _encode(body: dict[str, object]) -> bytes:
    return json.dumps(body).encode()
