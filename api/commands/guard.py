"""`tenor guard check FILE|-` and `tenor guard runs`: all validators, in a process of their own."""

from __future__ import annotations

import asyncio
import json
from datetime import date

from agents.scan.finding import Finding
from agents.scan.process import MOST_CHARACTERS, Text, run_scan
from agents.scan.validators import choose
from api.commands.seat import Seat
from api.holder import Outcome
from desk.compliance.deadlines import DEADLINES
from desk.errors import Forbidden, InputError
from desk.identity.roles import MAY, Action
from graphs.scanning import MOST, Answered, RunScan, text_of


async def guard(seat: Seat) -> Outcome:
    """Exit 1 when something was found."""
    return await asyncio.to_thread(_check if seat.args.verb == "check" else _runs, seat)


def _check(seat: Seat) -> Outcome:
    """Scans one text; what is no answer is judged without facts: numbers, tickers, dates and quotes then pass."""
    names = choose(name.strip() for name in seat.args.validators.split(",") if name.strip())
    text = _read(seat)
    scan = run_scan([text], names)
    result = scan.results[0]
    rows = [one.model_dump() for one in result.findings]
    body: dict[str, object] = {
        "file": seat.args.file,
        "ok": result.passed,
        "answer": text.material.checked,
        "validators": list(names),
        "library": scan.library,
        "findings": rows,
    }
    lines = [_line(one) for one in result.findings] or [f"Nothing found by {', '.join(names)}."]
    return Outcome(0 if result.passed else 1, body, "\n".join(lines))


def _read(seat: Seat) -> Text:
    raw = _raw(seat)
    if len(raw) > MOST_CHARACTERS:
        raise InputError(f"the text has {len(raw):,} characters; a scan takes at most {MOST_CHARACTERS:,}")
    try:
        answer = json.loads(raw)
    except ValueError:
        return Text(text=raw)
    if not isinstance(answer, dict) or not isinstance(answer.get("answer"), str):
        return Text(text=raw)
    desk = seat.runtime.desk
    symbols = tuple(name for one in desk.feed.instruments for name in (one.id, one.symbol))
    rules = (*(rule.text for rule in desk.rulebook), *(deadline.text for deadline in DEADLINES))
    names = (*(one.name for one in desk.feed.instruments), *desk.trading.cash(), *rules)
    try:
        return text_of(Answered(answer, (str(answer.get("question") or ""),), symbols, names), seat.runtime.filings)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"the file is no answer as `tenor ask --json` prints it: {error}") from None


def _raw(seat: Seat) -> str:
    if seat.args.file == "-":
        return str(seat.args.text or "")
    path = seat.path(seat.args.file)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the text {path} cannot be read: {error}") from None


def _runs(seat: Seat) -> Outcome:
    """Scans what was not scanned; for the machine's owner and those who read runs."""
    args, reader = seat.args, seat.reader()
    if reader is not None and reader.role not in MAY[Action.READ_RUNS]:
        raise Forbidden(f"{reader.display_name} may not read the runs of others, nor have them scanned")
    if args.since:
        try:
            date.fromisoformat(args.since)
        except ValueError:
            raise InputError(f"--since {args.since!r} is no day such as 2026-01-31") from None
    if not 1 <= args.most <= MOST:
        raise InputError(f"--most {args.most} is not between 1 and {MOST}")
    scans = seat.runtime.scans.scan_new(args.since, args.again, args.most)
    faulty = [each for each in scans if not each.passed]
    body: dict[str, object] = {"scanned": len(scans), "faulty": len(faulty), "runs": [e.model_dump() for e in scans]}
    text = [f"{len(scans)} runs scanned, {len(faulty)} with findings.", *(line for e in faulty for line in _lines(e))]
    return Outcome(1 if faulty else 0, body, "\n".join(text))


def _lines(scan: RunScan) -> list[str]:
    return [f"Run {scan.run}:", *(f"  {_line(one)}" for one in scan.findings)]


def _line(one: Finding) -> str:
    fix = "" if one.fix is None else f" → {one.fix!r}"
    return f"line {one.line}, {one.start}–{one.end}, {one.validator}: {one.text!r} {one.why}{fix}"
