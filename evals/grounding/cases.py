"""A case: in whose name, and the person's turns in order."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from evals.dataset import Identified, read_cases


class GroundingCase(Identified):
    """Nothing is expected of the answers but that their numbers have sources; `id` begins with whom it is meant for."""

    user: str = "analyst"
    turns: tuple[str, ...] = Field(min_length=1, max_length=20)


def load_grounding(path: Path) -> list[GroundingCase]:
    """Reads JSON Lines; InputError as `evals.dataset.read_cases`."""
    return read_cases(path, GroundingCase, lambda _: None)
