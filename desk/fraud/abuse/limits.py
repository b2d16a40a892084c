"""Every threshold of the rules over markets. Nothing else holds a number; `words.py` says the rules in words."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


@dataclass(frozen=True)
class Limits:
    """Times in seconds, shares as fractions, `z` in standard deviations of the instrument or the person itself.

    The message rates are those of Delegated Regulation (EU) 2017/565, article 19: two a second in one instrument, four
    in all; it averages over a day, this desk over a minute, so that a short run is seen too.
    """

    decay: float = 0.94
    warm_up: int = 60
    calm: float = 0.5
    move_z: float = 8.0
    move_days: float = 0.5
    market_z: float = 2.0
    market_least: int = 5
    gap_most: float = 4.0

    rise_spans: tuple[int, ...] = (1, 2, 3, 5, 8, 13, 21)
    rise_z: float = 4.5
    rise_alone_z: float = 6.0
    rise_days: float = 1.25
    rise_decay: float = 0.97
    dump_share: float = 0.5
    dump_spans: float = 3.0
    dump_least: int = 3
    volume_times: float = 2.5
    volume_z: float = 2.0
    volume_before: int = 120
    posts_alarm: float = 1e-6
    posts_least: int = 5
    posts_spans: float = 20.0
    pump_accounts: int = 3
    pump_sold: float = 0.7
    pump_share: float = 0.3
    pump_signs: int = 1

    wash_window: float = DAY
    wash_price: float = 0.003
    wash_trades: int = 3
    wash_net: float = 0.1
    wash_share: float = 0.5
    wash_pair_share: float = 0.3
    self_share: float = 0.1
    circle_window: float = HOUR
    circle_quantity: float = 0.02
    matched_within: float = 2.0
    matched_least: int = 3
    matched_share: float = 0.15

    spoof_before: float = 60.0
    spoof_cancel: float = 10.0
    spoof_life: float = 30.0
    spoof_ratio: float = 4.0
    spoof_size: float = 3.0
    spoof_lean: float = 0.75
    spoof_again: float = 0.5
    spoof_times: int = 3
    layer_orders: int = 3

    fast_one: float = 2.0
    fast_all: float = 4.0
    fast_window: float = MINUTE
    fast_cancel: float = 0.6

    insider_before: int = 30
    insider_z: float = 3.0
    insider_span: int = 2
    insider_fit: int = 120
    insider_quiet: int = 365
    own_times: float = 3.0
    own_z: float = 3.0
    own_least: int = 5
    stranger_z: float = 5.0
    stranger_before: int = 7
    stranger_times: float = 8.0
    least_money: float = 10_000.0


STANDARD = Limits()
