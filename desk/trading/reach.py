"""Whether an outside venue can be reached, as it was last seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desk.errors import BrokerError, KeyRefused

ReachState = Literal["starting", "connected", "lost", "unreachable", "refused"]


@dataclass(frozen=True)
class Reach:
    """Whether a venue can be reached. `lost` had been connected; `refused` is a key that the venue does not take."""

    state: ReachState
    detail: str
    at: str = ""
    stream: bool = False

    @property
    def closed(self) -> bool:
        """Whether orders for it must be refused: it was never reached, or does not take the key."""
        return self.state in ("unreachable", "refused")

    def check(self, name: str) -> None:
        """Raises BrokerError at once where a question would wait for an answer that does not come."""
        if self.closed or self.state == "lost":
            raise BrokerError(f"{name} cannot be reached now: {self.detail}", retry=True, sent=False)

    def after(self, error: BrokerError) -> ReachState:
        """What it is once this went wrong."""
        if isinstance(error, KeyRefused):
            return "refused"
        return "lost" if self.state in ("connected", "lost") else "unreachable"
