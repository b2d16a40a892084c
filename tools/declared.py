"""Every tool as the policy knows it: what it does, and whether its results carry text of others.

A tool that stands not here counts as one that writes, with every argument to be named by the person: who adds a tool
says here what it is. No tool reaches approvals, mandates, keys or the halt switch; `tests/agents/test_provenance.py`
reads their source for that.
"""

from __future__ import annotations

from tools.provenance import Channel, Declared, Effect, Kind

UNDECLARED = Declared(Effect.WRITE)
_READ = Declared(Effect.READ)
_ASKED_TO_TRADE = r"\b(?:buy|sell|purchase|short|close|trim|cut|reduce|invest|(?:put|spend)\b[^.?!]{0,12}\d)\b"
_ASKED_TO_SPEND = r"\b(?:buy|purchase|invest|put|spend)\b"
_ASKED_TO_WEIGH = r"balanc|weight|variance|sharpe|optimi[sz]|diversif|volatility|risk"

DECLARED: dict[str, Declared] = {
    "read_quotes": _READ,
    "measure_account": _READ,
    "measure_instruments": _READ,
    "stress_account": _READ,
    "find_factors": _READ,
    "estimate_liquidity": _READ,
    "read_holdings": _READ,
    "read_lots": _READ,
    "take_share": _READ,
    "judge_own_order": _READ,
    "weigh_case": _READ,
    "check_rules": _READ,
    "list_restricted": _READ,
    "read_deadlines": _READ,
    "compare_forecasters": _READ,
    "check_suitability": _READ,
    "plan_goal": _READ,
    "glossary": _READ,
    "look_up_names": _READ,
    "scan_transfers": _READ,
    "watch_market": Declared(Effect.READ, outside=Channel.FILING),
    "read_alert": _READ,
    "ask_filings": Declared(Effect.READ, outside=Channel.FILING),
    "search_filings": Declared(Effect.READ, outside=Channel.FILING),
    "study_section": Declared(Effect.READ, outside=Channel.FILING),
    "read_sentiment": Declared(Effect.READ, outside=Channel.NEWS),
    "draft_order": Declared(
        Effect.WRITE,
        asked=_ASKED_TO_TRADE,
        arguments={"quantity": Kind.STATED, "limit_price": Kind.STATED},
    ),
    "take_amount": Declared(  # it says of the amount that the person asked for it
        Effect.WRITE, asked=_ASKED_TO_SPEND, arguments={"amount": Kind.STATED}
    ),
    "rebalance": Declared(
        Effect.WRITE,
        asked=_ASKED_TO_WEIGH,
        arguments={"objective": Kind.FREE, "cap_percent": Kind.STATED, "target_percent": Kind.STATED},
    ),
}


def declared(tool: str) -> Declared:
    """What is known of a tool; UNDECLARED for one that nobody declared."""
    return DECLARED.get(tool, UNDECLARED)
