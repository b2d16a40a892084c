"""A study of one strategy on paper: figures, curves and reservations, as one HTML file or a PDF.

Neither loads anything from elsewhere. What is uncertain stands beside what is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from desk.paper import Block, Chart, write_pdf

MARK = "Simulated - past prices, not a forecast - no advice"
_WIDE, _HIGH = 640, 180
_STYLE = """
:root{--ink:#1b1f24;--soft:#66707c;--line:#d8dde3;--page:#fff;--one:#1f4fb5;--two:#8b939e;--good:#1b7f4b;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebef;--soft:#9aa4b0;--line:#343b44;--page:#14181d;--one:#7ea6ff;
--two:#7d8793;--good:#58c48b;--bad:#ff8a80}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:980px;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:1.8rem 0 .4rem}p{margin:.3rem 0;color:var(--soft)}
.warn{color:var(--bad);font-weight:600}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
td,th{padding:.2rem .5rem;border-bottom:1px solid var(--line);text-align:right}
td:first-child,th:first-child{text-align:left;font-weight:400}
.scroll{overflow-x:auto}.up{color:var(--good)}.down{color:var(--bad)}
figure{margin:.8rem 0}figcaption{color:var(--soft);font-size:.85rem}svg{width:100%;height:auto}
svg text{fill:var(--soft);font-size:11px}.frame{fill:none;stroke:var(--line)}
.l0{stroke:var(--one);fill:none;stroke-width:1.6}.l1{stroke:var(--two);fill:none;stroke-width:1.2}
.k0{color:var(--one)}.k1{color:var(--two)}
"""


class Row(NamedTuple):
    """A named figure of the strategy and of the baseline, as text."""

    name: str
    value: str
    baseline: str


class Figure(NamedTuple):
    """A chart with its title and what its lines are, first to last."""

    title: str
    names: tuple[str, ...]
    chart: Chart
    start: str
    end: str


class Sheet(NamedTuple):
    """What stands on a tear sheet. `warnings` come first, `notes` last; `months` are shares by year and month."""

    title: str
    about: tuple[str, ...]
    warnings: tuple[str, ...]
    rows: tuple[Row, ...]
    figures: tuple[Figure, ...]
    months: dict[tuple[int, int], float]
    years: dict[int, float]
    notes: tuple[str, ...]


def print_html(sheet: Sheet) -> str:
    """One HTML document without scripts; readable in light and dark."""
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(sheet.title)}</title>',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<style>{_STYLE}</style><body><h1>{escape(sheet.title)}</h1><p>{escape(MARK)}</p>",
        *(f"<p>{escape(line)}</p>" for line in sheet.about),
        *(f'<p class="warn" role="alert">{escape(line)}</p>' for line in sheet.warnings),
        "<h2>Measures</h2><table><thead><tr><th>measure</th><th>strategy</th><th>buy and hold</th></tr></thead><tbody>",
        *(
            f"<tr><td>{escape(r.name)}</td><td>{escape(r.value)}</td><td>{escape(r.baseline)}</td></tr>"
            for r in sheet.rows
        ),
        "</tbody></table>",
        *(_svg(figure) for figure in sheet.figures),
        "<h2>Returns by month, percent</h2>",
        *_months(sheet),
        "<h2>Assumptions and notes</h2><ul>",
        *(f"<li>{escape(line)}</li>" for line in sheet.notes),
        "</ul></body></html>",
    ]
    return "\n".join(parts) + "\n"


def print_pdf(sheet: Sheet) -> bytes:
    """The same as a PDF."""
    width = max((len(row.name) for row in sheet.rows), default=0)
    rows = tuple(f"{r.name:{width}}  {r.value:>22}  {r.baseline:>22}" for r in sheet.rows)
    head = f"{'':{width}}  {'strategy':>22}  {'buy and hold':>22}"
    blocks = [Block("About", (*sheet.about, *(f"WARNING: {line}" for line in sheet.warnings)))]
    blocks.append(Block("Measures", (head, *rows)))
    for figure in sheet.figures:
        named = ", ".join(figure.names)
        blocks.append(Block(figure.title, (f"{named}; {figure.start} to {figure.end}",), figure.chart))
    blocks.append(Block("Returns by year", tuple(f"{year}  {value:>8.2%}" for year, value in sheet.years.items())))
    blocks.append(Block("Assumptions and notes", tuple(f"- {line}" for line in sheet.notes)))
    return write_pdf(sheet.title, MARK, blocks)


def _svg(figure: Figure) -> str:
    chart, left = figure.chart, 60
    lines = [
        f'<polyline class="l{n % 2}" points="{_points(line, left)}"/>'
        for n, line in reversed(list(enumerate(chart.lines)))
    ]
    keys = " · ".join(f'<span class="k{n % 2}">{escape(name)}</span>' for n, name in enumerate(figure.names))
    label = f"{figure.title}, {figure.start} to {figure.end}, from {chart.low} to {chart.high}"
    return "".join(
        (
            f'<h2>{escape(figure.title)}</h2><figure><svg viewBox="0 0 {_WIDE + left + 10} {_HIGH + 30}" role="img" ',
            f'aria-label="{escape(label)}"><rect class="frame" x="{left}" y="5" width="{_WIDE}" height="{_HIGH}"/>',
            *lines,
            f'<text x="{left - 6}" y="15" text-anchor="end">{escape(chart.high)}</text>',
            f'<text x="{left - 6}" y="{_HIGH + 5}" text-anchor="end">{escape(chart.low)}</text>',
            f'<text x="{left}" y="{_HIGH + 22}">{figure.start}</text>',
            f'<text x="{left + _WIDE}" y="{_HIGH + 22}" text-anchor="end">{figure.end}</text></svg>',
            f"<figcaption>{keys}</figcaption></figure>",
        )
    )


def _points(line: Sequence[tuple[float, float]], left: int) -> str:
    return " ".join(f"{left + x * _WIDE:.1f},{5 + (1 - y) * _HIGH:.1f}" for x, y in line)


def _months(sheet: Sheet) -> Iterator[str]:
    """A table of years by months; scrolls in its own frame on a narrow screen."""
    heads = "".join(f"<th>{n}</th>" for n in range(1, 13))
    yield f'<div class="scroll" tabindex="0"><table><thead><tr><th>year</th>{heads}<th>all</th></tr></thead><tbody>'
    for year, whole in sheet.years.items():
        cells = "".join(_cell(sheet.months.get((year, month))) for month in range(1, 13))
        yield f"<tr><td>{year}</td>{cells}{_cell(whole)}</tr>"
    yield "</tbody></table></div>"


def _cell(value: float | None) -> str:
    if value is None:
        return "<td></td>"
    return f'<td class="{"down" if value < 0 else "up"}">{value * 100:.1f}</td>'
