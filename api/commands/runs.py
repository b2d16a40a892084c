"""`tenor replay RUN | --file BUNDLE`, `tenor runs show RUN [--fact ID]` and `tenor runs export RUN FILE`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from api.commands.seat import Seat
from api.commands.showing import origin_lines, run_lines
from api.holder import Outcome
from api.tracing import origin_view, run_view
from desk.errors import InputError
from graphs.replay.bundle import Sealed, read_file, write_file
from graphs.replay.comparing import Comparison, Spent
from graphs.replay.rerunning import Wish, rerun
from graphs.replay.versions import code_hash

PROVES_NOTHING = "The code is another than the recorded run's: this comparison proves nothing."


async def runs(seat: Seat) -> Outcome:
    """Show and export."""
    return await (_show(seat) if seat.args.verb == "show" else _export(seat))


async def _show(seat: Seat) -> Outcome:
    args, reader = seat.args, seat.reader()
    if args.fact:
        origin = await asyncio.to_thread(origin_view, seat.runtime, args.run, args.fact, reader)
        return Outcome(0, origin.model_dump(mode="json"), "\n".join(origin_lines(origin)))
    view = await asyncio.to_thread(run_view, seat.runtime, args.run, reader)
    return Outcome(0, view.model_dump(mode="json"), "\n".join(run_lines(view)))


async def _export(seat: Seat) -> Outcome:
    """Writes a run's bundle to a file."""
    sealed = await asyncio.to_thread(seat.runtime.runs.get, seat.args.run, seat.reader())
    path = seat.path(seat.args.file)
    await asyncio.to_thread(path.write_text, write_file(sealed.bundle), "utf-8")
    result: dict[str, object] = {"run": seat.args.run, "hash": sealed.hash, "file": str(path)}
    return Outcome(0, result, f"Run {seat.args.run} is in {path} (SHA-256 {sealed.hash}).")


async def replay(seat: Seat) -> Outcome:
    """Replays; exit 1 when an unchanged run came out differently."""
    args = seat.args
    sealed, logged = await asyncio.to_thread(_sealed, seat)
    wish = Wish(args.model, tuple(args.prompt), args.anyway)
    found = await rerun(seat.runtime, sealed.bundle, seat.reader(), wish)
    same_code = not args.anyway or sealed.bundle.code == code_hash()
    result: dict[str, object] = {
        "run": sealed.bundle.run,
        "hash": sealed.hash,
        "in_audit_log": logged,
        "same_code": same_code,
        **asdict(found),
    }
    lines = [] if same_code else [PROVES_NOTHING]
    if not logged:
        lines.append("This desk's audit log does not know the run: only the file's own hash was checked.")
    return Outcome(0 if found.identical or wish.changes else 1, result, "\n".join([*lines, *_lines(found)]))


def _sealed(seat: Seat) -> tuple[Sealed, bool]:
    book, args = seat.runtime.runs, seat.args
    if bool(args.run) == bool(args.file):
        raise InputError("name a run, or a bundle's file with --file, and not both")
    if args.run:
        return book.get(args.run, seat.reader()), True
    path = seat.path(args.file)
    try:
        sealed = read_file(path.read_bytes())
    except OSError as error:
        raise InputError(f"the bundle {path} cannot be read: {error.strerror}") from None
    return sealed, book.check_logged(sealed.bundle.run, sealed.hash)


def _lines(found: Comparison) -> list[str]:
    if found.identical:
        return ["Identical, byte for byte."]
    lines = ["Facts changed:", *(f"  {f.label}: {f.before or '–'} → {f.after or '–'}" for f in found.facts)]
    lines += ["Tools changed:"]
    lines += [f"  {t.agent} {t.tool}: {t.before or 'not called'} → {t.after or 'not called'}" for t in found.tools]
    lines += ["Words changed:", *(f"  … {w.lead} [-{w.before}-]{{+{w.after}+}} {w.tail} …" for w in found.words)]
    lines += [f"Other parts of the answer that differ: {', '.join(found.fields)}"]
    return [*lines, f"Before: {_spent(found.before)}", f"After:  {_spent(found.after)}"]


def _spent(spent: Spent) -> str:
    line = f"{spent.model}, {spent.ms:.0f} ms, {spent.tokens} tokens, ${spent.cost_usd:.6f}"
    return f"{line}; {spent.fallback}" if spent.fallback else line
