"""Arguments of `tenor portfolio` and `tenor risk`."""

from __future__ import annotations

from argparse import ArgumentParser

PORTFOLIO: tuple[tuple[str, str, str | None], ...] = (
    ("optimise", "weights towards an objective under limits", None),
    ("frontier", "least volatility for each expected return", None),
    ("learned", "what the learned policies came to, and whether they are used", None),
    ("lots", "tax lots of an account, what its sales realised, losses that could be taken", None),
)
RISK: tuple[tuple[str, str, str | None], ...] = (
    ("backtest", "whether value at risk was right over past years", None),
    ("stress", "what an account would lose in named scenarios", None),
    ("factors", "what moves an account: money for one per cent of each factor", None),
    ("liquidity", "how long an account takes to sell, by an assumed turnover", None),
)


def add_portfolio(verbs: dict[str, ArgumentParser]) -> None:
    """What to weigh, and the limits."""
    optimise = verbs["optimise"]
    optimise.add_argument(
        "--objective", default="minimum_variance", help="maximum_sharpe, risk_parity, minimum_cvar, …"
    )
    optimise.add_argument("--target", type=float, metavar="PCT", help="a year, for target_return or target_risk")
    optimise.add_argument("--count", type=int, metavar="N", help="at most so many holdings")
    verbs["frontier"].add_argument("--points", type=int, default=20, metavar="N")
    lots = verbs["lots"]
    lots.add_argument("--account", required=True, help="one of your own")
    lots.add_argument("--method", default="fifo", help="fifo, lifo or highest_cost")
    lots.add_argument("--country", default="US", help="whose tax rules: US is known")
    lots.add_argument("--least", default="0.01", metavar="AMOUNT", help="leave out smaller losses")
    for verb in (optimise, verbs["frontier"]):
        verb.add_argument("--instruments", default="", metavar="ID,…", help="'stocks' for every bundled stock")
        verb.add_argument("--account", default="", help="its holdings too, and their weights for --turnover")
        verb.add_argument("--least", type=float, default=0.0, metavar="PCT", help="of each")
        verb.add_argument("--most", type=float, default=100.0, metavar="PCT", help="of each")
        verb.add_argument("--sector", action="append", default=[], metavar="NAME<=PCT", help="again for each")
        verb.add_argument("--exclude", default="", metavar="ID,…")
        verb.add_argument("--turnover", type=float, metavar="PCT", help="bought plus sold, of what is held")
        verb.add_argument("--view", action="append", default=[], metavar="ID=PCT", help="ID=8 or ID>OTHER=2@60")
        verb.add_argument("--risk-free", type=float, default=2.0, metavar="PCT")
        verb.add_argument("--days", type=int, default=504, metavar="N", help="of history (504)")
        verb.add_argument("--estimator", default="shrunk", help="shrunk or factor")


def add_risk(verbs: dict[str, ArgumentParser]) -> None:
    """Which instruments over how many days; which account, and an own shock."""
    verbs["backtest"].add_argument("--instruments", default="stocks", metavar="ID,…")
    verbs["backtest"].add_argument("--days", type=int, default=2517, metavar="N", help="judged (2517: ten years)")
    verbs["backtest"].add_argument("--level", type=float, default=99.0, metavar="PCT")
    for name in ("stress", "factors", "liquidity"):
        verbs[name].add_argument("--account", required=True, help="one of your own")
    verbs["stress"].add_argument("--shock", default="", metavar="FACTOR=PCT,…", help="an own one: equity=-20,oil=30")
