"""Whether an outside venue can be reached, as it was last seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
