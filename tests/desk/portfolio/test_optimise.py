"""Every way of weighing: what defines it holds, limits are kept, and what cannot be kept is named."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest

from desk.errors import InputError
from desk.portfolio.cvar import cvar_of
from desk.portfolio.limits import Limits, SectorLimit
from desk.portfolio.markowitz import frontier
from desk.portfolio.moments import Moments, factor_covariance, moments_of
from desk.portfolio.optimise import Objective, Optimised, Wish, given_weights, optimise
from desk.portfolio.solver import answer
from desk.portfolio.views import View, with_views


class Direct:
    """The solver without its process."""

    def ask(self, request: Mapping[str, object]) -> dict[str, object]:
        return answer(json.loads(json.dumps(request)))


SOLVER = Direct()
NAMES = tuple(f"X:{n}" for n in range(12))


def made_up(seed: int = 3) -> Moments:
    source = np.random.default_rng(seed)
    common = source.normal(0.0005, 0.01, (600, 1))
    own = source.normal(0.0004, source.uniform(0.005, 0.02, 12), (600, 12))
    return moments_of(NAMES, common + own, SOLVER)


MOMENTS = made_up()
HELD = dict.fromkeys(NAMES, 1 / 12)
WISHES: list[tuple[Objective, float | None]] = [
    ("minimum_variance", None),
    ("maximum_sharpe", None),
    ("target_return", 0.25),
    ("target_risk", 0.22),
    ("minimum_cvar", None),
]


def solved(objective: Objective, limits: Limits | None = None, target: float | None = None) -> Optimised:
    return optimise(Wish(objective, limits or Limits(), target), MOMENTS, SOLVER)


@pytest.mark.parametrize(("objective", "target"), WISHES)
def test_every_limit_is_kept(objective: Objective, target: float | None) -> None:
    some = SectorLimit("some", frozenset(NAMES[:4]), 0.2, 0.35)
    limits = {
        "cap": Limits(most=0.15),
        "floor": Limits(least=0.02, most=0.3),
        "sector": Limits(sectors=(some,)),
        "turnover": Limits(turnover=0.4, held=HELD),
        "excluded": Limits(excluded=frozenset(NAMES[:3])),
        "all": Limits(most=0.2, sectors=(some,), turnover=1.2, held=HELD, excluded=frozenset(NAMES[-2:])),
        "count": Limits(count=4),
    }
    free = solved(objective, None, target)
    for name, limit in limits.items():
        found = solved(objective, limit, target)
        weights = np.array([found.weights[id] for id in NAMES])
        assert weights.sum() == pytest.approx(1)
        assert weights.min() >= limit.least - 1e-9 or limit.excluded or limit.count
        assert weights.max() <= limit.most + 1e-6, name
        for sector in limit.sectors:
            inside = sum(found.weights[id] for id in sector.members)
            assert sector.least - 1e-6 <= inside <= sector.most + 1e-6, name
        if limit.turnover is not None:
            assert np.abs(weights - 1 / 12).sum() <= limit.turnover + 1e-5, name
        assert all(found.weights[id] == 0 for id in limit.excluded)
        assert int((weights > 1e-6).sum()) <= (limit.count or 12)
        if objective == "minimum_variance":
            assert found.volatility >= free.volatility - 1e-9
        if objective == "maximum_sharpe":
            assert found.sharpe is not None
            assert free.sharpe is not None
            assert found.sharpe <= free.sharpe + 1e-9


def test_no_random_portfolio_under_the_limits_is_better() -> None:
    limits = Limits(most=0.3)
    drawn = np.random.default_rng(1).dirichlet(np.full(12, 0.7), 4_000)
    drawn = drawn[drawn.max(axis=1) <= 0.3]
    assert len(drawn) > 500
    deviations = np.sqrt(np.einsum("ij,jk,ik->i", drawn, MOMENTS.covariance, drawn))
    means = drawn @ MOMENTS.mean
    assert solved("minimum_variance", limits).volatility <= deviations.min()
    best = solved("maximum_sharpe", limits)
    assert best.sharpe is not None
    assert best.sharpe >= (means / deviations).max()
    wanted = solved("target_return", limits, 0.25)
    assert wanted.mean >= 0.25 - 1e-7
    assert wanted.volatility <= deviations[means >= 0.25].min()
    risky = solved("target_risk", limits, 0.2)
    assert risky.volatility <= 0.2 + 1e-9
    assert risky.mean >= means[deviations <= 0.2].max()
    assert solved("minimum_cvar", limits).cvar <= min(cvar_of(w, MOMENTS.returns) for w in drawn)


def test_pyportfolioopt_comes_to_the_same_weights() -> None:
    for objective in ("minimum_variance", "maximum_sharpe"):
        for cap in (1.0, 0.15):
            request = {
                "call": "weigh",
                "objective": objective,
                "mean": MOMENTS.mean.tolist(),
                "covariance": MOMENTS.covariance.tolist(),
                "cap": cap,
                "risk_free": 0.02,
            }
            theirs = SOLVER.ask(request)["weights"]
            ours = optimise(Wish(objective, Limits(most=cap), risk_free=0.02), MOMENTS, SOLVER)
            assert list(ours.weights.values()) == pytest.approx(theirs, abs=2e-4)


def test_risk_parity_shares_the_risk_out_evenly() -> None:
    found = solved("risk_parity")
    assert list(found.contributions.values()) == pytest.approx([1 / 12] * 12, rel=1e-9)
    fewer = solved("risk_parity", Limits(excluded=frozenset(NAMES[:2])))
    assert fewer.weights[NAMES[0]] == 0
    assert fewer.contributions[NAMES[5]] == pytest.approx(0.1, rel=1e-9)
    with pytest.raises(InputError, match="leave no room for caps"):
        solved("risk_parity", Limits(most=0.1))


def test_hierarchical_weights_favour_what_moves_less() -> None:
    found = solved("hierarchical")
    assert sum(found.weights.values()) == pytest.approx(1)
    assert min(found.weights.values()) > 0
    own = np.diag(MOMENTS.covariance)
    weights = list(found.weights.values())
    assert weights[int(np.argmin(own))] > weights[int(np.argmax(own))]
    with pytest.raises(InputError, match="keeps no caps"):
        solved("hierarchical", Limits(most=0.1))


def test_the_frontier_buys_return_with_risk() -> None:
    points = frontier(MOMENTS, Limits(most=0.3), 12)
    means = [float(MOMENTS.mean @ p.weights) for p in points]
    risks = [float(np.sqrt(p.weights @ MOMENTS.covariance @ p.weights)) for p in points]
    assert means == sorted(means)
    assert risks == sorted(risks)
    slopes = np.diff(risks) / np.diff(means)
    assert (np.diff(slopes) >= -1e-6).all()  # convex
    with pytest.raises(InputError, match="between 2 and 200"):
        frontier(MOMENTS, Limits(), 1)


def test_views_move_the_means_towards_what_is_believed() -> None:
    prior = with_views(MOMENTS, [View(NAMES[0], 0.0, trust=1e-6)], SOLVER)
    firm = with_views(MOMENTS, [View(NAMES[0], 0.5, trust=1.0)], SOLVER)
    half = with_views(MOMENTS, [View(NAMES[0], 0.5, trust=0.5)], SOLVER)
    assert firm.mean[0] == pytest.approx(0.5, abs=1e-6)
    assert prior.mean[0] < half.mean[0] < firm.mean[0]
    against = with_views(MOMENTS, [View(NAMES[1], 0.1, over=NAMES[2], trust=1.0)], SOLVER)
    assert against.mean[1] - against.mean[2] == pytest.approx(0.1, abs=1e-6)
    for view, words in (
        (View("X:99", 0.1), "not among"),
        (View(NAMES[0], 0.1, over=NAMES[0]), "with itself"),
        (View(NAMES[0], 99.0), "no view"),
        (View(NAMES[0], 0.1, trust=0.0), "trust"),
    ):
        with pytest.raises(InputError, match=words):
            with_views(MOMENTS, [view], SOLVER)
    with pytest.raises(InputError, match="no view was given"):
        with_views(MOMENTS, [], SOLVER)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(most=0.05), r"12 instruments with at most 5\.0% each reach only 60\.0%.*8\.3%"),
        (Limits(least=0.2), r"floors of 20\.0% on 12 instruments come to 240\.0%"),
        (
            Limits(most=0.2, sectors=(SectorLimit("A", frozenset(NAMES[:3]), least=0.8),)),
            r"at least 80\.0% in A \(by 20\.0%\)",
        ),
        (Limits(most=0.3, turnover=0.1, held={NAMES[0]: 1.0}), r"turnover of at most 10\.0%"),
        (Limits(turnover=0.1), "needs the weights held"),
        (Limits(excluded=frozenset({"X:99"})), "not among"),
        (Limits(count=0), "at least one"),
        (Limits(most=1.5), "between 0 and 100"),
        (Limits(sectors=(SectorLimit("B", frozenset(NAMES), 0.5, 0.2),)), "no range"),
        (Limits(turnover=-0.1, held=HELD), "below zero"),
    ],
)
def test_limits_that_cannot_be_kept_are_named(limits: Limits, words: str) -> None:
    for objective in ("minimum_variance", "minimum_cvar"):
        with pytest.raises(InputError, match=words):
            solved(objective, limits)


def test_targets_out_of_reach_are_named() -> None:
    with pytest.raises(InputError, match="the best these instruments give"):
        solved("target_return", None, 5.0)
    with pytest.raises(InputError, match="the least these instruments have"):
        solved("target_risk", None, 0.001)
    with pytest.raises(InputError, match="needs a target"):
        solved("target_risk")
    with pytest.raises(InputError, match="takes no target"):
        solved("minimum_variance", None, 0.1)
    with pytest.raises(InputError, match=r"above the risk-free 90\.0%"):
        optimise(Wish("maximum_sharpe", risk_free=0.9), MOMENTS, SOLVER)


def test_a_number_of_holdings_says_how_good_it_could_be_at_most() -> None:
    found = solved("minimum_variance", Limits(count=4))
    assert found.bound == pytest.approx(solved("minimum_variance").volatility)
    assert found.volatility > (found.bound or 0)
    assert sum(weight > 1e-6 for weight in found.weights.values()) == 4


def test_weights_a_person_gave_are_checked_and_kept() -> None:
    assert given_weights({NAMES[0]: 0.4, NAMES[1]: 0.6}, MOMENTS).weights[NAMES[1]] == pytest.approx(0.6)
    with pytest.raises(InputError, match=r"add up to 90\.0%"):
        given_weights({NAMES[0]: 0.3, NAMES[1]: 0.6}, MOMENTS)
    with pytest.raises(InputError, match="below zero"):
        given_weights({NAMES[0]: -0.3, NAMES[1]: 1.3}, MOMENTS)


def test_a_factor_covariance_is_definite_with_few_days() -> None:
    returns = np.random.default_rng(2).normal(0, 0.01, (30, 60))
    model = factor_covariance(returns)
    assert np.linalg.eigvalsh(model).min() > 0
    assert np.diag(model) == pytest.approx(returns.var(axis=0, ddof=1))
