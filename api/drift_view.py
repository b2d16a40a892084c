"""How drift of the learned score's input travels: on the command line and over HTTP."""

from __future__ import annotations

from pydantic import BaseModel

from desk.fraud.drift import LEAST, Comparison
from desk.fraud.gnn import Network


class DriftView(BaseModel):
    """The accounts' features against the training record: `features` holds the population stability index of each.

    Below `least` accounts nothing is said: `enough` is false, `drifted` null. `weights`: their SHA-256.
    """

    accounts: int
    least: int
    enough: bool
    drifted: bool | None
    shifted: list[str]
    features: dict[str, float]
    weights: str


def drift_view(network: Network, found: Comparison) -> DriftView:
    """The comparison with the weights that it is about."""
    return DriftView(
        accounts=found.rows,
        least=LEAST,
        enough=found.enough,
        drifted=bool(found.shifted) if found.enough else None,
        shifted=list(found.shifted),
        features={name: round(value, 4) for name, value in found.psi.items()},
        weights=str(network.about["sha256"]),
    )
