"""How each model has been doing: slow and failing ones are passed over before the call, probes bring them back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Circuit = Literal["closed", "open", "half_open"]

WEIGHT = 0.3
"""Of the newest measurement in the moving average."""
SAMPLES = 3
"""Measurements before a model counts as slow; failures in a row before it is left alone."""
REST_S, LONGEST_REST_S = 10.0, 300.0
"""How long a failing or slow model is left alone; doubled at each failed probe."""

_ADDRESS = ("rate_limit", "server", "connection", "dns", "tls", "timeout", "auth", "content_type")
SICK = frozenset((*_ADDRESS, "failed", "garbage", "cut", "endless", "empty"))
"""Kinds of failure that say something about the model, not about what it was asked."""


@dataclass
class Health:
    """One model's state. Its first token's moving average in milliseconds; instants are the clock's."""

    model: str
    calls: int = 0
    failures: int = 0
    in_a_row: int = 0
    samples: int = 0
    first_ms: float | None = None
    last_fault: str = ""
    rest_s: float = REST_S
    until: float = 0.0
    probing: bool = False
    slow_until: float = 0.0

    def state(self, now: float) -> Circuit:
        """Of its circuit: asked, left alone, or asked by one probe."""
        if self.in_a_row < SAMPLES and self.until <= now:
            return "closed"
        return "open" if now < self.until else "half_open"


class HealthBook:
    """All models' health, in memory: a restart begins afresh. `clock` is in seconds and only goes forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, Health] = {}

    def of(self, model: str) -> Health:
        """One model's; a fresh one when it was never asked."""
        return self._known.setdefault(model, Health(model))

    def passes_over(self, model: str, first_s: float) -> str | None:
        """Why it is not worth asking for a first token within `first_s`; None when it is, or when this is its probe."""
        health, now = self.of(model), self._clock()
        if now < health.until:
            return f"passed over for {health.until - now:.1f} s more after: {health.last_fault}"
        if health.state(now) == "half_open":
            if health.probing:
                return f"passed over while a probe is out, after: {health.last_fault}"
            health.probing = True
            return None
        average = health.first_ms or 0.0
        if health.samples < SAMPLES or average <= first_s * 1000:
            return None
        if now < health.slow_until:
            return f"passed over as slow: its first token takes about {average:.0f} ms"
        health.slow_until = now + REST_S
        return None

    def succeeded(self, model: str, first_s: float) -> None:
        """It answered, with its first token after `first_s`."""
        health = self.of(model)
        health.calls += 1
        health.in_a_row, health.rest_s, health.until, health.probing = 0, REST_S, 0.0, False
        self._measure(health, first_s)

    def late(self, model: str, waited_s: float) -> None:
        """It was dropped without an answer: its first token takes at least that long."""
        health = self.of(model)
        health.calls += 1
        health.probing = False
        self._measure(health, max(waited_s, (health.first_ms or 0.0) / 1000))

    def failed(self, model: str, kind: str, fault: str, retry_after_s: float | None = None) -> None:
        """It failed; the third failure in a row, a failed probe or the provider's own word opens its circuit."""
        health, now = self.of(model), self._clock()
        health.calls += 1
        if kind not in SICK:
            health.probing = False
            return
        health.failures += 1
        health.in_a_row += 1
        health.last_fault = fault
        if retry_after_s is not None:
            health.until = now + min(retry_after_s, LONGEST_REST_S)
        elif health.in_a_row >= SAMPLES:
            if health.probing:
                health.rest_s = min(2 * health.rest_s, LONGEST_REST_S)
            health.until = now + health.rest_s
        health.probing = False

    def left(self, model: str) -> None:
        """It was not needed any more: nothing is known of it, a probe may be made again."""
        self.of(model).probing = False

    def read(self, model: str) -> tuple[Health, Circuit, float]:
        """One model's health, the state of its circuit and for how many seconds it rests."""
        health, now = self.of(model), self._clock()
        return health, health.state(now), max(0.0, round(health.until - now, 1))

    def _measure(self, health: Health, first_s: float) -> None:
        ms = first_s * 1000
        health.samples += 1
        health.first_ms = ms if health.first_ms is None else (1 - WEIGHT) * health.first_ms + WEIGHT * ms
