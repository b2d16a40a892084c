"""What the fraud agent says of market abuse: what was found, by which rule, and what was looked at."""

from __future__ import annotations

import re

from agents.answers import Citation
from agents.rule_citations import cite_rules
from desk.fraud.abuse.sources import OF_REPORTS
from desk.fraud.abuse.words import KINDS, SOURCES, TITLES, Kind
from tools.fraud import Window
from tools.surveillance import MarketRow, MarketRows

MOST = 5
_KINDS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    (r"\bpump(?:ed|ing)?\b(?:[ -]?(?:and|n|&)[ -]?dump\w*)?", ("pump_and_dump",)),
    (r"\bwash(?:ed|ing)?[ -](?:trad|sal)\w*", ("wash_trading",)),
    (r"\bmatched orders?\b", ("matched_orders",)),
    (r"\b(?:spoof\w*|layering|layered orders?)", ("spoofing", "layering")),
    (r"\binsider\b", ("insider_trading", "late_report")),
    (r"\b(?:high.frequency|hft|(?:unauthori[sz]ed|unknown|rogue) algo\w*)\b", ("unauthorised_hft",)),
    (r"\b(?:abnormal|unusual|strange|odd) (?:price )?(?:moves?|jumps?|returns?)\b", ("abnormal_move",)),
    (r"\bmarket (?:abuse|manipulation)\b", KINDS),
)


def kinds_in(words: str) -> tuple[Kind, ...]:
    """The kinds that these words ask about, each once; empty when none."""
    return tuple(dict.fromkeys(kind for pattern, kinds in _KINDS if re.search(pattern, words) for kind in kinds))


def market_text(rows: MarketRows, kinds: tuple[Kind, ...]) -> str:
    """Findings and what was looked at, for slots to be filled."""
    span = f"between {rows.since} and {rows.until}" if rows.since else f"up to {rows.until}"
    asked = ", ".join(TITLES[kind].lower() for kind in kinds)
    looked = _looked(rows, kinds)
    if not rows.found:
        return (
            f"No alert of {asked} {span}: none of the rules fired. Looked at: {looked}. That is not proof that "
            "nothing happened. Orders and fills are the desk's own; the venue and its books are simulated."
        )
    parts = [f"{rows.count} of {asked} {span}. Looked at: {looked}.", *(_describe(row) for row in rows.found[:MOST])]
    if len(rows.found) > MOST:
        parts.append("More alerts were found; ask for a shorter time or one instrument.")
    parts.append("An alert is a question, not a finding about anybody.")
    return "\n\n".join(parts)


def market_quotes(rows: MarketRows) -> tuple[str, ...]:
    """Names and rules, whose digits are no figures of ours."""
    shown = rows.found[:MOST]
    return tuple(word for row in shown for word in (row.id, row.instrument, *row.accounts, *row.rules, row.innocent))


def market_citations(rows: MarketRows) -> tuple[Citation, ...]:
    """The rules that fired, in their own words."""
    fired = [(rule, row.kind, row.title) for row in rows.found[:MOST] for rule in row.rules]
    return cite_rules("Tenor market abuse rules", fired)


def unreported(kinds: tuple[Kind, ...], rows: MarketRows) -> str:
    """What is said of insiders alone where no form of theirs is at hand to judge; empty otherwise."""
    if set(kinds) - OF_REPORTS or rows.forms:
        return ""
    return (
        "I cannot answer on insiders: the rules over trades before news and over late reports need insiders' forms "
        "(3, 4, 5, 144), and none that this question is about was taken in. Take them in from files or EDGAR with "
        f"tenor ingest filings, or watch the company. The rules follow {SOURCES['late_report']} and "
        f"{SOURCES['insider_trading']}."
    )


def unreported_quotes() -> tuple[str, ...]:
    """Words of `unreported` whose digits are no figures of ours."""
    return ("(3, 4, 5, 144)", SOURCES["late_report"], SOURCES["insider_trading"])


def window_of(windows: tuple[tuple[str, Window], ...], words: str) -> Window:
    """The window that the words name, a week otherwise."""
    return next((window for pattern, window in windows if re.search(pattern, words)), "week")


def _looked(rows: MarketRows, kinds: tuple[Kind, ...]) -> str:
    parts = [slot for slot in (rows.orders, rows.fills, rows.bars, rows.forms, rows.news) if slot]
    unjudged = "; no insiders' forms are at hand" if OF_REPORTS & set(kinds) and not rows.forms else ""
    return (", ".join(parts) or "nothing, because there are no bars of it") + unjudged


def _describe(row: MarketRow) -> str:
    fired = "\n".join(f"  - {rule}" for rule in row.rules)
    when = f"on {row.start}" if row.start == row.end else f"{row.start} to {row.end}"
    who = f"- Accounts: {', '.join(row.accounts)}\n" if row.accounts else ""
    return (
        f"**{row.title}** in {row.instrument or 'several instruments'} ({row.id}, score {row.score})\n{who}"
        f"- Amount: {row.amount}, {row.rows} of evidence, {when}\n"
        f"- Rules that fired:\n{fired}\n- It may be innocent: {row.innocent}"
    )
