"""A recorded run: all that its answer came from, as canonical JSON under a SHA-256.

Numbers with a point never stand in the bundle itself (canonical JSON has none): what may hold them is kept as its own
JSON text, exactly as it was written, and so comes back bit for bit.
"""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, ValidationError, model_serializer

from agents.answers import ShownFact
from desk.errors import Conflict, InputError
from desk.identity.roles import Role
from desk.ledger.canonical import canonical_bytes

FORMAT = 2
MOST_BYTES = 16 * 1024 * 1024
"""A file that is larger is no bundle of ours."""


class Row(BaseModel):
    """Base of everything here: nothing unknown, nothing changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GrantRow(Row):
    """The key a program came by: what it might, and not the key itself."""

    key: str
    scopes: tuple[str, ...]
    budget_nanos: int | None


class PersonRow(Row):
    """Who asked, with the rights that the run had."""

    name: str
    display_name: str
    role: Role
    accounts: tuple[str, ...]
    demo: bool
    via: GrantRow | None


class ReadingRow(Row):
    """What a plan saw beside its tools: the market clock, accounts and people among the
    question's words, the rulebook.
    """

    kind: Literal["now", "accounts", "people", "rules"]
    values: tuple[str, ...]


class ErrorRow(Row):
    """An error that a tool ended with: its class in `desk.errors`; `more`: what else it carries, JSON."""

    kind: str
    message: str
    more: str


class CallRow(Row):
    """One tool call: arguments and result as JSON text, and the facts it registered, in their order.

    Exactly one of `result` and `error` is there.
    """

    tool: str
    arguments: str
    result: str | None
    error: ErrorRow | None
    facts: tuple[ShownFact, ...]


class AskRow(Row):
    """One model request, by its hash, and what came back: every attempt with its raw answer (JSON of `Routed`)."""

    request: str
    routed: str


class VoiceRow(Row):
    """See `desk.llm.choices.Voice`."""

    speaks: bool
    first: str
    only: str


class PartRow(Row):
    """One agent's share, in the order of speaking. `served`: tasks that had a model. `micros`: it took."""

    agent: str
    prompt: str
    prompt_hash: str
    voice: VoiceRow
    served: tuple[str, ...]
    readings: tuple[ReadingRow, ...]
    calls: tuple[CallRow, ...]
    asks: tuple[AskRow, ...]
    micros: int


class Bundle(Row):
    """The whole run. `asked`: the person's words when `question` completes them. `wanted`: the agent that the person
    chose. `instruments`, `route`, `answer`: JSON text.

    `locale`: how numbers are written, left out where it is the house's form, as in bundles from before there was one.
    `proposed_at`: the wall clock when a proposal was stored, empty without one. `code` and `policy`: see
    `graphs.replay.versions`.
    """

    format: int
    product: str
    code: str
    policy: str
    run: str
    thread: str
    at: str
    question: str
    asked: str
    wanted: str
    person: PersonRow
    history: tuple[str, ...]
    background: tuple[str, ...]
    instruments: str
    route: str
    parts: tuple[PartRow, ...]
    proposed_at: str
    answer: str
    locale: str = ""

    @model_serializer(mode="wrap")
    def _plain(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        plain: dict[str, object] = handler(self)
        return {name: value for name, value in plain.items() if value or name != "locale"}


class Sealed(Row):
    """A bundle and the hash it has."""

    hash: str
    bundle: Bundle


def bundle_bytes(bundle: Bundle) -> bytes:
    """The canonical JSON."""
    return canonical_bytes(bundle.model_dump(mode="json"))


def bundle_hash(body: bytes) -> str:
    """SHA-256 of the canonical JSON, hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def answer_text(answer: dict[str, object]) -> str:
    """An answer as the text that is recorded and compared, byte for byte."""
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_file(bundle: Bundle) -> str:
    """The text of a bundle's file: the hash, then the bundle."""
    plain = bundle.model_dump(mode="json")
    document = {"hash": bundle_hash(canonical_bytes(plain)), "bundle": plain}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def read_file(data: bytes) -> Sealed:
    """A bundle from its file. InputError for what is none or has another format; Conflict when it was edited."""
    if len(data) > MOST_BYTES:
        raise InputError(f"the file has {len(data):,} bytes; a run bundle has at most {MOST_BYTES:,}")
    try:
        document = json.loads(data)
    except ValueError as error:
        raise InputError(f"the file is no run bundle: {error}; write one with `tenor runs export`") from None
    if not isinstance(document, dict) or not isinstance(document.get("bundle"), dict) or "hash" not in document:
        raise InputError("the file is no run bundle: it needs `hash` and `bundle`; write one with `tenor runs export`")
    plain = document["bundle"]
    _check_format(plain)
    try:
        found = bundle_hash(canonical_bytes(plain))
    except (ValueError, TypeError) as error:
        raise Conflict(f"this run bundle was edited: {error}") from None
    if found != document["hash"]:
        raise Conflict(
            f"this run bundle was edited: its hash is {found}, the file says {document['hash']}; export the run again"
        )
    return Sealed(hash=found, bundle=_parsed(plain))


def read_body(body: bytes) -> Bundle:
    """A bundle from its canonical JSON; errors as for `read_file`."""
    plain = json.loads(body)
    _check_format(plain)
    return _parsed(plain)


def _check_format(plain: dict[str, object]) -> None:
    if plain.get("format") != FORMAT:
        raise InputError(
            f"this run bundle has format {plain.get('format')!r} (written by Tenor {plain.get('product')!r}), and this "
            f"version replays format {FORMAT}; replay it with the version that wrote it"
        )


def _parsed(plain: dict[str, object]) -> Bundle:
    try:
        return Bundle.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"the run bundle has the wrong shape at {where}: {first['msg']}") from None
