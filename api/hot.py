"""The hot route: a signed `POST /v1/orders`, answered as raw ASGI in front of everything else.

Same ticket, same gate, same answer as the FastAPI route; only the way there is shorter. Requests
without a signature go on to FastAPI.
"""

from __future__ import annotations

import asyncio
import json

import structlog
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.deps import working_person
from api.placing import Placed, Ticket, placed_view, propose_held, submit_ticket, wait_durable
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
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST":
            headers = {name: value for name, value in scope["headers"] if name in _WANTED}
            if b"signature-input" in headers:
                await self._answer(scope, headers, receive, send)
                return
        await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        try:
            placed = await self._take(scope, {k.decode(): v.decode("latin-1") for k, v in headers.items()}, receive)
            status, body, kind = 201, placed.model_dump_json().encode(), _JSON
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

    async def _take(self, scope: Scope, headers: dict[str, str], receive: Receive) -> Placed:
        host = headers.get("host", "")
        if host.rsplit(":", 1)[0].strip("[]").lower() not in self._hosts:
            raise Forbidden(f"this desk does not answer for host {host[:80]!r}")
        body = await _read(receive)
        query = scope["query_string"].decode("latin-1")
        target = f"{scope['scheme']}://{host}{PATH}{'?' if query else ''}{query}"
        if query not in ("", "ack=accepted", "ack=durable"):
            raise InputError(f"the query {query[:40]!r} is not known; ack=durable is")
        person = self._signer(self._verifier.check(Request("POST", target, body), headers))
        done = submit_ticket(self._runtime, person, Ticket.model_validate_json(body))
        if done.held:
            return await asyncio.to_thread(propose_held, self._runtime, person, done)
        if query != "ack=durable":
            return placed_view(self._runtime, done)
        await asyncio.to_thread(wait_durable, self._runtime, done)
        return placed_view(self._runtime, done, "durable")

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


def _encode(body: dict[str, object]) -> bytes:
    return json.dumps(body).encode()
