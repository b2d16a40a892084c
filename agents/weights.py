"""What a question says about target weights: an objective, shares of named instruments, a cap.

Deterministic and from the person's own words only; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from desk.instruments import Instruments
from desk.portfolio.optimise import Objective

_CHANGE = re.compile(
    r"re-?balanc|min(?:imum|imal)?[- ]?(?:variance|volatility|risk)|max(?:imum|imal)?[- ]?sharpe|best sharpe"
    r"|optimi[sz]e|least risk|lowest (?:risk|variance|volatility)|diversif|risk[- ]parity|equal risk|\bhrp\b"
    r"|equal(?:ly)?[- ]weight|(?:least|min(?:imum|imal)?|lowest)[- ](?:cvar|expected shortfall|tail risk)"
)
_SHARPE = re.compile(r"sharpe|best (?:return|reward)|risk[- ]adjusted")
_NAMED: tuple[tuple[re.Pattern[str], Objective], ...] = (
    (re.compile(r"\bhrp\b|hierarchical"), "hierarchical"),
    (re.compile(r"risk[- ]parity|equal risk"), "risk_parity"),
    (re.compile(r"cvar|expected shortfall|tail risk"), "minimum_cvar"),
    (re.compile(r"equal(?:ly)?[- ]weight"), "equal"),
)
_TARGET = re.compile(
    r"\b(volatility|risk|(?:expected )?return)\s+(?:of|at|to|target(?: of)?)\s+"
    r"(?:(?:about|around|at most|at least)\s+)?"
    r"(\d{1,2}(?:\.\d{1,2})?)\s*(?:%|percent)"
)
_CAP = re.compile(
    r"(?:at most|no more than|max(?:imum)?(?: of)?|cap(?:ped)?(?: of| at)?|not above|up to)\s+"
    r"(\d+(?:\.\d+)?)\s*(?:%|percent)"
)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent)\s*(?:in\s+|of\s+)?([A-Za-z][A-Za-z:.&/ -]{0,30})", re.IGNORECASE)


@dataclass(frozen=True)
class WeightWish:
    """What to weigh towards. `weights` in percent by instrument id, as the person typed them."""

    objective: Objective | Literal["given"]
    weights: dict[str, str]
    cap: str | None
    target: str | None = None


def read_weights(question: str, instruments: Instruments) -> WeightWish | None:
    """The wish to change weights; None when the question asks for none."""
    words = " ".join(question.casefold().split())
    cap = _CAP.search(words)
    shares = _shares(_CAP.sub(" ", question), instruments) if "balanc" in words or "weight" in words else {}
    if len(shares) >= 2:
        return WeightWish("given", shares, None)
    if not _CHANGE.search(words):
        return None
    most = cap[1] if cap else None
    target = _TARGET.search(_CAP.sub(" ", words))
    if target:
        return WeightWish("target_return" if "return" in target[1] else "target_risk", {}, most, target[2])
    named = next((objective for pattern, objective in _NAMED if pattern.search(words)), None)
    return WeightWish(named or ("maximum_sharpe" if _SHARPE.search(words) else "minimum_variance"), {}, most)


def _shares(question: str, instruments: Instruments) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _SHARE.finditer(question):
        words = re.split(r"\s+and\s+|,", match[2])[0].split()
        for size in range(min(3, len(words)), 0, -1):
            instrument = instruments.find(" ".join(words[:size]).rstrip(".,;?!"))
            if instrument is not None:
                found[instrument.id] = match[1]
                break
    return found
