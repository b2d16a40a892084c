"""The audit log: records, proofs, verification, export."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, JsonValue

from api.deps import Auditor, RuntimeDep
from desk.clock import to_iso
from desk.ledger.reader import load_page, try_tampering
from desk.ledger.verify import Verdict

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class RecordView(BaseModel):
    """One record of the log, in its final form."""

    seq: int
    kind: str
    subject: str
    event_time: str
    knowledge_time: str
    body: JsonValue
    leaf_hash: str
    sealed: bool


class HeadView(BaseModel):
    """A signed tree head."""

    size: int
    root: str
    time: str
    key: str
    signature: str


class Records(BaseModel):
    """Newest first."""

    records: list[RecordView]
    head: HeadView | None


class StepView(BaseModel):
    """One sibling on the way to the root."""

    hash: str
    side: Literal["left", "right"]


class Proof(BaseModel):
    """Inclusion of one record."""

    seq: int
    leaf_hash: str
    size: int
    root: str
    path: list[StepView]


class BadRecord(BaseModel):
    """The first record that is wrong, and why."""

    seq: int
    why: str


class VerdictView(BaseModel):
    """What verification found."""

    ok: bool
    records: int
    first_bad: BadRecord | None
    signatures: str
    ms: float


class TamperTest(BaseModel):
    """Which record of a copy to change by one character."""

    seq: int


def _verdict(verdict: Verdict, began: float) -> VerdictView:
    return VerdictView.model_validate({**verdict, "ms": round((time.perf_counter() - began) * 1000, 1)})


@router.get("/records")
def list_records(
    runtime: RuntimeDep,
    person: Auditor,
    before: int | None = None,
    limit: int = Query(default=50, ge=1, le=500),
    kind: str = "",
) -> Records:
    """Records before a number, newest first."""
    ledger = runtime.desk.ledger
    found = load_page(runtime.desk.store, before=before, limit=limit, kind=kind)
    views = [RecordView.model_validate({**record.__dict__, "subject": record.subject_id}) for record in found]
    head = ledger.sign_head(to_iso(runtime.desk.wall.now())) if views else ledger.head()
    return Records(records=views, head=None if head is None else HeadView(**head._asdict()))


@router.get("/records/{seq}/proof")
def read_proof(seq: int, runtime: RuntimeDep, person: Auditor) -> Proof:
    """The Merkle path of one record."""
    inclusion = runtime.desk.ledger.inclusion(seq)
    return Proof.model_validate({**inclusion._asdict(), "path": [step._asdict() for step in inclusion.path]})


@router.post("/verify")
async def verify(runtime: RuntimeDep, person: Auditor) -> VerdictView:
    """Recomputes the whole log in the store."""
    began = time.perf_counter()
    return _verdict(await asyncio.to_thread(runtime.desk.ledger.verify), began)


@router.post("/tamper-test")
async def tamper_test(body: TamperTest, runtime: RuntimeDep, person: Auditor) -> VerdictView:
    """What verification would say had one byte of one record been changed; the log is not touched."""
    began = time.perf_counter()
    return _verdict(await asyncio.to_thread(try_tampering, runtime.desk.store, body.seq), began)


@router.get("/export")
async def export(runtime: RuntimeDep, person: Auditor) -> Response:
    """The export that `tenor audit verify` and any third party can check."""

    def make() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "audit.jsonl"
            runtime.desk.ledger.export(path, to_iso(runtime.desk.wall.now()))
            return path.read_bytes()

    content = await asyncio.to_thread(make)
    headers = {"content-disposition": 'attachment; filename="tenor-audit.jsonl"'}
    return Response(content, media_type="application/x-ndjson", headers=headers)
