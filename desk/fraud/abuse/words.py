"""The kinds of market abuse in words: titles, innocent explanations, what each rule demands, where it comes from."""

from __future__ import annotations

from typing import Literal, get_args

from desk.fraud.abuse.limits import STANDARD, Limits

Kind = Literal[
    "pump_and_dump",
    "insider_trading",
    "late_report",
    "wash_trading",
    "matched_orders",
    "spoofing",
    "layering",
    "unauthorised_hft",
    "abnormal_move",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

TITLES: dict[Kind, str] = {
    "pump_and_dump": "Pump and dump",
    "insider_trading": "Trades before price-moving news",
    "late_report": "Insider's report filed late",
    "wash_trading": "Wash trading",
    "matched_orders": "Matched orders",
    "spoofing": "Spoofing",
    "layering": "Layering",
    "unauthorised_hft": "High-frequency trading without permission",
    "abnormal_move": "Abnormal price move",
}

INNOCENT: dict[Kind, str] = {
    "pump_and_dump": "News that was taken back, a thin market or a squeeze of short sellers rises and falls like this. "
    "Look for an announcement first.",
    "insider_trading": "A plan made long before, a vesting date or plain luck can look the same. Ask for the plan.",
    "late_report": "A public holiday, or a broker who told late, moves the due date. Ask for the confirmation.",
    "wash_trading": "Two funds of one manager that rebalance, or a transfer between own accounts, can look the same.",
    "matched_orders": "A block agreed between two firms and reported as such looks the same. Ask for the agreement.",
    "spoofing": "A hedger whose need ended with the fill cancels too. Look whether it recurs on other days.",
    "layering": "A market maker who pulls quotes on news does so too, but on both sides.",
    "unauthorised_hft": "A broken loop in a client's software sends like this. Ask who runs it.",
    "abnormal_move": "Results, a dividend or a split moves prices at once. Look for news of that day.",
}

SOURCES: dict[Kind, str] = {
    "pump_and_dump": "Regulation (EU) 596/2014 annex I B; 15 USC 78i(a)(2); "
    "Xu and Livshits 2019; La Morgia et al. 2020",
    "insider_trading": "17 CFR 240.10b-5, 240.10b5-1; Regulation (EU) 596/2014 article 8; MacKinlay 1997",
    "late_report": "17 CFR 240.16a-3(a), (f) and (g)",
    "wash_trading": "15 USC 78i(a)(1)(A); 7 USC 6c(a); Regulation (EU) 596/2014 annex I A(c)",
    "matched_orders": "15 USC 78i(a)(1)(B) and (C); Delegated Regulation (EU) 2016/522 annex II section 1",
    "spoofing": "7 USC 6c(a)(5)(C) (Dodd-Frank section 747); Delegated Regulation (EU) 2016/522 annex II section 1",
    "layering": "Delegated Regulation (EU) 2016/522 annex II section 1; 7 USC 6c(a)(5)(C)",
    "unauthorised_hft": "Directive 2014/65/EU articles 17 and 48; "
    "Delegated Regulation (EU) 2017/565 article 19; 17 CFR 240.15c3-5",
    "abnormal_move": "Regulation (EU) 596/2014 annex I A(a); RiskMetrics 1996 for the decay",
}


def rule_text(rule: str, limits: Limits = STANDARD) -> str:
    """What a rule demands, in one sentence. KeyError for a rule that does not exist."""
    return (_of_prices(limits) | _of_orders(limits) | _of_insiders(limits))[rule]


def _of_prices(t: Limits) -> dict[str, str]:
    return {
        "price_burst": f"Within at most {t.rise_spans[-1]} bars the price rose by more than {t.rise_z:g} times what "
        f"its own volatility explains, and by more than {t.rise_days:g} times what a whole day usually moves.",
        "dump": f"Soon after its peak it gave back at least {t.dump_share:.0%} of the rise.",
        "volume_burst": f"Volume in the rise was at least {t.volume_times:g} times the usual, and outside its spread.",
        "message_burst": "Messages about it came in such number just before the peak as chance hardly makes.",
        "coordinated_accounts": f"At least {t.pump_accounts} accounts new to it bought in the rise and sold most of it "
        "after the peak.",
        "price_alone": f"Nothing but prices was known; the rise was above {t.rise_alone_z:g} times its volatility.",
        "against_own_volatility": f"The return was above {t.move_z:.0f} times the instrument's own volatility, gaps in "
        "time allowed for, and no event was known.",
        "against_the_market": "The move that most instruments made at the same time was taken off first.",
    }


def _of_orders(t: Limits) -> dict[str, str]:
    return {
        "same_owner": f"The same beneficial owner stood on both sides of at least {t.wash_trades} trades in a day.",
        "round_trip": f"Accounts sold to each other and back within {t.circle_window / 60:.0f} minutes at prices "
        f"{t.wash_price:.1%} apart at most, {t.wash_trades} times or more, and none changed its position by more than "
        f"{t.wash_net:.0%} of what it traded.",
        "closed_group": f"At least {t.wash_share:.0%} of what one of them traded there was with the others.",
        "entered_together": f"Two accounts entered opposite orders of one price and size within {t.matched_within:g} "
        f"seconds, which then traded; at least {t.matched_least} times.",
        "large_then_cancelled": f"Orders of at least {t.spoof_ratio:g} times the fill stood on the other side and were "
        f"cancelled within {t.spoof_cancel:g} seconds after it, unfilled.",
        "one_sided": f"At the fill {t.spoof_lean:.0%} or more of what the account had open stood on the side it then "
        "cancelled, and it did not quote there again.",
        "repeated": f"It happened at least {t.spoof_times} times.",
        "several_levels": f"At least {t.layer_orders} orders at different prices were cancelled at once.",
        "rate": f"Messages came at more than {t.fast_one:g} a second in one instrument, or {t.fast_all:g} in all, for "
        "a minute; the account may not trade at high frequency.",
        "cancel_ratio": f"At least {t.fast_cancel:.0%} of the orders were cancelled without a fill.",
        "unknown_algorithm": "Orders name an algorithm that is not registered for the account.",
        "outside_permission": "An algorithm traded an instrument that the account's permission does not name.",
    }


def _of_insiders(t: Limits) -> dict[str, str]:
    return {
        "before_news": f"The person traded at most {t.insider_before} days before news after which the price moved "
        f"abnormally by more than {t.insider_z:g} standard deviations, and in the direction that paid.",
        "linked_person": "The person reports holdings in the company (Forms 3, 4, 5) or is known to be linked with it.",
        "unusual_size": f"The trades were at least {t.own_times:g} times the person's usual size, or the first "
        "in a year.",
        "not_linked": f"No link is known; the size was at least {t.stranger_times:g} times the usual, within "
        f"{t.stranger_before} days before the news.",
        "form_4_late": "A Form 4 is due on the second business day after the transaction (17 CFR 240.16a-3(g)).",
        "form_3_late": "A Form 3 is due ten days after the event (17 CFR 240.16a-3(a)).",
        "form_5_late": "A Form 5 is due 45 days after the issuer's fiscal year ends (17 CFR 240.16a-3(f)).",
        "form_5_for_4": "A purchase or sale stands on a Form 5 that was due on a Form 4 (17 CFR 240.16a-3(g)).",
        "by_signature": "The day of filing was not known; it cannot be before the day of the signature.",
    }
