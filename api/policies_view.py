"""What the learned policies came to on what they had not seen, for a command or a page."""

from __future__ import annotations

from pydantic import BaseModel

from desk.backtest.verdict import Balanced, Executed, Lead, read_balanced, read_executed

NAMES = {
    "equal_weight": "equal weights",
    "minimum_variance": "minimum variance",
    "twap": "TWAP",
    "vwap": "VWAP",
    "shortfall_low": "Almgren-Chriss, low urgency",
    "shortfall_medium": "Almgren-Chriss, medium urgency",
    "shortfall_high": "Almgren-Chriss, high urgency",
}


class PoliciesView(BaseModel):
    """Both verdicts with their figures, and each in a sentence; all are from the records shipped with the weights."""

    balancing: Balanced
    balancing_said: str
    execution: Executed
    execution_said: str


def view_policies() -> PoliciesView:
    """See `PoliciesView`; DataError when weights or a record are missing or damaged."""
    balancing, execution = read_balanced(), read_executed()
    return PoliciesView(
        balancing=balancing,
        balancing_said=say_balancing(balancing),
        execution=execution,
        execution_said=say_execution(execution),
    )


def say_balancing(found: Balanced) -> str:
    """The verdict on weights."""
    verdict = "beats equal weights and minimum variance" if found.used else "does not beat equal weights"
    gap = " and ".join(f"{_signed(lead, 2)} against {NAMES[name]}" for name, lead in found.together.items())
    years = f"{found.windows[0].first.year} to {found.windows[-1].last.year}"
    return (
        f"The learned policy {verdict}: {'used' if found.used else 'not used'}. Sharpe ratio difference {gap}, {years}."
    )


def say_execution(found: Executed) -> str:
    """The verdict on working orders."""
    verdict = "costs no more than" if found.used else "is not shown to cost no more than"
    return (
        f"Working orders, the learned policy {verdict} {NAMES[found.best]}: {'used' if found.used else 'not used'}. "
        f"{_signed(found.against[found.best], 3)} basis points over {found.orders:,} orders it had not seen."
    )


def learned_text(found: PoliciesView) -> str:
    """For a terminal."""
    rows = [
        f"  {window.first} to {window.last}: "
        + ", ".join(f"{NAMES.get(name, name)} {ratio:.2f}" for name, ratio in window.sharpe.items())
        for window in found.balancing.windows
    ]
    costs = ", ".join(f"{NAMES.get(name, name)} {cost:.2f}" for name, cost in found.execution.mean_bps.items())
    return "\n".join((found.balancing_said, *rows, found.execution_said, f"  mean basis points: {costs}"))


def _signed(lead: Lead, places: int) -> str:
    return f"{lead.estimate:+.{places}f} ({lead.low:.{places}f} to {lead.high:.{places}f})"
