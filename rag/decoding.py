"""Bytes of a filing as text, in the encoding they are in and not always the one they claim."""

from __future__ import annotations

import codecs
import re

from desk.errors import DataError

_CLAIMED = re.compile(rb"""charset\s*=\s*["']?([\w-]+)|^<\?xml[^>]*encoding=["']([\w-]+)""", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOOKED_AT = 100_000


def decode(id: str, raw: bytes) -> str:
    """The text: by its byte order mark, as UTF-8, as it claims, else as Windows-1252, which old filings are in.

    DataError when the bytes are no text in any of them: a picture, an archive, a file damaged on its way.
    """
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return _checked(id, raw[len(mark) :].decode(name, errors="replace"))
    try:
        return _checked(id, raw.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    claimed = _CLAIMED.search(raw[:4000])
    for name in ((claimed[1] or claimed[2]).decode() if claimed else "", "cp1252"):
        try:
            return _checked(id, raw.decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    return _checked(id, raw.decode("cp1252" if b"\x00" not in raw[:4000] else "utf-8", errors="replace"))


def _checked(id: str, text: str) -> str:
    """The text, unless too much of its beginning is none."""
    head = text[:_LOOKED_AT]
    bad = sum(c == "\ufffd" or (c < " " and c not in "\t\n\r\f") or "\x7f" <= c < "\xa0" for c in head)
    if bad > 20 + len(head) // 50:
        raise DataError(f"filing {id!r} is not text (damaged or of another format); fetch the document again")
    return text
