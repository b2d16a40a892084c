"""When a filing is due, in general terms, with the rule that says so.

Business days are Monday to Friday: public holidays are not counted out, so a due date that spans
one may in truth be later, never earlier. A periodic report that would fall due on a weekend moves
to the next business day (17 CFR 240.0-3). General information, not legal advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

Filer = Literal["large accelerated", "accelerated", "non-accelerated", "any"]


class Term(NamedTuple):
    """So many days for this kind of filer."""

    filer: Filer
    days: int


@dataclass(frozen=True)
class Deadline:
    """One form: who files after what event, within which terms, by which source."""

    form: str
    event: str
    terms: tuple[Term, ...]
    business: bool
    text: str
    source: str


class Due(NamedTuple):
    """When it is due for one kind of filer."""

    filer: Filer
    days: int
    on: date


DEADLINES: tuple[Deadline, ...] = (
    Deadline(
        "Form 4",
        "an insider's transaction",
        (Term("any", 2),),
        True,
        "An officer, director or owner of more than ten percent reports a change in holdings before the end of the "
        "second business day after the transaction.",
        "Securities Exchange Act section 16(a)(2)(C); 17 CFR 240.16a-3(g)",
    ),
    Deadline(
        "Form 3",
        "becoming an insider",
        (Term("any", 10),),
        False,
        "A person who becomes an officer, director or owner of more than ten percent reports within ten days.",
        "Securities Exchange Act section 16(a)(2)(B); 17 CFR 240.16a-3(a)",
    ),
    Deadline(
        "10-K",
        "the end of the fiscal year",
        (Term("large accelerated", 60), Term("accelerated", 75), Term("non-accelerated", 90)),
        False,
        "The annual report is due sixty days after the fiscal year's end for large accelerated filers, seventy-five "
        "for accelerated filers, ninety for all others.",
        "Form 10-K, General Instruction A(2); 17 CFR 249.310",
    ),
    Deadline(
        "10-Q",
        "the end of the fiscal quarter",
        (Term("large accelerated", 40), Term("accelerated", 40), Term("non-accelerated", 45)),
        False,
        "The quarterly report is due forty days after the quarter's end for large accelerated and accelerated "
        "filers, forty-five for all others.",
        "Form 10-Q, General Instruction A(1); 17 CFR 249.308a",
    ),
    Deadline(
        "8-K",
        "the event reported",
        (Term("any", 4),),
        True,
        "A current report is due within four business days after the event, unless an item says otherwise.",
        "Form 8-K, General Instruction B(1); 17 CFR 249.308",
    ),
    Deadline(
        "13F",
        "the end of the calendar quarter",
        (Term("any", 45),),
        False,
        "An institutional manager with at least one hundred million dollars in listed securities reports its "
        "holdings within forty-five days after each calendar quarter's end.",
        "Securities Exchange Act section 13(f)(1); 17 CFR 240.13f-1",
    ),
)


def add_business_days(start: date, days: int) -> date:
    """The date `days` Mondays-to-Fridays after `start`; holidays are not known here."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def next_business_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day


def find_deadlines(words: str) -> list[Deadline]:
    """The forms that these words name, in their order here; empty when they name none."""
    plain = words.casefold().replace("form ", "").replace("-", "").replace(" ", " ")
    tokens = {token.strip(".,;:?!()'s") for token in plain.split()}
    return [d for d in DEADLINES if _token(d.form) in tokens and _meant(d.form, words.casefold())]


def due_dates(deadline: Deadline, event: date) -> list[Due]:
    """When it is due after an event on that day, for each kind of filer."""
    return [
        Due(
            term.filer,
            term.days,
            add_business_days(event, term.days)
            if deadline.business
            else next_business_day(event + timedelta(days=term.days)),
        )
        for term in deadline.terms
    ]


def _token(form: str) -> str:
    return form.casefold().replace("form ", "").replace("-", "")


def _meant(form: str, words: str) -> bool:
    """A lone digit is a form only behind the word "form"."""
    number = form.removeprefix("Form ")
    return not form.startswith("Form ") or f"form {number}" in words or f"forms {number}" in words
