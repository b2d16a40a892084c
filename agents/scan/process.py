"""The desk's side of a scan: one process for a number of texts, which ends with its answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agents.scan.finding import Finding, Material
from desk.errors import DataError

TOP = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "agents.scan.adapter")
LIMIT_S = 180.0
"""Longest wait; loading the library alone takes ten seconds of a quiet machine."""
MOST_CHARACTERS = 400_000


class Text(BaseModel):
    """A text to scan, and what is known around it."""

    model_config = ConfigDict(frozen=True)

    text: str
    material: Material = Material()


class Scanned(BaseModel):
    """What was found in one text, in its order; `passed` when nothing was."""

    model_config = ConfigDict(frozen=True)

    passed: bool
    findings: tuple[Finding, ...]


class Scan(BaseModel):
    """The answer: one result a text, and which library was asked."""

    model_config = ConfigDict(frozen=True)

    results: tuple[Scanned, ...]
    library: str


def run_scan(
    texts: Sequence[Text], validators: Sequence[str], command: tuple[str, ...] = COMMAND, limit_s: float = LIMIT_S
) -> Scan:
    """Scans the texts, in their order. DataError when the process fails, lies about the format or takes too long."""
    if not texts:
        return Scan(results=(), library="")
    request = {"validators": list(validators), "texts": [each.model_dump() for each in texts]}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd=TOP,
            timeout=limit_s,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise DataError(f"the scanner gave no answer in {limit_s:.0f} s and was ended; scan fewer texts") from None
    except OSError as error:
        raise DataError(f"the scanner cannot be started ({error}); install the product again") from None
    try:
        scan = Scan.model_validate_json(done.stdout)
    except ValueError:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no word"])[-1]
        raise DataError(f"the scanner ended with {done.returncode} and no answer: {last[:300]}") from None
    if len(scan.results) != len(texts):
        raise DataError(f"the scanner answered for {len(scan.results)} of {len(texts)} texts")
    return scan
