"""What stands before every route: the Host and Origin checks, body size, and security headers.

Written as raw ASGI: it runs for static files and streams as well and never buffers a body.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import render
from desk.telemetry import bind

LARGEST_BODY = 1_000_000
FORWARDING = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def security_headers(script_hashes: Sequence[str]) -> dict[str, str]:
    """The headers of every answer; scripts run only from this origin or with a hash made at build."""
    scripts = " ".join(["'self'", *script_hashes])
    policy = (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'; object-src 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }


class Guard:
    """Refuses foreign hosts and origins and bodies above 1 MB; adds the security headers."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], script_hashes: Sequence[str]) -> None:
        self._app, self._hosts = app, hosts
        self._headers = security_headers(script_hashes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refused = self._refuse(scope)
        if refused is not None:
            await self._answer(scope, receive, send, *refused)
            return

        request = secrets.token_hex(8)

        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if str(scope["path"]).startswith("/v1/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        with bind(request=request):
            await self._app(scope, _counted(receive), decorated)

    def _refuse(self, scope: Scope) -> tuple[int, str, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").rsplit(":", 1)[0].strip("[]").lower()
        if host not in self._hosts:
            return 421, "host", f"this desk does not answer for host {host[:80]!r}"
        origin = headers.get("origin")
        unsafe = scope["type"] == "websocket" or scope.get("method") not in SAFE
        if unsafe and origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return 403, "origin", f"requests from {origin[:80]!r} are not accepted"
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > LARGEST_BODY:
            return 413, "too_large", f"the body has {int(length):,} bytes; at most {LARGEST_BODY:,} are taken"
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send, status: int, code: str, why: str) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": why[:100]})
            return
        shape, media = render(str(scope["path"]), status, code, why)
        body = json.dumps(shape).encode()
        headers = [(b"content-type", media.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _counted(receive: Receive) -> Receive:
    """The same body; one that grows past the limit without having said so ends in 413."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > LARGEST_BODY:
                raise HTTPException(413, f"the body has more than {LARGEST_BODY:,} bytes")
        return message

    return counted


def is_forwarded(headers: Headers) -> bool:
    """Whether a proxy handed the request on; the demonstration door stays shut then."""
    return any(name in headers for name in FORWARDING)
