"""Verifies an exported audit log without us: copy this one file, run `python verify.py EXPORT`.

Needs the Python standard library only. With the `cryptography` package it checks the Ed25519
signatures of the tree heads as well, and says so when it could not. Prints one JSON object
`{ok, records, first_bad: null | {seq, why}, ...}`; exits 0 when the log verifies, else 1.

An export is JSON Lines: first `{"format":"tenor-ledger","v":1,"origin","heads":[{size,root,time,
key,signature}]}`, then one `{"seq","leaf_hash","envelope"}` per record, in order. `envelope` is
canonical JSON text; its leaf is SHA-256(0x00 || envelope); `prev` in it is the leaf before. A
head signs `origin`, `size`, `root` and `time`, each on a line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TypedDict

FIRST_PREV = "0" * 64
FORMAT = "tenor-ledger"


class Stored(NamedTuple):
    """One record as it was kept: its number, its envelope's text, its leaf hash (hexadecimal)."""

    seq: int
    envelope: str
    leaf_hash: str


class Head(NamedTuple):
    """A signed tree head; `root`, `key` and `signature` are hexadecimal."""

    size: int
    root: str
    time: str
    key: str
    signature: str

    def note(self, origin: str) -> bytes:
        """The bytes that are signed."""
        return f"{origin}\n{self.size}\n{self.root}\n{self.time}\n".encode()


class Bad(TypedDict):
    """The first bad record and what is wrong with it."""

    seq: int
    why: str


class Verdict(TypedDict):
    """What was found; `signatures` says whether they were checked, and if not, why."""

    ok: bool
    records: int
    first_bad: Bad | None
    signatures: str
    key: str


class _Root:
    """The tree's root while records stream by: one hash per complete subtree."""

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        size, node = 1, leaf
        while self._peaks and self._peaks[-1][0] == size:
            node = sha256(b"\x01" + self._peaks.pop()[1] + node).digest()
            size *= 2
        self._peaks.append((size, node))

    def value(self) -> str:
        if not self._peaks:
            return sha256(b"").hexdigest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = sha256(b"\x01" + left + node).digest()
        return node.hex()


def check_records(records: Iterable[Stored], heads: Iterable[Head], *, signed_to_end: bool) -> tuple[int, Bad | None]:
    """How many records there are (up to the first bad one) and the first bad one.

    `signed_to_end` demands that the newest head covers the last record. A log rewritten from some
    record on with all hashes made anew is caught at the first head after it; then the first
    record after the last good head is named.
    """
    roots = {head.size: head.root for head in heads}
    tree, before, good, count = _Root(), FIRST_PREV, 0, 0
    for position, (record, after) in enumerate(_with_next(records), start=1):
        bad = _fault(record, position, before, after)
        if bad is not None:
            return count, bad
        count, before = position, record.leaf_hash
        tree.add(bytes.fromhex(record.leaf_hash))
        if position in roots:
            if roots[position] != tree.value():
                return count, _bad(good + 1, f"records {good + 1} to {position} do not hash to the signed head")
            good = position
    last = max(roots, default=0)
    if last > count:
        return count, _bad(count + 1, f"record {count + 1} is missing: the signed head covers {last} records")
    if signed_to_end and last < count:
        return count, _bad(last + 1, f"record {last + 1} is covered by no signed head")
    return count, None


def _fault(record: Stored, position: int, before: str, after: Stored | None) -> Bad | None:
    if record.seq != position:
        return _misplaced(record.seq, position)
    try:
        plain = json.loads(record.envelope)
    except ValueError:
        plain = None
    if not isinstance(plain, dict):
        return _bad(position, "its envelope is not a JSON object")
    leaf = sha256(b"\x00" + record.envelope.encode()).hexdigest()
    if leaf != record.leaf_hash:
        return _bad(position, "its contents do not hash to its leaf: it was changed")
    if plain.get("seq") != position:
        found = plain.get("seq")
        return _misplaced(found if isinstance(found, int) else 0, position)
    if plain.get("prev") != before:
        if position > 1 and after is not None and _prev(after) == leaf:
            return _bad(position - 1, f"it was changed: record {position} was chained to other contents")
        return _bad(position, "it is not chained to the record before it")
    return None


def _misplaced(found: int, position: int) -> Bad:
    if 0 < found < position:
        return _bad(found, f"number {found} stands more than once: a record was inserted or repeated")
    return _bad(position, f"record {position} is missing or moved: number {found} stands in its place")


def _prev(record: Stored) -> str:
    try:
        plain = json.loads(record.envelope)
    except ValueError:
        return ""
    return str(plain.get("prev")) if isinstance(plain, dict) else ""


def _with_next(records: Iterable[Stored]) -> Iterator[tuple[Stored, Stored | None]]:
    held: Stored | None = None
    for record in records:
        if held is not None:
            yield held, record
        held = record
    if held is not None:
        yield held, None


def _bad(seq: int, why: str) -> Bad:
    return {"seq": seq, "why": why}


def check_signatures(heads: Iterable[Head], origin: str, key: str) -> tuple[Bad | None, str]:
    """The first head whose signature or key is wrong, and whether signatures could be checked."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None, "not checked: install the cryptography package"
    for head in heads:
        if head.key != key:
            return _bad(head.size, f"the head of {head.size} records is signed by another key, {head.key}"), "checked"
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.key))
            public.verify(bytes.fromhex(head.signature), head.note(origin))
        except (InvalidSignature, ValueError):
            return _bad(head.size, f"the signature of the head of {head.size} records is wrong"), "checked"
    return None, "checked"


def verify_file(path: Path, key: str = "") -> Verdict:
    """Verifies an export. `key` (hexadecimal) is the public key to trust; empty takes the file's own.

    Damage is a verdict, never an exception; OSError when the file cannot be read.
    """
    with path.open(encoding="utf-8", errors="replace") as lines:
        try:
            opening = json.loads(next(lines, "null"))
            heads = sorted(Head(**head) for head in opening["heads"])
            known = opening["format"] == FORMAT and opening["v"] == 1
            origin = str(opening["origin"])
        except (ValueError, TypeError, KeyError):
            known, heads, origin = False, [], ""
        if not known or not heads:
            return _verdict(0, _bad(0, "the first line is not the opening of a version 1 export with a signed head"))
        trusted = key or heads[-1].key
        records, bad = check_records(_stored(lines), heads, signed_to_end=True)
    forged, signatures = check_signatures(heads, origin, trusted)
    return _verdict(records, bad or forged, signatures, trusted)


def _stored(lines: Iterable[str]) -> Iterator[Stored]:
    for line in lines:
        try:
            plain = json.loads(line)
            yield Stored(int(plain["seq"]), str(plain["envelope"]), str(plain["leaf_hash"]))
        except (ValueError, TypeError, KeyError):
            yield Stored(-1, line, "")


def _verdict(records: int, bad: Bad | None, signatures: str = "not checked", key: str = "") -> Verdict:
    return {"ok": bad is None, "records": records, "first_bad": bad, "signatures": signatures, "key": key}


def main(arguments: list[str]) -> int:
    """`verify.py EXPORT [PUBLIC_KEY_HEX]`: prints the verdict, 0 when the log verifies."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write("usage: verify.py EXPORT [PUBLIC_KEY_HEX]\n")
        return 2
    try:
        verdict = verify_file(Path(arguments[0]), *arguments[1:])
    except OSError as error:
        sys.stderr.write(f"cannot read {arguments[0]}: {error.strerror}\n")
        return 2
    sys.stdout.write(json.dumps(verdict) + "\n")
    return 0 if verdict["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
