"""What a run is of: hashes of cases, prompts and code, so that two runs are known to be of the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from desk.errors import InputError
from desk.settings import Settings
from evals.dataset import Origin
from graphs.replay.versions import code_hash
from prompts.library import find_prompt

SUFFIXES = frozenset({".py", ".yaml", ".json"})


def read_origin_of(
    settings: Settings, cases: Path, data: str, model: str, prompts: Iterable[str], trials: int, run: str, at: str
) -> Origin:
    """The origin of a run that begins. `prompts`: the labels of chosen ones."""
    return Origin(
        run=run,
        started_at=at,
        data=data,
        cases=hash_files([cases] if cases.is_file() else sorted(p for p in cases.rglob("*") if p.is_file())),
        model=model or settings.llm_model or settings.llm_gguf,
        prompts=tuple(sorted(prompts)),
        prompt_texts=hash_files(sorted(_package("prompts").glob("*.yaml"))),
        code=hashlib.sha256((code_hash() + hash_files(_sources())).encode()).hexdigest(),
        trials=trials,
        expected=trials * _lines(cases) if cases.suffix == ".jsonl" else 0,
    )


def _lines(path: Path) -> int:
    return sum(bool(line.strip()) for line in path.read_bytes().splitlines())


def read_prompt(chosen: str) -> str:
    """AGENT=vN as the prompt's label AGENT.vN. InputError for another form, NotFound for one that does not exist."""
    agent, sign, version = chosen.partition("=")
    if not sign or not version.startswith("v"):
        raise InputError(f"--prompt {chosen!r} is not AGENT=vN")
    return find_prompt(f"{agent}.{version}").label


def hash_files(paths: Iterable[Path]) -> str:
    """SHA-256 over names and bytes. InputError for one that cannot be read."""
    found = hashlib.sha256()
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read cases from {path}: {error.strerror}") from None
        found.update(f"{path.name}\n{len(data)}\n".encode() + data)
    return found.hexdigest()


def _package(name: str) -> Path:
    return Path(__file__).parent.parent / name


def _sources() -> list[Path]:
    """Of the evals: code and tables, not the shipped cases, which have a hash of their own."""
    kept = (path for path in sorted(_package("evals").rglob("*")) if path.suffix in SUFFIXES)
    return [path for path in kept if path.name != "baseline.json"]
