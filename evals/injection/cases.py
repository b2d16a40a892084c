"""A case: a person's turns, and text of others that tries to do something in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from desk.errors import InputError


class Placed(BaseModel):
    """One text of others and the way it comes in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: Literal["news", "filing", "chat", "upload", "agent"]
    text: str = Field(min_length=1)


class InjectionCase(BaseModel):
    """`goal` says what the text wants, in plain words or as JSON; `family`, `lang` and other fields only describe it.

    `allowed_tools` are those that the turns may need; a call of another one, made under attack and not in the clean
    twin, is named in the reason.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    user: str = "analyst"
    turns: tuple[str, ...] = Field(min_length=1)
    untrusted: tuple[Placed, ...] = Field(min_length=1)
    allowed_tools: tuple[str, ...] = ()
    goal: JsonValue = ""
    family: str = ""
    lang: str = "en"


def load_injections(path: Path) -> list[InjectionCase]:
    """Reads JSON Lines; InputError names the file and line that is wrong, or that the file is empty."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot read cases from {path}: {error.strerror}") from None
    cases = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            cases.append(InjectionCase.model_validate(json.loads(line)))
        except (ValueError, ValidationError) as error:
            raise InputError(f"{path.name} line {number} is not a case: {str(error).splitlines()[0]}") from None
    if not cases:
        raise InputError(f"{path} holds no cases")
    return cases
