"""Loads, validates and renders the prompts. A released version is never edited; add the next.

`released.json` holds the hash of every released version: a file that differs from its hash is
refused. `python -m prompts.library` checks every file and prints one line each; with `--release`
it adds the hashes of versions that have none.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import sys
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from desk.errors import InputError, NotFound
from desk.yaml_text import read_yaml

FOLDER = Path(__file__).parent
_MARK = re.compile(r"<(?=[\s/\\]*untrusted)", re.IGNORECASE)
VARIABLE = re.compile(r"\{([a-z_]+)\}")
RELEASED = "released.json"
FILE_NAME = re.compile(r"^([a-z_]+)\.v(\d+)\.yaml$")


class Shot(BaseModel):
    """One worked example: what a person says and what a good answer looks like."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str
    answer: str


class Prompt(BaseModel):
    """One released version of one agent's prompt. `variables` are all and only those it uses.

    Values of `untrusted` variables are fenced when rendered. `output_schema` is a JSON Schema of the
    answer, an object whose `text` are the words that are shown; None where the answer is text. `shots`
    stand between the system and the user text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    version: int
    purpose: str
    variables: list[str]
    output: str
    system: str
    user: str
    untrusted: list[str] = []
    output_schema: dict[str, JsonValue] | None = None
    shots: list[Shot] = []

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
            value = values[match[1]]
            return fence(value) if match[1] in self.untrusted else value

        return VARIABLE.sub(put, self.system), VARIABLE.sub(put, self.user)


def fence(value: str) -> str:
    """The value between <untrusted> marks. Marks inside it lose their bracket, so it cannot close its fence."""
    return f"<untrusted>\n{_MARK.sub(lambda found: '&lt;' + found[0][1:], value)}\n</untrusted>"


_GONE = (0, 0)


def load_prompt(path: Path) -> Prompt:
    """Reads and checks one file; InputError says what is wrong with it. A file that has not changed is read once."""
    return _load(path, _state(path), _state(_file(path.parent, RELEASED, "")))


@lru_cache(maxsize=256)
def _file(folder: Path, name: str, ending: str = ".yaml") -> Path:
    """Paths take longer to put together than files to look at."""
    return folder / f"{name}{ending}"


def _state(path: Path) -> tuple[int, int]:
    """What tells whether a file was written again: when, in nanoseconds, and its size; zeros for none."""
    try:
        found = os.stat(path)
    except OSError:
        return _GONE
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=256)
def _load(path: Path, _: tuple[int, int], __: tuple[int, int]) -> Prompt:
    name = FILE_NAME.match(path.name)
    if name is None:
        raise InputError(f"prompt file {path.name!r} is not named <agent>.v<N>.yaml")
    try:
        prompt = Prompt.model_validate(read_yaml(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise InputError(f"prompt file {path.name}: {error}") from None
    if (prompt.id, prompt.version) != (name[1], int(name[2])):
        raise InputError(f"prompt file {path.name} says it is {prompt.label}")
    used = set(VARIABLE.findall(prompt.system + prompt.user))
    if used != set(prompt.variables):
        raise InputError(f"prompt {prompt.label}: declares {sorted(prompt.variables)}, uses {sorted(used)}")
    if set(prompt.untrusted) - used:
        raise InputError(f"prompt {prompt.label}: untrusted {sorted(set(prompt.untrusted) - used)} are no variables")
    _check_schema(prompt)
    _check_released(path, prompt.label)
    return prompt


def _check_schema(prompt: Prompt) -> None:
    """InputError for an output schema that is no JSON Schema, or whose answers need not hold any words."""
    schema = prompt.output_schema
    if schema is None:
        return
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise InputError(f"prompt {prompt.label}: output_schema is no JSON Schema: {error.message}") from None
    required, properties = schema.get("required"), schema.get("properties")
    text = properties.get("text") if isinstance(properties, dict) else None
    words = isinstance(text, dict) and text.get("type") == "string"
    if schema.get("type") != "object" or not isinstance(required, list) or "text" not in required or not words:
        raise InputError(f"prompt {prompt.label}: output_schema must be of an object that requires `text`, a string")


def _check_released(path: Path, label: str) -> None:
    """InputError when the version was released with other text."""
    known = _released(path.parent).get(label)
    if known is not None and known != hashlib.sha256(path.read_bytes()).hexdigest():
        raise InputError(
            f"prompt {label} was released and its file has changed; restore it and write {path.name} as a new version"
        )


def _released(folder: Path) -> dict[str, str]:
    file = folder / RELEASED
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def all_prompts(folder: Path = FOLDER) -> list[Prompt]:
    """Every version, by agent and number. InputError for a wrong file, or a released one that is gone."""
    found = [load_prompt(path) for path in folder.glob("*.yaml")]
    gone = sorted(set(_released(folder)) - {prompt.label for prompt in found})
    if gone:
        raise InputError(f"prompt {gone[0]} was released and its file is gone; restore {gone[0]}.yaml")
    return sorted(found, key=lambda prompt: (prompt.id, prompt.version))


def find_prompt(label: str, folder: Path = FOLDER) -> Prompt:
    """The version of that label (`risk.v1`); NotFound names those the agent has."""
    path = _file(folder, label)
    if FILE_NAME.match(path.name) is None or _state(path) == _GONE:
        agent = label.split(".v")[0]
        there = ", ".join(p.label for p in all_prompts(folder) if p.id == agent) or "none of that agent"
        raise NotFound(f"prompt {label!r} does not exist; there are: {there}")
    return load_prompt(path)


def diff(one: Prompt, other: Prompt) -> str:
    """A unified diff of two versions, empty when they say the same."""
    left, right = (json.dumps(p.model_dump(), indent=1, ensure_ascii=False).replace("\\n", "\n") for p in (one, other))
    lines = difflib.unified_diff(left.splitlines(), right.splitlines(), one.label, other.label, lineterm="", n=1)
    return "\n".join(lines)


def newest_prompt(agent: str) -> Prompt:
    """The highest version of an agent's prompt; NotFound when there is none."""
    found = [load_prompt(path) for path in FOLDER.glob(f"{agent}.v*.yaml")]
    if not found:
        raise NotFound(f"there is no prompt file for agent {agent!r}")
    return max(found, key=lambda prompt: prompt.version)


def main() -> int:
    """Checks every prompt; the exit code is 1 when one is wrong or has no hash yet."""
    found, known = all_prompts(), _released(FOLDER)
    if "--release" in sys.argv:
        for prompt in found:
            path = FOLDER / f"{prompt.label}.yaml"
            known.setdefault(prompt.label, hashlib.sha256(path.read_bytes()).hexdigest())
        (FOLDER / RELEASED).write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for prompt in found:
        sys.stdout.write(f"{prompt.label} {'ok' if prompt.label in known else 'not released: run with --release'}\n")
    return 0 if found and {p.label for p in found} == set(known) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:
        sys.exit(error.message)
