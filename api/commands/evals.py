"""`tenor evals list | run | runs | compare`."""

from __future__ import annotations

from pathlib import Path

from api.commands.seat import Seat
from api.holder import Outcome
from evals.baseline import BASELINE, judge, load_baseline, renew
from evals.book import EvalBook
from evals.comparing import compare, comparison_text
from evals.dataset import JudgeReport, SuiteResult
from evals.judging import check_judge, run_judge
from evals.origin import read_prompt
from evals.report import write_html, write_junit
from evals.run import How, check_how, failed_bounds, find_suite, run_suite, suites


async def evals(seat: Seat) -> Outcome:
    """Suites and runs. `run` exits 0 when it finished, 1 when a --fail-under bound or the --baseline is not kept."""
    verbs = {"list": _list, "runs": _runs, "compare": _compare}
    return verbs[seat.args.verb](seat) if seat.args.verb in verbs else await _run(seat)


def _list(_: Seat) -> Outcome:
    rows = [
        {"name": s.name, "description": s.description, "cases": s.cases, "metrics": list(s.metrics)}
        for s in suites().values()
    ]
    return Outcome(0, {"suites": rows}, "\n".join(f"{r['name']:12} {r['cases']:>5}  {r['description']}" for r in rows))


def _runs(seat: Seat) -> Outcome:
    rows: list[dict[str, object]] = [
        {
            "id": each.id,
            "suite": each.suite,
            "state": each.state,
            "started_at": each.started_at,
            "done": each.done,
            "passed": None if each.result is None else each.result.passed,
        }
        for each in _book(seat).runs()
    ]
    lines = [f"{r['id']}  {r['suite']!s:12} {r['state']!s:8} {r['started_at']}  {r['done']} cases" for r in rows]
    return Outcome(0, {"runs": rows}, "\n".join(lines) or "no run yet")


def _compare(seat: Seat) -> Outcome:
    book = _book(seat)
    found = compare(book.result(seat.args.run), book.result(seat.args.other))
    if seat.args.html:
        write_html(book.result(seat.args.other), seat.path(seat.args.html), found)
    return Outcome(0, found.model_dump(mode="json"), comparison_text(found))


async def _run(seat: Seat) -> Outcome:
    args, suite = seat.args, find_suite(seat.args.suite)
    data = seat.path(args.data) if args.data else None
    train = seat.path(args.train) if args.train else None
    how = How(args.trials, args.parallel, tuple(read_prompt(each) for each in args.prompt), train)
    check_how(suite, how, args.resume, data is not None)
    if args.judge:
        check_judge(suite.name, args.judge, seat.runtime.desk.settings)
    baseline = None if args.renew or not args.baseline else load_baseline(_baseline_path(seat))
    settings, book = seat.runtime.desk.settings, _book(seat)
    journal = book.begin(
        suite.name,
        settings,
        data or suite.file,
        data=f"{data or ''}{f', trained on {train}' if train else ''}",
        model=args.model or "",
        prompts=how.prompts,
        trials=how.trials,
        resume=args.resume,
    )

    def show(done: int) -> None:
        seat.say(f"\r{suite.name}: {done} of {journal.origin.expected or '?'} results", False)

    try:
        result = await run_suite(suite.name, settings, data, args.model or "", show, how, journal)
        if args.judge:
            report = await run_judge(suite.name, args.judge, settings, data, args.model or "")
            result = result.model_copy(update={"judge": report})
    except BaseException:  # cancelled too
        book.abandon(journal)
        raise
    seat.say("\r", False)
    book.finish(journal, result)
    faults = failed_bounds(result, args.fail_under)
    faults += judge(result, baseline) if baseline else []
    if args.renew:
        renew(_baseline_path(seat), result)
    _write(seat, result)
    return Outcome(1 if faults else 0, {**result.model_dump(mode="json"), "faults": faults}, _text(result, faults))


def _baseline_path(seat: Seat) -> Path:
    given = seat.args.baseline
    return seat.path(given) if isinstance(given, str) else BASELINE


def _write(seat: Seat, result: SuiteResult) -> None:
    if seat.args.junit:
        write_junit(result, seat.path(seat.args.junit))
    if seat.args.html:
        write_html(result, seat.path(seat.args.html))


def _text(result: SuiteResult, faults: list[str]) -> str:
    lines = [f"{'ok  ' if c.passed else 'FAIL'} {c.id:36} {c.ms:8.1f} ms  {c.reason}" for c in result.cases_detail]
    lines += ["", f"{result.passed} of {result.cases} passed"]
    if result.costly is not None:
        lines.append(f"costly error: {result.costly.metric} {result.costly.value} ({result.costly.means})")
    lines += [f"{name}: {value}{_interval(result, name)}" for name, value in result.metrics.items()]
    lines += [f"pass^{k}: {value}" for k, value in result.pass_hat.items()]
    lines += _judged(result.judge) if result.judge else []
    run = "" if result.origin is None else f"run {result.origin.run}, "
    lines += [f"{run}{result.cost_usd:.4f} USD, {result.p50_ms} ms in the middle", *faults]
    return "\n".join(lines)


def _interval(result: SuiteResult, name: str) -> str:
    ends = result.intervals.get(name)
    return "" if ends is None else f"  ({ends[0]:.4g} to {ends[1]:.4g})"


def _book(seat: Seat) -> EvalBook:
    desk = seat.runtime.desk
    return EvalBook(desk.store, Path(desk.folder), desk.wall)


def _judged(judge: JudgeReport) -> list[str]:
    """The judge's block: first what its word is worth."""
    known = judge.calibration
    return [
        f"judge {judge.model} (decides nothing): agrees with people on {known.agreement} of {known.n} answers of "
        f"{known.data}, kappa {known.kappa} ({known.kappa_low} to {known.kappa_high}), {known.unreadable} unreadable",
        f"judge: good {judge.good} ({judge.good_low} to {judge.good_high}) of {judge.n}, {judge.unreadable} unreadable"
        f", {judge.cost_usd:.4f} USD",
        *(f"judge: {id}: {why}" for id, why in judge.poor),
    ]
