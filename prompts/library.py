"""Loads, validates and renders the prompts. A released version is never edited; add the next.

`python -m prompts.library` checks every file and prints one line each.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from desk.errors import InputError, NotFound

FOLDER = Path(__file__).parent
VARIABLE = re.compile(r"\{([a-z_]+)\}")
FILE_NAME = re.compile(r"^([a-z_]+)\.v(\d+)\.yaml$")


class Prompt(BaseModel):
    """One released version of one agent's prompt. `variables` are all and only those it uses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    version: int
    purpose: str
    variables: list[str]
    output: str
    system: str
    user: str

    @property
    def label(self) -> str:
        """`customer_query.v1`: what a decision record names."""
        return f"{self.id}.v{self.version}"

    def render(self, **values: str) -> tuple[str, str]:
        """The system and user text. InputError names every missing and every unknown variable."""
        missing, unknown = sorted(set(self.variables) - set(values)), sorted(set(values) - set(self.variables))
        if missing or unknown:
            raise InputError(f"prompt {self.label}: missing variables {missing}, unknown variables {unknown}")

        def put(match: re.Match[str]) -> str:
            return values[match[1]]

        return VARIABLE.sub(put, self.system), VARIABLE.sub(put, self.user)


def load_prompt(path: Path) -> Prompt:
    """Reads and checks one file; InputError says what is wrong with it."""
    name = FILE_NAME.match(path.name)
    if name is None:
        raise InputError(f"prompt file {path.name!r} is not named <agent>.v<N>.yaml")
    try:
        prompt = Prompt.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise InputError(f"prompt file {path.name}: {error}") from None
    if (prompt.id, prompt.version) != (name[1], int(name[2])):
        raise InputError(f"prompt file {path.name} says it is {prompt.label}")
    used = set(VARIABLE.findall(prompt.system + prompt.user))
    if used != set(prompt.variables):
        raise InputError(f"prompt {prompt.label}: declares {sorted(prompt.variables)}, uses {sorted(used)}")
    return prompt


def newest_prompt(agent: str) -> Prompt:
    """The highest version of an agent's prompt; NotFound when there is none."""
    found = [load_prompt(path) for path in FOLDER.glob(f"{agent}.v*.yaml")]
    if not found:
        raise NotFound(f"there is no prompt file for agent {agent!r}")
    return max(found, key=lambda prompt: prompt.version)


def main() -> int:
    """Checks every prompt; the exit code is 1 when one is wrong."""
    paths = sorted(FOLDER.glob("*.yaml"))
    for path in paths:
        sys.stdout.write(f"{load_prompt(path).label} ok\n")
    return 0 if paths else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:
        sys.exit(error.message)
