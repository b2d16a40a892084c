"""The streaming score: kernel and twin bit for bit, what raises it, bounded memory, damaged payments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import InputError
from desk.fraud.scorer import PAYMENT, Scorer, build_stream, native_stream

DAY = 86_400
payment = st.tuples(
    st.integers(0, 3), st.integers(0, 3), st.integers(0, 2**32 - 1), st.floats(0.01, 1e9, allow_nan=False)
)
both = pytest.mark.parametrize("native", [True, False] if native_stream() else [False])


@given(st.lists(payment, min_size=1, max_size=60))
def test_kernel_and_twin_give_the_same_bits(rows):
    if not native_stream():
        pytest.skip("desk._core is absent")
    payments = np.array(rows, PAYMENT)
    batch, twin = Scorer(4), Scorer(4, native=False)
    found, wanted = batch.score_batch(payments), twin.score_batch(payments)
    assert [each.tobytes() for each in found] == [each.tobytes() for each in wanted]
    assert batch.state_hash() == twin.state_hash()
    stream = build_stream(4)
    singles = [stream.one(*row) for row in payments.tolist()]
    assert [value for value, _ in singles] == wanted[0].tolist()
    assert [signs for _, signs in singles] == wanted[1].tolist()
    assert all(0 <= value < 1 for value, _ in singles)


def habit(native, payments=20):
    """A scorer that has seen somebody pay the same shop about 100 once a day."""
    scorer = Scorer(64, native)
    for day in range(payments):
        last = scorer.score_one("ann", "shop", 1_000_000 + day * DAY, 100.0 + day % 3)
    assert last.value < 0.1
    assert last.signs == ()
    return scorer, 1_000_000 + payments * DAY


@both
def test_each_sign_fires_on_what_it_stands_for(native):
    scorer, now = habit(native)
    assert scorer.score_one("ann", "shop", now, 900.0).signs == ("amount",)
    scorer, now = habit(native)
    assert scorer.score_one("ann", "stranger", now, 100.0).signs == ("new_counterpart",)
    scorer, now = habit(native)
    assert scorer.score_one("ann", "shop", now + 100 * DAY, 100.0).signs == ("woken",)
    scorer, now = habit(native)
    scorer.score_one("bob", "ann", now, 5_000.0)
    assert scorer.score_one("ann", "carl", now + 60, 4_900.0).signs == ("amount", "pass_through", "new_counterpart")
    scorer, now = habit(native)
    assert [scorer.score_one("ann", "shop", now + second, 100.0) for second in range(12)][-1].signs == ("velocity",)


@both
def test_a_suspicious_payment_scores_above_a_usual_one(native):
    scorer, now = habit(native)
    usual = scorer.score_one("ann", "shop", now, 101.0).value
    scorer.score_one("bob", "ann", now, 5_000.0)
    assert scorer.score_one("ann", "carl", now + 60, 4_900.0).value > 0.7 > 0.1 > usual


@both
def test_novelty_says_less_of_who_pays_many(native):
    scorer = Scorer(512, native)
    values = [scorer.score_one("payroll", f"p{n}", 1_000_000 + n * DAY, 100.0).value for n in range(300)]
    assert values[5] > 0.2
    assert max(values[-20:]) < 0.05


@both
def test_a_batch_with_a_damaged_payment_changes_nothing(native):
    scorer = Scorer(4, native)
    scorer.score_one("a", "b", 100, 5.0)
    before = scorer.state_hash()
    for wrong in ((0, 9, 1, 1.0), (9, 0, 1, 1.0), (0, 1, -1, 1.0), (0, 1, 2**32, 1.0), (0, 1, 1, 0.0)):
        with pytest.raises(ValueError, match="payment 1 is no payment"):
            scorer.score_batch(np.array([(0, 1, 200, 5.0), wrong], PAYMENT))
    for amount in (0.0, -5.0, float("nan"), float("inf"), 1e19):
        with pytest.raises(InputError, match="is no payment"):
            scorer.score_one("a", "b", 200, amount)
    with pytest.raises(InputError, match="is no payment"):
        scorer.score_one("a", "b", -1, 5.0)
    assert scorer.state_hash() == before


@both
def test_memory_is_bounded_and_names_beyond_share(native):
    scorer = Scorer(8, native)
    for number in range(100):
        scorer.score_one(f"from{number}", f"to{number}", 1_000 + number, 5.0)
    assert scorer.shared == 200 - 8
    with pytest.raises(ValueError, match=r"1 to 2\*\*24 accounts"):
        Scorer(0, native)


@both
def test_late_and_self_payments_are_scored(native):
    scorer, now = habit(native)
    assert 0 <= scorer.score_one("ann", "shop", 5, 100.0).value < 1
    assert 0 <= scorer.score_one("ann", "ann", now, 100.0).value < 1
