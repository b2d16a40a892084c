"""`tenor ingest filings PATH|CIK|TICKER`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from api.commands.seat import Seat
from api.holder import Outcome
from desk.errors import BackEndUnreachable, InputError, NotFound
from desk.filings.edgar import Edgar, EdgarCompany
from desk.filings.source import Filing
from desk.identity.roles import Action, check_may
from rag.intake import Progress, Report

FILINGS = "filings"
"""The bus topic."""

WIDTH = 24


async def ingest(seat: Seat) -> Outcome:
    """Takes in a file, a folder, or a company's latest filings from EDGAR; exit 1 when one was refused."""
    check_may(seat.person(), Action.INGEST)
    path, tell = seat.path(seat.args.path), show_progress(seat)
    run = _files(seat, path, tell) if path.exists() else _company(seat, tell)
    report = await asyncio.to_thread(run)
    rows = [{"id": f.id, "title": f.title, "state": state} for f, state in report.taken]
    refused = [{"name": r.name, "reason": r.reason} for r in report.refused]
    lines = [f"{r['id']}  {r['title']} ({r['state']})" for r in rows] + [f"refused: {r.reason}" for r in report.refused]
    lines += [f"XBRL facts of {company}" for company in report.facts]
    result: dict[str, object] = {"filings": rows, "refused": refused, "facts": report.facts}
    return Outcome(1 if refused else 0, result, "\n".join(lines))


def show_progress(seat: Seat) -> Progress:
    """A bar for the terminal and an event for the bus."""
    bus = seat.runtime.desk.bus

    def tell(done: int, total: int, name: str) -> None:
        full = WIDTH * done // max(total, 1)
        seat.say(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {done}/{total} {name[:60]:60}", done == total)
        bus.publish(FILINGS, {"kind": "ingest", "done": done, "total": total, "name": name})

    return tell


def _files(seat: Seat, path: Path, tell: Progress) -> Callable[[], Report]:
    def run() -> Report:
        report = seat.runtime.filings.ingest(path, tell)
        if not report.taken and len(report.refused) == 1:
            raise InputError(report.refused[0].reason)
        return report

    return run


def _company(seat: Seat, tell: Progress) -> Callable[[], Report]:
    args, edgar = seat.args, connected(seat, f"there is no file {seat.args.path!r} here, and a CIK or ticker")

    def run() -> Report:
        cik = edgar.find(args.path)
        company = EdgarCompany(edgar, cik)
        forms = {form.strip().upper() for form in args.forms.split(",") if form.strip()}
        wanted: list[Filing] = [f for f in company.filings() if f.form in forms][: args.most]
        if not wanted:
            raise InputError(f"EDGAR has no {', '.join(sorted(forms))} of {args.path!r}; name other forms with --forms")
        report = seat.runtime.filings.ingest_from(company, wanted, tell, again=args.again)
        with suppress(NotFound):  # a filer without XBRL: a fund, an insider
            report.facts.append(seat.runtime.filings.take_company_facts(edgar.company_facts(cik)).company)
        return report

    return run


def connected(seat: Seat, what: str) -> Edgar:
    """EDGAR; BackEndUnreachable, naming the setting, where it is not switched on."""
    edgar = seat.runtime.desk.watch.edgar
    if edgar is None:
        raise BackEndUnreachable(f"{what} needs EDGAR; set TENOR_EDGAR_USER_AGENT to your name and e-mail address")
    return edgar
