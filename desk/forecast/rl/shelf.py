"""Policies as they are shipped: groups of several seeds' networks in one file, beside its training record."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np

from desk.errors import DataError
from desk.forecast.features import Matrix
from desk.forecast.registry import read_model
from desk.forecast.rl.ppo import Moments, Policy


class Shelf(NamedTuple):
    """`groups` of policies by `names`, in their order; `about` is the training record's own words."""

    names: tuple[str, ...]
    groups: tuple[tuple[Policy, ...], ...]
    about: dict[str, object]

    def say(self, place: int, seen: Matrix) -> Matrix:
        """The mean outputs (n, outputs) of a group for observations (n, observed)."""
        found: Matrix = np.mean([policy.say(seen) for policy in self.groups[place]], axis=0)
        return found


def pack(shelf: Shelf) -> bytes:
    """The policies as an `.npz`, every bit of them."""
    policies = [policy for group in shelf.groups for policy in group]
    parts = {
        "names": np.array(shelf.names),
        "sizes": np.array(policies[0].sizes),
        "counts": np.array([len(group) for group in shelf.groups]),
        "theta": np.stack([policy.theta for policy in policies]),
        "mean": np.stack([policy.moments.mean for policy in policies]),
        "variance": np.stack([policy.moments.variance for policy in policies]),
        "seen": np.stack([policy.moments.seen for policy in policies]),
    }
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **parts)
    return content.getvalue()


def unpack(content: bytes, about: dict[str, object]) -> Shelf:
    """The policies in the bytes that `pack` made."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        parts = {name: file[name] for name in file.files}
    sizes = tuple(parts["sizes"].tolist())
    moments = [Moments(*each) for each in zip(parts["mean"], parts["variance"], parts["seen"], strict=True)]
    policies = [Policy(sizes, theta, one) for theta, one in zip(parts["theta"], moments, strict=True)]
    ends = np.cumsum(parts["counts"]).tolist()
    groups = tuple(tuple(policies[low:high]) for low, high in zip([0, *ends[:-1]], ends, strict=True))
    return Shelf(tuple(parts["names"].tolist()), groups, about)


def load_shelf(path: Path, traits: list[str]) -> Shelf:
    """The shipped policies; DataError when missing, damaged, not those of their record, or of other observations."""
    content, about = read_model(path)
    if about.get("observed") != traits:
        raise DataError(f"{path.name} was learned from other observations than there are now; run make train-rl")
    return unpack(content, about)
