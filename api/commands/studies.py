"""`tenor fraud scan` and `tenor fraud report`; the way to the other verbs of `tenor fraud`."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import asdict
from datetime import UTC, datetime

from api.case_drafts import draft_of
from api.commands.drift import show_drift
from api.commands.seat import Seat
from api.commands.surveil import surveil_file
from api.commands.thresholds import thresholds
from api.commands.triage import triage
from api.holder import Outcome
from desk.errors import InputError
from desk.fraud.alerts import Alert
from desk.fraud.amlsim import TransferFile, parse_columns, read_transfers
from desk.fraud.gnn import load_network
from desk.fraud.intake import Counts
from desk.fraud.leads import Learned, score, weigh
from desk.fraud.patterns import scan
from desk.fraud.report import print_report
from desk.identity.roles import Action, check_may


async def fraud(seat: Seat) -> Outcome:
    """Scans a file of transfers or of markets, tells drift, shows or moves levels, triages, or drafts a report."""
    verbs = {
        "scan": _scan,
        "report": _report,
        "surveil": surveil_file,
        "drift": show_drift,
        "thresholds": thresholds,
        "triage": triage,
    }
    return await verbs[seat.args.verb](seat)


async def _report(seat: Seat) -> Outcome:
    """Writes FILE and records who took the draft out of the desk."""
    person, desk, path = seat.named(), seat.runtime.desk, seat.path(seat.args.out)
    check_may(person, Action.WORK_FRAUD)

    def run() -> str:
        form = path.suffix.removeprefix(".")
        made = print_report(draft_of(desk, seat.args.id, person), form)
        try:
            path.write_bytes(made)
        except OSError as error:
            raise InputError(f"cannot write {path.name}: {error.strerror}") from None
        digest = hashlib.sha256(made).hexdigest()
        desk.fraud.work.note_export(seat.args.id, person, form, digest)
        return digest

    digest = await asyncio.to_thread(run)
    said = f"draft of {seat.args.id} written to {path.name}; it is recorded in the audit log, and nothing is filed"
    return Outcome(0, {"case": seat.args.id, "file": str(path), "sha256": digest}, said)


async def _scan(seat: Seat) -> Outcome:
    """Every alert over a file of transfers, the highest score first."""
    check_may(seat.person(), Action.ASK)
    path, chosen = seat.path(seat.args.file), parse_columns(seat.args.columns)

    version, rules = seat.runtime.desk.fraud.versions.in_force().version, seat.runtime.desk.fraud.rules

    def run() -> tuple[TransferFile, list[Alert], Learned | None]:
        now = datetime.now(UTC)
        file = read_transfers(path, chosen, now, lambda rows: seat.say(f"\r{rows:,} transfers read", False))
        seat.say(f"\r{_counted(file.counts)}", True)
        with seat.runtime.desk.graphs.visit(file.columns) as graph:
            found = scan(graph, rules, progress=lambda n, of: seat.say(f"\rrule {n} of {of}", n == of))
        learned = weigh(score(load_network(), file.columns), found) if seat.args.learned else None
        return file, learned.ordered(found) if learned else found, learned

    file, found, learned = await asyncio.to_thread(run)
    rows = [_row(file, alert) | ({"learned": learned.of(alert)} if learned else {}) for alert in found]
    lines = [
        f"{r['id']}  {r['typology']:14} {r['score']:.2f} {r['amount']:>14,.2f}  {' '.join(a.accounts)}"
        for r, a in zip(rows, found, strict=True)
    ] or ["no alert"]
    body: dict[str, object] = {"alerts": rows, "read": asdict(file.counts), "thresholds": version}
    if learned:
        body["learned"] = {"used": not learned.why_not, "why_not": learned.why_not} | {
            "shifted": list(learned.drift.shifted),
            "leads": [lead._asdict() for lead in learned.leads],
        }
        lines += _told(learned)
    return Outcome(0, body, "\n".join(lines))


def _row(file: TransferFile, alert: Alert) -> dict[str, object]:
    return {
        "id": alert.id,
        "typology": alert.typology,
        "accounts": list(alert.accounts),
        "amount": float(alert.amount),
        "start": file.show_time(alert.start),
        "end": file.show_time(alert.end),
        "rules": [rule.id for rule in alert.rules],
        "score": alert.score,
        "linked": list(alert.linked),
    }


def _told(learned: Learned) -> list[str]:
    """What the network adds, or why it adds nothing."""
    if learned.why_not:
        return [f"the learned score is not used: {learned.why_not}"]
    return [f"learned, in no alert: {lead.account}  {lead.score:.4f}" for lead in learned.leads]


def _counted(counts: Counts) -> str:
    """`1,204 transfers; left out: 2 to oneself`."""
    left = (
        ("dated after now", counts.future),
        ("to oneself", counts.to_oneself),
        ("standing there twice", counts.repeated),
    )
    out = ", ".join(f"{count:,} {what}" for what, count in left if count)
    return (
        f"{counts.transfers:,} transfers"
        + (f"; {counts.unordered:,} out of order, sorted" if counts.unordered else "")
        + (f"; left out: {out}" if out else "")
    )
