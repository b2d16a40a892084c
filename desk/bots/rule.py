"""The gate's rule on mandates, as the rulebook has it."""

from __future__ import annotations

from desk.bots.mandate_book import MandateBook
from desk.compliance.rules import Rule
from desk.orders import Check, Order

NAME = "mandate"


def build_rule(mandates: MandateBook) -> Rule:
    """Refuses an order that claims a mandate and is not a reserved act of one that stands."""

    def check(order: Order) -> Check:
        found = mandates.forbids(order)
        if found is not None:
            return found
        return Check(NAME, True, "an act inside a mandate", "inside or none claimed", "", "no mandate is broken")

    return Rule(
        NAME,
        "Mandate",
        "An agent trades alone only inside a mandate that a trader granted and a second person countersigned.",
        "Desk policy; compare MiFID II RTS 6, articles 12 to 15 (kill functionality and pre-trade controls)",
        check,
    )
