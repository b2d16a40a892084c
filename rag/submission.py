"""A complete submission text file of EDGAR's archive: the accession's header and its documents in one file."""

from __future__ import annotations

import re
from typing import NamedTuple

_DOCUMENT = re.compile(rb"<DOCUMENT>(.*?)</DOCUMENT>", re.DOTALL)
_TEXT = re.compile(rb"<TEXT>\s*(.*?)\s*</TEXT>", re.DOTALL)
_ACCESSION = re.compile(r"(?<!\d)(\d{10})-?(\d{2})-?(\d{6})(?!\d)")


class Part(NamedTuple):
    """One document of a submission: its type ("10-K", "EX-99.1"), file name and bytes."""

    type: str
    name: str
    body: bytes


def read_submission(raw: bytes) -> tuple[str, list[Part]] | None:
    """The accession and the documents; None when the bytes are no complete submission."""
    head = raw[:4000].decode("latin-1")
    if "<SEC-DOCUMENT>" not in head and "<SEC-HEADER>" not in head:
        return None
    found = _ACCESSION.search(head.partition("ACCESSION NUMBER:")[2][:60])
    parts = []
    for document in _DOCUMENT.findall(raw):
        text = _TEXT.search(document)
        if text:
            body = re.sub(rb"^<(XBRL|XML|PDF)>\s*|\s*</(XBRL|XML|PDF)>$", b"", text[1])
            parts.append(Part(_field(document, "TYPE"), _field(document, "FILENAME"), body))
    return "-".join(found.groups()) if found else "", parts


def accession_in(name: str) -> str:
    """The accession number that a file's name holds; "" when it holds none."""
    found = _ACCESSION.search(name)
    return "-".join(found.groups()) if found else ""


def _field(document: bytes, name: str) -> str:
    found = re.search(rf"<{name}>([^\n<]*)", document[:2000].decode("latin-1"))
    return found[1].strip() if found else ""
