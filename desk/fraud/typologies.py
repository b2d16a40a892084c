"""The typologies and the rules in words: titles, innocent explanations, what each rule demands."""

from __future__ import annotations

from math import exp
from typing import Literal

from desk.fraud.graph import DAY
from desk.fraud.thresholds import STANDARD, Thresholds

Typology = Literal[
    "cycle",
    "scatter_gather",
    "stack",
    "bipartite",
    "gather_scatter",
    "structuring",
    "dormant",
    "fan_in",
    "fan_out",
    "pass_through",
    "unusual",
    "close_group",
]

TITLES = {
    "cycle": "Money that comes back round a ring",
    "fan_in": "Many senders into one account",
    "fan_out": "One account out to many",
    "scatter_gather": "Split, passed on and collected again",
    "stack": "Layers of accounts, each passing to the next",
    "bipartite": "The same senders to the same receivers",
    "gather_scatter": "Collected in one account and sent out again",
    "dormant": "A sleeping account woken to pass money on",
    "close_group": "Accounts linked far beyond chance",
    "structuring": "Payments kept just below a reporting limit",
    "pass_through": "Money handed on within hours",
    "unusual": "A payment out of character",
}

INNOCENT = {
    "cycle": "A group of firms that settle invoices with each other, or a savings club that pays in turns, can look "
    "the same. Ask for the contracts behind each payment.",
    "fan_in": "A collection for an event, rents to a new landlord or a new shop's first customers can look the same.",
    "fan_out": "A first payroll, refunds or the shares of an inheritance can look the same.",
    "scatter_gather": "A shared purchase through several relatives, or subcontractors of one job, can look the same.",
    "stack": "A group of firms with a common treasury, or wholesalers and their shops, can look the same.",
    "bipartite": "Partners who each pay the same suppliers, or heirs who each pay the same offices, can look the same.",
    "gather_scatter": "A travel group or a club that collects and then pays its bills can look the same.",
    "dormant": "A house sale, an inheritance or a reopened business wakes an account too. Ask for the contract.",
    "close_group": "Family, colleagues or one neighbourhood are linked like this. No payment of a pattern was seen.",
    "structuring": "A cash business with steady takings near the limit, or instalments of one price, can look the "
    "same. Ask where the money came from.",
    "pass_through": "A house sale through a notary, or a treasury sweep between a firm's own accounts, looks the same.",
    "unusual": "People do make a one-off payment now and then.",
}


def rule_text(rule: str, t: Thresholds = STANDARD) -> str:
    """What a rule demands, in one sentence. KeyError for a rule that does not exist."""
    return (_of_amounts_and_links(t) | _of_flows(t))[rule]


def _of_amounts_and_links(t: Thresholds) -> dict[str, str]:
    return {
        "varying": "The same pair was paid several times, with amounts that differ.",
        "amount_cluster": "Alone it has no shape; its amount lies among those of the alerts named like this.",
        "completed": f"Some members were added because they are linked with at least {t.complete_links} of the others "
        "as chance would hardly link them; no payment of the pattern by them was seen.",
        "close_group": "Around one common counterparty these accounts are linked with each other far more than a "
        f"random graph of the same degrees would have it (log-likelihood at least {t.nest_score:.0f}).",
        "inward": "One of them is paid by at least three of the others.",
        "round": "Three of them pay each other round in a circle.",
        "equal_ring": "The same amount, to the cent, goes head to tail round a ring, in any order of time.",
        "equal_chain": "The same amount, to the cent, goes head to tail through several accounts.",
        "unusual_amount": f"The amount is more than {t.unusual_ratio} times larger or smaller than its sender's usual "
        f"one, and beyond {t.unusual_spreads:.0f} times the sender's own spread.",
        "same_instant": "The same pair was paid several times at the very same instant.",
        "senders": "Several senders, each out of character, pay the same account.",
        "receivers": "One sender makes several payments out of character, to several accounts.",
    }


def _of_flows(t: Thresholds) -> dict[str, str]:
    low, high = (f"{share:.0%}" for share in t.fan_flow)
    return {
        "ring": f"The money returns to where it started over {t.ring_shortest} to {t.ring_longest} accounts, each "
        f"passing on at least {t.pass_keep[0]:.0%} of what came, within {t.ring_hop // DAY} days a hop.",
        "stray_edges": f"These pairs of accounts paid each other at most {_times(t.stray_most)} besides.",
        "beyond_chance": "Unrelated payments of these accounts, at their own rates and usual amounts, would form this "
        f"by chance in fewer than one of {min(100, int(exp(-t.most_alarms)))} such scans.",
        "stack": f"At least {t.layer_members} accounts of one layer each pay most of the next, which pays another.",
        "bipartite": f"At least {t.layer_members} senders each pay most of at least {t.layer_members} receivers within "
        f"{t.longest_window // DAY} days.",
        "gather_scatter": f"At least {t.both_members} senders pay one account and it pays at least {t.both_members} "
        f"others within {t.longest_window // DAY} days.",
        "dormant": f"The account started no payment for {t.dormant_silence // DAY} days, then sent what it got to at "
        f"least {t.dormant_members} others, and hardly any payment since.",
        "small_fee": "Each hop keeps a little less than it got, as a fee would.",
        "fan_in": f"At least {t.fan_members} senders pay one account within {t.longest_window // DAY} days, which "
        f"sends it on to at most {t.fan_carriers}.",
        "fan_out": f"One account gets money from at most {t.fan_carriers} and pays at least {t.fan_members} within "
        f"{t.longest_window // DAY} days.",
        "conserved": f"What goes out is {low} to {high} of what came in.",
        "scatter_gather": f"At least {t.scatter_mids} accounts each pass on {t.pass_keep[0]:.0%} or more of one "
        f"sender's money to one collector within {t.longest_window // DAY} days.",
        "pass_through": f"At least {t.pass_rows - 1} accounts in a row hand on {t.pass_keep[0]:.0%} or more of what "
        f"they got, each within {t.pass_within // DAY} days.",
        "below_limit": f"At least {t.limit_count} payments within {t.limit_windows[-1] // DAY} days, each between "
        f"{t.near_limit:.0%} and 100% of the reporting limit of {t.limit // 100:,}, together above it.",
        "none_above": f"None in that time is between the limit and {t.above_limit:.0%} of it.",
        "few_besides": f"The account has at most {t.limit_besides:.0%} as many payments near the limit at other times.",
    }


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")
