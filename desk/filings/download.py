"""One body that may take several requests: what came before the line broke, and the rest by range.

A part is continued only by its own validator (`If-Range`, RFC 9110 §13.1.5), so that two versions are never joined. The
bytes are those of the wire, before any content coding is taken off.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import structlog

from desk.errors import DataError
from desk.store.whole import write_whole

MOST_BYTES = 300_000_000
"""Of a body, as it comes and unpacked."""
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)$")
_GZIP = 31
"""The `wbits` of zlib for a gzip member."""
_BODIES = frozenset({200, 206})
_SETTLED = frozenset({200, 206, 304, 404, 416})
"""After these a part is of no more use; after a refusal or a fault it is."""


@dataclass
class Part:
    """What has come of a body. Without a validator it cannot be continued. `coding` is its content coding."""

    validator: str = ""
    coding: str = ""
    raw: bytearray = field(default_factory=bytearray)

    def headers(self) -> dict[str, str]:
        """What asks for the rest; empty where the whole must be asked for."""
        return {"Range": f"bytes={len(self.raw)}-", "If-Range": self.validator} if self.validator and self.raw else {}


def take_body(answer: httpx.Response, place: Path, name: str) -> bytes:
    """Reads the answer to a request with `read_part(place).headers()` to its end and gives the whole body, unpacked.

    A 206 is added to the part kept at `place`, a 200 begins again; other answers have no body here. Where the line
    breaks the part is kept and httpx.TransportError raised, as for a 206 that is not the rest that was asked for.
    DataError (naming `name`) for a body too large.
    """
    part = read_part(place) if answer.status_code == 206 else Part()
    try:
        if answer.status_code == 206:
            _check_continues(answer, part)
        else:
            part.validator, part.coding = _validator(answer), _coding(answer)
        for piece in answer.iter_raw():
            part.raw += piece
            if len(part.raw) > MOST_BYTES:
                raise _too_long(name)
        body = _unpack(bytes(part.raw), part.coding, name) if answer.status_code in _BODIES else b""
    except httpx.TransportError:
        if answer.status_code in _BODIES:
            write_part(place, part)
        raise
    except (httpx.DecodingError, DataError):
        write_part(place, Part())
        raise
    if answer.status_code in _SETTLED:
        write_part(place, Part())
    return body


def read_part(place: Path) -> Part:
    """The part kept there; an empty one when there is none or it is damaged."""
    try:
        about, _, raw = place.read_bytes().partition(b"\n")
        told = json.loads(about)
        whole = int(told["bytes"]) == len(raw)
        return Part(str(told["validator"]), str(told["coding"]), bytearray(raw)) if whole else Part()
    except (OSError, ValueError, KeyError, TypeError):
        return Part()


def write_part(place: Path, part: Part) -> None:
    """Keeps a part that can be continued and drops one that cannot; a full disk only costs the part."""
    try:
        if part.headers():
            about = {"validator": part.validator, "coding": part.coding, "bytes": len(part.raw)}
            write_whole(place, json.dumps(about).encode() + b"\n" + part.raw)
        elif place.exists():
            place.unlink()
    except OSError as error:
        structlog.get_logger("edgar").warning("part not kept", why=str(error))


def _validator(answer: httpx.Response) -> str:
    """A strong one, as ranges need; "" for an answer that is no document or that takes no ranges."""
    if answer.status_code != 200 or answer.headers.get("Accept-Ranges", "").lower() == "none":
        return ""
    etag = str(answer.headers.get("ETag", ""))
    return etag if etag and not etag.startswith("W/") else str(answer.headers.get("Last-Modified", ""))


def _coding(answer: httpx.Response) -> str:
    return str(answer.headers.get("Content-Encoding", "")).strip().lower()


def _check_continues(answer: httpx.Response, part: Part) -> None:
    """RemoteProtocolError when a 206 does not begin where the part ends or runs short; the part is then no more."""
    found = _RANGE.match(answer.headers.get("Content-Range", ""))
    fits = found and int(found[1]) == len(part.raw) and _coding(answer) == part.coding
    if not found or not fits or (found[3] != "*" and int(found[2]) + 1 != int(found[3])):
        part.raw.clear()
        raise httpx.RemoteProtocolError("what came is not the rest of the body that was asked for")


def _unpack(raw: bytes, coding: str, name: str) -> bytes:
    """The body without its content coding, empty when that does not end; httpx.DecodingError for bytes not of it."""
    if coding in {"", "identity"}:
        return raw
    if coding != "gzip":
        raise DataError(f"EDGAR sent {name} in the coding {coding!r}, which was not asked for")
    unpacker = zlib.decompressobj(_GZIP)
    try:
        body = unpacker.decompress(raw, MOST_BYTES + 1)
    except zlib.error as error:
        raise httpx.DecodingError(f"not {coding}: {error}") from None
    if len(body) > MOST_BYTES:
        raise _too_long(name)
    return body if unpacker.eof else b""


def _too_long(name: str) -> DataError:
    return DataError(f"EDGAR's {name} is longer than {MOST_BYTES:,} bytes and is not read")
