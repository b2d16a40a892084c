"""The area under the ROC curve."""

from __future__ import annotations

from desk.fraud.boosting import Labels
from desk.fraud.graph import Floats


def area(said: Floats, labels: Labels) -> float:
    """Area under the ROC curve: the share of pairs in right order, ties half (Mann and Whitney 1947)."""
    from scipy.stats import rankdata

    above, below = int(labels.sum()), int((~labels).sum())
    if not above or not below:
        return float("nan")
    ranks = rankdata(said)
    return float((ranks[labels].sum() - above * (above + 1) / 2) / (above * below))
