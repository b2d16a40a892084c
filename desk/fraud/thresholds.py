"""Every threshold of the fraud rules, and the rules in words. Nothing else holds a number.

Sources: measured on AMLSim samples and on a seeded world with benign twins (see the tests); the
reporting limit is the currency transaction report's (31 CFR 1010.311, USD 10,000).
"""

from __future__ import annotations

from dataclasses import dataclass

from desk.fraud.graph import DAY


@dataclass(frozen=True)
class Thresholds:
    """Amounts in minor units, times in seconds, shares as fractions.

    `warm_up`: at the start of the data everybody is new, so flow rules wait; where a larger share of
    payments than `most_new` goes along new edges, novelty says nothing. `report_from` is the
    score from which the desk shows an alert; a scan of a file shows all.
    """

    warm_up: int = 45 * DAY
    new_for: int = 15 * DAY
    most_new: float = 0.5
    unusual_ratio: float = 2.5
    unusual_spreads: float = 6.0
    ring_hop: int = 3 * DAY
    ring_keep: tuple[float, float] = (0.95, 1.0)
    ring_new: float = 0.5
    ring_shortest: int = 3
    ring_longest: int = 8
    fan_members: int = 4
    fan_window: int = 5 * DAY
    fan_flow: tuple[float, float] = (0.8, 1.05)
    burst: float = 3.0
    scatter_mids: int = 3
    scatter_window: int = 5 * DAY
    pass_keep: tuple[float, float] = (0.87, 1.0)
    pass_within: int = 2 * DAY
    pass_rows: int = 3
    pass_ratio: float = 3.0
    limit: int = 10_000_00
    near_limit: float = 0.8
    above_limit: float = 1.25
    limit_count: int = 4
    limit_window: int = 10 * DAY
    report_from: float = 0.75


STANDARD = Thresholds()

TITLES = {
    "cycle": "Money that comes back round a ring",
    "fan_in": "Many senders into one account",
    "fan_out": "One account out to many",
    "scatter_gather": "Split, passed on and collected again",
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
    "structuring": "A cash business with steady takings near the limit, or instalments of one price, can look the "
    "same. Ask where the money came from.",
    "pass_through": "A house sale through a notary, or a treasury sweep between a firm's own accounts, looks the same.",
    "unusual": "People do make a one-off payment now and then.",
}


def rule_text(rule: str, t: Thresholds = STANDARD) -> str:
    """What a rule demands, in one sentence. KeyError for a rule that does not exist."""
    low, high = (f"{share:.0%}" for share in t.fan_flow)
    texts = {
        "ring": f"The money returns to where it started over {t.ring_shortest} to {t.ring_longest} accounts, each "
        f"passing on at least {t.ring_keep[0]:.0%} of what came, within {t.ring_hop // DAY} days a hop.",
        "equal_ring": "The same amount, to the cent, goes head to tail round a ring, in any order of time.",
        "equal_chain": "The same amount, to the cent, goes head to tail through several accounts.",
        "new_edges": f"Most of these pairs of accounts never paid each other until {t.new_for // DAY} days before.",
        "small_fee": "Each hop keeps a little less than it got, as a fee would.",
        "unusual_amount": f"The amount is more than {t.unusual_ratio} times larger or smaller than its sender's usual "
        f"one, and beyond {t.unusual_spreads:.0f} times the sender's own spread.",
        "same_instant": "The same pair was paid several times at the very same instant.",
        "fan_in": f"At least {t.fan_members} new senders pay one account within {t.fan_window // DAY} days.",
        "fan_out": f"One account pays at least {t.fan_members} new receivers within {t.fan_window // DAY} days.",
        "senders": "Several senders, each out of character, pay the same account.",
        "receivers": "One sender makes several payments out of character, to several accounts.",
        "conserved": f"What goes out is {low} to {high} of what came in.",
        "at_once": "One single payment carries the money the other way.",
        "burst": f"It is at least {t.burst:.0f} times this account's own usual flow.",
        "scatter_gather": f"At least {t.scatter_mids} accounts each pass on {t.pass_keep[0]:.0%} or more of one "
        f"sender's money to one collector within {t.scatter_window // DAY} days.",
        "pass_through": f"At least {t.pass_rows - 1} accounts in a row hand on {t.pass_keep[0]:.0%} or more of what "
        f"they got within {t.pass_within // DAY} days, each {t.pass_ratio:.0f} times its usual payment.",
        "below_limit": f"At least {t.limit_count} payments within {t.limit_window // DAY} days, each between "
        f"{t.near_limit:.0%} and 100% of the reporting limit of {t.limit // 100:,}, together above it.",
        "none_above": f"None in that time is between the limit and {t.above_limit:.0%} of it.",
    }
    return texts[rule]
