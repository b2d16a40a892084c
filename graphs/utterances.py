"""The versioned utterance file: what the classifier of questions learns from.

`{x}` in an utterance is put in by names of the file, a different one at each place and copy, so
that no name comes to stand for an agent. The file's hash stands in the weights made from it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

from desk.errors import DataError
from desk.yaml_text import read_yaml

FILE = Path(__file__).parent / "utterances.yaml"
LEAST = 25
COPIES = 3


class _Row(TypedDict):
    say: str
    agents: list[str]


class _Table(TypedDict):
    """The file as it is written."""

    version: int
    names: list[str]
    agents: dict[str, str]
    several: list[_Row]
    one_thing: list[_Row]
    terms: dict[str, list[str]]


@dataclass(frozen=True)
class Several:
    """A question and the agents it needs; one agent when its joins must not be split."""

    say: str
    agents: tuple[str, ...]


@dataclass(frozen=True)
class Utterances:
    """The file, read. `agents` holds each agent's utterances, `terms` its terms of art."""

    version: int
    hash: str
    names: tuple[str, ...]
    agents: dict[str, tuple[str, ...]]
    several: tuple[Several, ...]
    one_thing: tuple[Several, ...]
    terms: dict[str, tuple[str, ...]]

    def copies(self, utterance: str, number: int) -> list[str]:
        """The utterance with names put in: COPIES of them, or the utterance itself when it names nothing."""
        if "{x}" not in utterance:
            return [utterance]
        return [self.fill(utterance, number * 7 + copy * 5) for copy in range(COPIES)]

    def fill(self, utterance: str, start: int) -> str:
        """Every `{x}` replaced by a name, beginning with the one at `start`."""
        while "{x}" in utterance:
            utterance = utterance.replace("{x}", self.names[start % len(self.names)], 1)
            start += 4
        return utterance


def hash_file(path: Path = FILE) -> str:
    """SHA-256 of the file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_utterances(path: Path = FILE) -> Utterances:
    """Reads and checks the file. DataError for an agent with too few utterances, or an unknown agent."""
    table = cast("_Table", read_yaml(path.read_text(encoding="utf-8")))
    agents = {name: tuple(text.splitlines()) for name, text in table["agents"].items()}
    for name, said in agents.items():
        if len(said) < LEAST:
            raise DataError(f"{path.name}: agent {name} has {len(said)} utterances; write at least {LEAST}")
    several, one_thing = (
        tuple(Several(row["say"], tuple(row["agents"])) for row in rows)
        for rows in (table["several"], table["one_thing"])
    )
    named = {agent for row in (*several, *one_thing) for agent in row.agents} | set(table["terms"])
    if named - set(agents):
        raise DataError(f"{path.name}: {', '.join(sorted(named - set(agents)))} has no utterances")
    return Utterances(
        version=table["version"],
        hash=hash_file(path),
        names=tuple(table["names"]),
        agents=agents,
        several=several,
        one_thing=one_thing,
        terms={name: tuple(table["terms"].get(name, ())) for name in agents},
    )
