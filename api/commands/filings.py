"""`tenor filings watch | notices | find | index`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from api.commands.ingest import connected
from api.commands.seat import Seat
from api.holder import Outcome
from desk.errors import InputError
from desk.identity.roles import Action, check_may
from rag.index_care import check_index, mend_index, read_snapshot, write_snapshot


async def filings(seat: Seat) -> Outcome:
    """Watches companies, tells what they filed, cares for the vector index."""
    verbs: dict[str, Callable[[Seat], Outcome]] = {"watch": _watch, "notices": _notices, "index": _index, "find": _find}
    return await asyncio.to_thread(verbs[seat.args.verb], seat)


def _watch(seat: Seat) -> Outcome:
    """`list`, `add WHO`, `remove WHO`, or `now`: one round at once."""
    args, watch, person = seat.args, seat.runtime.desk.watch, seat.person()
    check_may(person, Action.READ_FILINGS if args.what == "list" else Action.INGEST)
    if args.what in ("add", "remove") and not args.who:
        raise InputError(f"name the company: tenor filings watch {args.what} CIK|TICKER")
    if args.what == "add":
        watch.add(args.who, person.name)
    elif args.what == "remove":
        watch.remove(args.who, person.name)
    elif args.what == "now":
        watch.step()
    rows = [dict(vars(watched)) for watched in watch.watched()]
    lines = [f"{r['cik']}  {r['ticker']:6} {r['name']} {r['failure'] and '(' + str(r['failure']) + ')'}" for r in rows]
    return Outcome(
        0, {"connected": watch.edgar is not None, "companies": rows}, "\n".join(lines) or "no company watched"
    )


def _notices(seat: Seat) -> Outcome:
    check_may(seat.person(), Action.READ_FILINGS)
    found = seat.runtime.desk.watch.notices(most=seat.args.most)
    rows = [notice.model_dump(mode="json") for notice in found]
    lines = [f"{n.seen_at[:16]}  {'!' if n.grave else ' '} {n.form:8} {n.summary}" for n in found]
    return Outcome(0, {"notices": rows}, "\n".join(lines) or "nothing new")


def _find(seat: Seat) -> Outcome:
    """What EDGAR's full-text index finds for words, of all filers or one."""
    args = seat.args
    check_may(seat.person(), Action.READ_FILINGS)
    edgar = connected(seat, "the full-text index")
    forms = [form.strip().upper() for form in args.forms.split(",") if form.strip()]
    cik = edgar.find(args.company) if args.company else ""
    hits = edgar.search(args.words, forms=forms, cik=cik, most=args.most)
    rows = [{**vars(hit), "filed": hit.filed.isoformat()} for hit in hits]
    lines = [f"{hit.filed}  {hit.form:8} {hit.company} ({hit.cik})  {hit.accession}" for hit in hits]
    return Outcome(0, {"hits": rows}, "\n".join(lines) or "nothing found")


def _index(seat: Seat) -> Outcome:
    """`check` (exit 1 when stale or damaged), `rebuild`, `snapshot FILE`, `restore FILE`."""
    args = seat.args
    check_may(seat.person(), Action.READ_FILINGS if args.what == "check" else Action.INGEST)
    if args.what in ("snapshot", "restore") and not args.who:
        raise InputError(f"name the file: tenor filings index {args.what} FILE")
    index, passages = seat.runtime.filings.index()
    done = 0
    if args.what == "rebuild":
        done = mend_index(index, passages, whole=args.whole)
        seat.runtime.filings.vectors()
    elif args.what == "snapshot":
        done = write_snapshot(index, seat.path(args.who))
    elif args.what == "restore":
        done = read_snapshot(index, passages, seat.path(args.who))
    health = check_index(index, passages)
    result: dict[str, object] = {**health._asdict(), "sound": health.sound, "done": done}
    words = {"rebuild": "dropped", "snapshot": "written", "restore": "brought back"}
    told = f"{done} vectors {words[args.what]}; " if args.what in words else ""
    text = f"{told}{health.good} good, {health.missing} missing, {health.stale} stale, {health.damaged} damaged"
    return Outcome(1 if health.stale or health.damaged else 0, result, text)
