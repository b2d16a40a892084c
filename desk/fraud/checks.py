"""What an investigator looks at next: for each typology, what would confirm the suspicion and what would clear it.

General knowledge of how such payments come about, in the desk's own words; nothing in it is about one case, so no
sentence here is evidence.
"""

from __future__ import annotations

from typing import NamedTuple

from desk.fraud.typologies import Typology


class Checks(NamedTuple):
    """Sentences to work off; each says what to get and what it would show."""

    confirm: tuple[str, ...]
    clear: tuple[str, ...]


_SOURCE = "Where the first sender's money came from cannot be shown."
_SHARED = (
    "The accounts share a device, an address or a person with power over them, though they say they are strangers."
)

CHECKS: dict[Typology, Checks] = {
    "cycle": Checks(
        (
            "No goods, service or loan stands behind one of the payments.",
            _SHARED,
            "The same ring turned before, with other amounts.",
        ),
        (
            "Invoices and deliveries match each payment, dates included.",
            "The members of a savings club name each other, and each one's turn is written down.",
        ),
    ),
    "fan_in": Checks(
        (
            "The senders do not know what the payment was for, or give the same learnt answer.",
            "The money leaves again at once, in cash or abroad.",
            _SHARED,
        ),
        (
            "The receiver's business, event or tenancy began then, and the senders are its customers.",
            "The senders' own income covers what they sent.",
        ),
    ),
    "fan_out": Checks(
        (
            _SOURCE,
            "The receivers draw the money in cash or pass it on within days.",
            "The receivers opened their accounts shortly before.",
        ),
        (
            "A payroll, a refund list or a will names the receivers and their amounts.",
            "The receivers pay taxes or rents from it as before.",
        ),
    ),
    "scatter_gather": Checks(
        (
            "The accounts in the middle kept a small share and cannot say for what.",
            _SHARED,
            "First sender and collector belong to one person.",
        ),
        (
            "One contract with several contractors, or one purchase by several relatives, explains every part.",
            "The accounts in the middle had costs of their own for what they passed on.",
        ),
    ),
    "stack": Checks(
        (
            "The firms of one layer have no staff, no premises or the same director.",
            "Invoices between layers name services that nobody rendered.",
        ),
        (
            "A group chart and a treasury agreement show these layers.",
            "Goods moved along the same layers, with transport papers.",
        ),
    ),
    "bipartite": Checks(
        (
            "Senders and receivers were recruited by one person.",
            "The amounts were told to the senders by somebody else.",
        ),
        (
            "All senders are partners or heirs in one matter, with papers of a court or a notary.",
            "The receivers are suppliers who bill every sender.",
        ),
    ),
    "gather_scatter": Checks(
        (
            "Givers and receivers have no link but the account in the middle.",
            "The one in the middle keeps a share and has no business that explains it.",
        ),
        (
            "A club, a travel group or a landlord collects and pays bills, with accounts that its members saw.",
            "What is paid out matches bills in the name of the group.",
        ),
    ),
    "structuring": Checks(
        (
            "The cash came from one source and was split on purpose, at several counters or on days in a row.",
            "The person asked about the reporting limit, or gave up a payment when a form was asked for.",
            _SOURCE,
        ),
        (
            "Till rolls or takings of those days match the payments.",
            "A price list or a plan of instalments names the same amounts.",
        ),
    ),
    "dormant": Checks(
        (
            "The holder does not know of the payments: the account was taken over or sold.",
            "A new device, address or person appeared shortly before it woke.",
        ),
        (
            "A contract of sale, a will or a business register entry explains the money.",
            "The holder answers from the address known before and names the receivers.",
        ),
    ),
    "close_group": Checks(
        (
            "Members take part in another alert, or share devices or addresses without being related.",
            "Payments of a pattern show up once more data comes in.",
        ),
        ("They are relatives, colleagues or neighbours, and their payments are ordinary.",),
    ),
    "pass_through": Checks(
        (
            "Each account passed the money on without a reason of its own, and kept a share.",
            "The accounts were opened shortly before, or are used for nothing else.",
        ),
        (
            "A notary, a broker or a payment firm is on the path and shows the order it carried out.",
            "All accounts belong to one firm that moves its own money.",
        ),
    ),
    "unusual": Checks(
        (
            "The holder does not know the payment, or was told by somebody to make it.",
            "The receiver got several such payments from strangers.",
        ),
        ("The holder names the occasion, and a bill or a contract matches the amount.",),
    ),
}
