"""The outside venues this product has a door to, and which of them a set of keys opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from desk.clock import Clock
from desk.market.feed import MarketFeed
from desk.trading.alpaca import AlpacaBroker
from desk.trading.binance import BinanceBroker
from desk.trading.outside import OutsideBroker
from desk.trading.tokens import TokenSigner


class VenueKey(NamedTuple):
    """A key, its secret and the address it is for; an empty key opens nothing, an empty address is the test network."""

    key: str
    secret: str
    base_url: str


def build_outside(
    binance: VenueKey, alpaca: VenueKey, feed: MarketFeed, wall: Clock
) -> Callable[[TokenSigner], Sequence[OutsideBroker]]:
    """What makes the outside brokers whose keys are set: Binance for crypto, Alpaca for US stocks."""

    def build(signer: TokenSigner) -> Sequence[OutsideBroker]:
        made: list[OutsideBroker] = []
        if binance.key:
            made.append(
                BinanceBroker(
                    binance.key,
                    binance.secret,
                    instruments=feed.instruments,
                    signer=signer,
                    market=feed,
                    wall=wall,
                    base_url=binance.base_url,
                )
            )
        if alpaca.key:
            made.append(
                AlpacaBroker(
                    alpaca.key,
                    alpaca.secret,
                    instruments=feed.instruments,
                    signer=signer,
                    market=feed,
                    wall=wall,
                    base_url=alpaca.base_url,
                )
            )
        return made

    return build
