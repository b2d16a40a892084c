from datetime import date

import pytest

from desk.compliance.deadlines import DEADLINES, add_business_days, due_dates, find_deadlines

BY_FORM = {deadline.form: deadline for deadline in DEADLINES}


@pytest.mark.parametrize(
    ("form", "event", "due"),
    [
        ("Form 4", date(2022, 12, 28), [date(2022, 12, 30)]),
        ("Form 4", date(2022, 12, 29), [date(2023, 1, 2)]),  # a holiday in truth: later, never earlier
        ("Form 4", date(2022, 12, 31), [date(2023, 1, 3)]),
        ("8-K", date(2022, 12, 2), [date(2022, 12, 8)]),
        ("10-K", date(2022, 12, 31), [date(2023, 3, 1), date(2023, 3, 16), date(2023, 3, 31)]),
        ("10-Q", date(2022, 9, 30), [date(2022, 11, 9), date(2022, 11, 9), date(2022, 11, 14)]),
        ("13F", date(2022, 12, 31), [date(2023, 2, 14)]),
        ("13F", date(2022, 9, 30), [date(2022, 11, 14)]),
        ("Form 3", date(2022, 12, 7), [date(2022, 12, 19)]),  # day ten is a Saturday
    ],
)
def test_known_due_dates(form, event, due):
    assert [one.on for one in due_dates(BY_FORM[form], event)] == due


@pytest.mark.parametrize(
    ("words", "forms"),
    [
        ("when is a form 4 due?", ["Form 4"]),
        ("deadlines for the 10-k and the 10q", ["10-K", "10-Q"]),
        ("when must we file 13f", ["13F"]),
        ("8-k?", ["8-K"]),
        ("buy 4 shares", []),
        ("what is due", []),
    ],
)
def test_forms_are_read_from_words(words, forms):
    assert [deadline.form for deadline in find_deadlines(words)] == forms


def test_business_days_skip_weekends():
    assert add_business_days(date(2022, 12, 30), 1) == date(2023, 1, 2)
    assert add_business_days(date(2022, 12, 30), 0) == date(2022, 12, 30)
