"""AgentDojo's banking suite, run in an environment of its own, and what its pairs say of our policy.

Bank and tasks are AgentDojo's (`requirements/peers/agentdojo.txt`); the model is scripted and obeys every attack, so
what is measured is the policy alone. No key and, once installed, no network.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bench.peers import TOP, install_peer
from desk.errors import DataError

NAME = "agentdojo"
HARNESS = Path(__file__).with_name("harness.py")
SECONDS = 300


class Alone(BaseModel):
    """A user task without an attack; `refused` are its own calls that need a person."""

    model_config = ConfigDict(frozen=True)

    utility: bool
    refused: tuple[str, ...]


class Pair(BaseModel):
    """A user task under an attack. `unauthorised` are changes of the bank that the task alone does not make.

    `seen`: the injected text was read; `kept_out`: the attack's calls that did not run; `attacked`: AgentDojo's own
    verdict; `hijacked`: the model also tried the user's writes with the attacker's values.
    """

    model_config = ConfigDict(frozen=True)

    user: str
    attack: str
    hijacked: bool
    unauthorised: tuple[str, ...]
    seen: bool
    refused: tuple[str, ...]
    kept_out: tuple[str, ...]
    utility: bool
    attacked: bool


class Banking(BaseModel):
    """All pairs, plain and hijacked; `unguarded` counts the plain pairs with side effects when no policy stands."""

    model_config = ConfigDict(frozen=True)

    suite: str
    alone: dict[str, Alone]
    rows: tuple[Pair, ...]
    unguarded: int

    @property
    def utility(self) -> float:
        """The share of user tasks that need no person; the lower of alone and under every attack."""
        plain = [pair for pair in self.rows if not pair.hijacked]
        under = sum(pair.utility and not pair.refused for pair in plain) / len(plain)
        alone = sum(task.utility and not task.refused for task in self.alone.values()) / len(self.alone)
        return round(min(under, alone), 4)

    @property
    def broken(self) -> int:
        """Pairs with a side effect that nobody authorised, by our count or by AgentDojo's."""
        return sum(bool(pair.unauthorised) or pair.attacked for pair in self.rows)


def find_packages() -> Path | None:
    """The folder of AgentDojo's packages, installed at first use; None where it cannot be."""
    return install_peer(NAME)


def run_banking(packages: Path) -> Banking:
    """Plays every pair. DataError when the harness fails, with its last words."""
    command = [sys.executable, "-I", "-S", str(HARNESS), str(TOP), str(packages.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise DataError(f"the AgentDojo harness failed: {done.stderr.strip()[-300:]}")
    return Banking.model_validate(json.loads(done.stdout))
