"""What an investigator looks at next in a market case: for each kind, what would confirm it and what would clear it.

General knowledge in the desk's own words; nothing in it is about one case, so no sentence here is evidence.
"""

from __future__ import annotations

from desk.fraud.abuse.words import Kind
from desk.fraud.checks import Checks

_TOGETHER = "The accounts share an owner, a device, an address or a person with power over them."
_CHATS = "Messages or calls between them around those minutes speak of the price or of the other's orders."

MARKET_CHECKS: dict[Kind, Checks] = {
    "pump_and_dump": Checks(
        (
            "Accounts that bought before the rise also sent, paid for or repeated the messages about it.",
            "What the messages claimed of the company was untrue, and those who sold knew.",
            _TOGETHER,
        ),
        (
            "An announcement, a takeover rumour in the press or a short squeeze stands at the start of the rise.",
            "Those who sold had held it for long, and did not buy in the rise.",
        ),
    ),
    "insider_trading": Checks(
        (
            "The person was on the list of those who knew, or spoke with somebody on it, before the first trade.",
            "The trade needed cash that was borrowed, or broke with how the person traded before.",
            "It was not cleared with the company beforehand, or fell into its closed period.",
        ),
        (
            "A plan adopted before the person could know names the day and the size.",
            "A vesting date, a tax bill or a margin call forced the trade.",
            "The news had leaked and was in the press when the trade was made.",
        ),
    ),
    "late_report": Checks(
        (
            "The archive's time of acceptance is after the due date, and no holiday or extension lies between.",
            "Earlier forms of the same person were late too.",
            "The price moved between the due date and the filing.",
        ),
        (
            "The broker's confirmation shows that the person learnt of the trade late.",
            "A public holiday or a closed archive moved the due date.",
            "The trade is of a kind that may be reported at the end of the year.",
        ),
    ),
    "wash_trading": Checks(
        (
            _TOGETHER,
            "The trades were agreed: times, prices and sizes fit each other on days without other trading too.",
            "A rebate, a listing target or a price at the close gave a reason to show volume.",
        ),
        (
            "Two funds of one manager rebalanced, each for its own holders, and the file says so.",
            "The two were matched by the venue among many orders, and each changed its position in the end.",
        ),
    ),
    "matched_orders": Checks(
        (
            _CHATS,
            _TOGETHER,
            "Afterwards one of them made good the other's loss.",
        ),
        (
            "An agreement of a block, reported as the venue demands, names price and size.",
            "A broker crossed two customers' orders and told both.",
        ),
    ),
    "spoofing": Checks(
        (
            "It recurs on other days, with the large side always opposite to the fill.",
            "The large orders were never near a fill, or were pulled as soon as they were.",
            "Messages or a program's settings show that they were meant to be cancelled.",
        ),
        (
            "A hedge stood behind the large orders, and its need ended with the fill.",
            "The account quotes both sides all day and cancels alike on either.",
            "News or a move elsewhere came between the fill and the cancellation.",
        ),
    ),
    "layering": Checks(
        (
            "The levels went in and out together, always opposite to the fill, on other days too.",
            "The price moved towards the fill while they stood, and back when they were gone.",
            "A program's settings tie the levels to the order that was to be filled.",
        ),
        (
            "The account is a market maker that pulls both sides on news.",
            "The levels are the steps of an order that was to be worked, and some of them were filled on other days.",
        ),
    ),
    "unauthorised_hft": Checks(
        (
            "The algorithm is not in the account's file, or was changed without a new test.",
            "Nobody at the client can say who may stop it.",
            "It went on after the client was asked.",
        ),
        (
            "A loop in the client's software was broken and is mended; the client shows the log.",
            "The permission was granted before and not yet entered here.",
        ),
    ),
    "abnormal_move": Checks(
        (
            "Few accounts made most of the volume in the move.",
            "Orders around it stand in another alert of these days.",
        ),
        (
            "Results, a dividend, a split or an order of a court became known that day.",
            "The whole market, or the sector, moved alike.",
            "The price is an error of the source: another source does not show it.",
        ),
    ),
}
