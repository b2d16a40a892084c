"""What decided an answer beside the question: hashes of the code and of the policy in force."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache
from importlib import import_module
from pathlib import Path

from desk.factory import Desk
from desk.identity.roles import MAY
from prompts.library import Prompt

PACKAGES = ("agents", "desk", "graphs", "prompts", "tools")
SUFFIXES = frozenset({".py", ".yaml", ".json"})


@cache
def code_hash() -> str:
    """SHA-256 over every source, table and prompt file of the packages that decide answers; read once a process."""
    found = hashlib.sha256()
    for package in PACKAGES:
        (root,) = import_module(package).__path__
        for path in sorted(Path(root).rglob("*")):
            if path.suffix in SUFFIXES:
                name = f"{package}/{path.relative_to(root).as_posix()}"
                data = path.read_bytes()
                found.update(f"{name}\n{len(data)}\n".encode() + data)
    return found.hexdigest()


def policy_hash(desk: Desk) -> str:
    """SHA-256 over the table of rights, the thresholds of approval, the gate's limits, the rulebook and the routes."""
    policy = {
        "rights": {action: sorted(roles) for action, roles in MAY.items()},
        "thresholds": asdict(desk.thresholds),
        "limits": desk.trading.gate.rules.limits.version,
        "rulebook": [rule.id for rule in desk.rulebook],
        "routes": _routes(),
    }
    return hashlib.sha256(json.dumps(policy, sort_keys=True, default=str).encode()).hexdigest()


def prompt_hash(prompt: Prompt) -> str:
    """SHA-256 over all that a prompt says."""
    return hashlib.sha256(prompt.model_dump_json().encode()).hexdigest()


@cache
def _routes() -> str:
    return hashlib.sha256((Path(__file__).parent.parent / "routes.yaml").read_bytes()).hexdigest()
