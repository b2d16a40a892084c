"""Every threshold of the fraud rules. Nothing else holds a number; `typologies.py` says the rules in words.

Sources: measured on AMLSim samples and on a seeded world with benign twins (see the tests); the
reporting limit is the currency transaction report's (31 CFR 1010.311, USD 10,000).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from desk.fraud.graph import DAY


@dataclass(frozen=True)
class Thresholds:
    """Amounts in minor units, times in seconds, shares as fractions.

    `warm_up`: at the start of the data everybody is new, so flow rules wait; where a larger share of
    payments than `most_new` goes along new edges, novelty says nothing. `report_from` is the
    score from which the desk shows an alert; a scan of a file shows all. `levels`: by typology, the score from which
    its alerts are raised at all, where verdicts moved it (`feedback.py`); what falls below is left to later rules.
    `usual_alarms`: the false alarms that score `report_from`; `most_alarms` is above it while a level is below that.
    """

    warm_up: int = 45 * DAY
    new_for: int = 15 * DAY
    most_new: float = 0.5
    unusual_ratio: float = 2.5
    unusual_spreads: float = 6.0
    stray_most: int = 1
    single_share: float = 0.4
    stray_window: int = 15 * DAY
    longest_window: int = 45 * DAY
    least_window: int = 5 * DAY
    window_parts: int = 3
    usual_alarms: float = -5.5
    most_alarms: float = -5.5
    ring_hop: int = 20 * DAY
    tight_hop: int = 3 * DAY
    tight_keep: tuple[float, float] = (0.95, 1.0)
    ring_stray: float = 0.5
    ring_shortest: int = 3
    ring_longest: int = 8
    pass_keep: tuple[float, float] = (0.87, 1.0)
    pass_within: int = 20 * DAY
    pass_rows: int = 3
    scatter_mids: int = 3
    layer_members: int = 3
    layer_shared: int = 2
    layer_filled: float = 0.7
    layer_surprise: float = 3.0
    layer_together: float = 28.0
    fan_members: int = 4
    fan_carriers: int = 2
    fan_flow: tuple[float, float] = (0.8, 1.05)
    burst: float = 3.0
    fan_small: float = 0.2
    fan_most: int = 60
    both_members: int = 3
    both_in_turn: float = 0.85
    hub_most: int = 1_000
    dormant_members: int = 3
    dormant_silence: int = 75 * DAY
    dormant_after: int = 2
    limit: int = 10_000_00
    near_limit: float = 0.8
    above_limit: float = 1.25
    limit_count: int = 4
    limit_windows: tuple[int, ...] = (15 * DAY, 45 * DAY)
    limit_besides: float = 0.5
    steady: float = 0.5
    complete_to: int = 5
    complete_links: int = 2
    complete_surprise: float = 9.0
    nest_surprise: float = 4.0
    nest_degree: tuple[int, int] = (3, 60)
    nest_edges: int = 2
    nest_size: int = 8
    nest_score: float = 12.0
    near_amounts: int = 5
    report_from: float = 0.75
    levels: Mapping[str, float] = field(default_factory=dict)

    def at(self, levels: Mapping[str, float]) -> Thresholds:
        """These with other levels; chance is asked as far down as the lowest of them."""
        low = min((self.report_from, *levels.values()))
        return replace(self, levels=dict(levels), most_alarms=self.usual_alarms + 100 * (self.report_from - low))

    def level_of(self, typology: str) -> float:
        """The score from which the desk shows alerts of a typology."""
        return self.levels.get(typology, self.report_from)

    def score_of(self, alarms: float) -> float:
        """A score from the logarithm of the false alarms that chance would raise: `report_from` at the usual."""
        return min(0.99, self.report_from + 0.01 * (self.usual_alarms - alarms))


STANDARD = Thresholds()
