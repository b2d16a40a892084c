"""What a model's text brings along that nobody gave it, for whoever asked it to write around facts."""

from __future__ import annotations

from collections.abc import Iterable

from agents.guardrails import find_faults
from agents.inventions import Known, find_inventions
from desk.facts import FactTable
from desk.instruments import Instruments


def find_foreign(
    text: str,
    planned: str,
    facts: FactTable,
    quoted: tuple[str, ...],
    instruments: Instruments,
    said: str = "",
    history: Iterable[str] = (),
) -> list[str]:
    """Faults, or else inventions, of an unfilled text that stands for the plan's `planned`; empty means none.

    `said` are the person's own words, `history` their earlier ones.
    """
    faults = find_faults(text, facts, quoted, said)
    if faults:
        return faults
    known = Known.of((*quoted, said, planned, *history), facts.all(), instruments, quoted)
    return find_inventions(text, known)
