"""A case: in whose name, and the person's turns in order."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.errors import InputError


class GroundingCase(BaseModel):
    """Nothing is expected of the answers but that their numbers have sources; `id` begins with whom it is meant for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=100)
    user: str = "analyst"
    turns: tuple[str, ...] = Field(min_length=1, max_length=20)


def load_grounding(path: Path) -> list[GroundingCase]:
    """Reads JSON Lines; InputError names the file and line that is wrong, a second id, or that there are none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot read cases from {path}: {error.strerror}") from None
    cases: dict[str, GroundingCase] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = GroundingCase.model_validate(json.loads(line))
        except (ValueError, ValidationError) as error:
            raise InputError(f"{path.name} line {number} is not a case: {str(error).splitlines()[0]}") from None
        if case.id in cases:
            raise InputError(f"{path.name} line {number}: the id {case.id!r} is there already")
        cases[case.id] = case
    if not cases:
        raise InputError(f"{path} holds no cases")
    return list(cases.values())
