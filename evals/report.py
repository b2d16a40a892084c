"""Reports: JUnit for machines, one self-contained HTML page for people."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from evals.comparing import Comparison, MetricChange
from evals.dataset import CaseResult, SuiteResult

STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8886;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.delta{font-size:1.6rem;font-weight:600}
.costly{border-left:4px solid #c33;padding:.3rem .8rem;margin:1rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8882;padding:.6rem}
"""
TIMES = "%.1f"


def write_junit(result: SuiteResult, path: Path) -> None:
    """A JUnit XML report of the cases."""
    suite = ElementTree.Element(
        "testsuite", name=result.suite, tests=str(result.cases), failures=str(result.failed), errors="0"
    )
    for case in result.cases_detail:
        node = ElementTree.SubElement(suite, "testcase", name=case.id, time=f"{case.ms / 1000:.3f}")
        if not case.passed:
            ElementTree.SubElement(node, "failure", message=case.reason)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def write_html(result: SuiteResult, path: Path, comparison: Comparison | None = None) -> None:
    """One file: no script, nothing from elsewhere; a policy in it allows its own style sheet alone."""
    path.write_text(html_page(result, comparison), encoding="utf-8")


def html_page(result: SuiteResult, comparison: Comparison | None = None) -> str:
    """See `write_html`. Everything from cases and answers is escaped."""
    hash = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hash}'"
    title = f"Suite {escape(result.suite)}"
    parts = [
        _compared(comparison) if comparison else "",
        f"<h2>{result.passed} of {result.cases} passed</h2>",
        _origin(result),
        _costly(result),
        _metrics(result),
        _failed(result),
        _all(result),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>{''.join(parts)}</body></html>\n"
    )


def _origin(result: SuiteResult) -> str:
    origin = result.origin
    if origin is None:
        return ""
    prompts = ", ".join(origin.prompts) or "the newest of every agent"
    return (
        f"<p>Run {escape(origin.run)}, {escape(origin.started_at)}. Model: {escape(origin.model or 'none, plans')}. "
        f"Prompts: {escape(prompts)}. Cases {origin.cases[:12]}, code {origin.code[:12]}. "
        f"Cost {result.cost_usd:.4f} USD; {_number(result.p50_ms)} ms in the middle, "
        f"{_number(result.p95_ms)} at 95 %.</p>"
    )


def _costly(result: SuiteResult) -> str:
    costly = result.costly
    if costly is None:
        return ""
    ends = "" if costly.low is None else f" (95 %: {_number(costly.low)} to {_number(costly.high)})"
    cases = f"<br>Cases: {escape(', '.join(costly.cases))}" if costly.cases else ""
    return (
        f'<p class="costly"><strong>Costly error: {escape(costly.metric)} {_number(costly.value)}</strong>{ends}<br>'
        f"{escape(costly.means)}{cases}</p>"
    )


def _metrics(result: SuiteResult) -> str:
    shown = {"passed": result.passed / max(1, result.cases), **result.metrics}
    shown |= {f"pass^{k}": value for k, value in result.pass_hat.items()}
    rows = []
    for name, value in shown.items():
        ends = result.intervals.get(name)
        interval = "" if ends is None else f"{_number(ends[0])} to {_number(ends[1])}"
        rows.append((escape(name), _number(value), interval))
    return "<h2>Metrics</h2>" + _table(("Metric", "Value", "95 % interval"), rows, numbers=(1, 2))


def _failed(result: SuiteResult) -> str:
    failed = [case for case in result.cases_detail if not case.passed]
    if not failed:
        return "<h2>Failed cases</h2><p>No case failed.</p>"
    return "<h2>Failed cases</h2>" + "".join(_case(case) for case in failed)


def _case(case: CaseResult) -> str:
    costly = " <strong>costly error</strong>" if case.costly else ""
    trace = ""
    if case.trace is not None:
        trace = f"<pre>{escape(json.dumps(case.trace, indent=1, ensure_ascii=False))}</pre>"
    named = f"<summary>{escape(case.id)}: {escape(case.reason)}{costly}</summary>"
    return f"<details>{named}{trace or '<p>No trace.</p>'}</details>"


def _all(result: SuiteResult) -> str:
    rows = [
        (
            escape(case.id),
            "passed" if case.passed else "failed",
            _number(case.score),
            TIMES % case.ms,
            f"{case.cost_usd:.4f}",
        )
        for case in result.cases_detail
    ]
    return "<h2>All cases</h2>" + _table(("Case", "Verdict", "Score", "ms", "USD"), rows, numbers=(2, 3, 4))


def _compared(found: Comparison) -> str:
    passed = found.passed
    p = "" if passed.p is None else f", p = {passed.p:.3g}"
    flips = [
        (escape(flip.id), "fixed" if flip.fixed else "broken", escape(flip.a_reason or flip.b_reason))
        for flip in found.flipped
    ]
    changes = [each for each in (found.costly, found.cost_usd, found.p50_ms, *found.metrics) if each and each.delta]
    notes = "".join(f"<li>{escape(note)}</li>" for note in found.notes)
    return (
        f'<h2>Compared</h2><p class="delta">{passed.delta * 100:+.1f} points</p>'
        f"<p>{passed.low * 100:+.1f} to {passed.high * 100:+.1f}{p}. {escape(passed.verdict)}</p><ul>{notes}</ul>"
        + (_table(("Case", "Now", "Reason"), flips) if flips else "<p>No case changed its verdict.</p>")
        + (_table(("Metric", "A", "B", "Change"), map(_row, changes), numbers=(1, 2, 3)) if changes else "")
    )


def _row(change: MetricChange) -> tuple[str, str, str, str]:
    return (
        escape(change.metric),
        _number(change.a),
        _number(change.b),
        f"{change.delta:+.4g}" if change.delta is not None else "",
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], numbers: tuple[int, ...] = ()) -> str:
    kind = [' class="n"' if at in numbers else "" for at in range(len(heads))]
    top = "".join(f"<th{kind[at]}>{head}</th>" for at, head in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(f"<td{kind[at]}>{cell}</td>" for at, cell in enumerate(row)) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"
