"""The suite on accounts: what may be read, what is dropped, and that the alarm for leaks rings."""

import csv
import gzip
import io
import os
from pathlib import Path

import numpy as np
import pytest

from desk.errors import InputError
from desk.fraud.accounts import RAW, read_accounts
from desk.fraud.boosting import split
from desk.settings import Settings
from evals.fraud.roc import area
from evals.run import How, check_how, find_suite, run_suite
from evals.suites.fraud_accounts import FILE, LEAK, calibration_error, check, measure, score_folds, score_new
from tests.evals.drawn_accounts import TEXTS, draw

REAL = Path(os.environ.get("TENOR_TEST_DATA", "../shared/data")) / "ethereum_fraud" / "transaction_dataset.csv.gz"


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def marks(text):
    """What the suite keeps out: whether a value is missing, and whether a token has a name."""
    rows = list(csv.DictReader(io.StringIO(text)))
    found = [[float(not row[f" {RAW['erc_all']}"]), float(not row[TEXTS[0]])] for row in rows]
    return np.array(found)


def test_the_shipped_accounts_are_those_that_the_drawing_gives():
    assert FILE.read_text(encoding="utf-8") == draw()


async def test_without_data_the_invented_accounts_give_no_figure():
    result = await run_suite("fraud_accounts", Settings())
    assert result.passed == result.cases == find_suite("fraud_accounts").cases == 2
    assert result.metrics["f1"] is None
    assert result.metrics["auc"] is None
    assert result.metrics["rows"] == 240


async def test_trained_elsewhere_rows_in_both_are_dropped(tmp_path):
    train = written(tmp_path / "train.csv", draw(seed=1))
    half = draw(rows=120, seed=2, first=1000).splitlines()
    both = written(tmp_path / "data.csv", "\n".join([*half, *draw(seed=1).splitlines()[1:31]]))
    result = await run_suite("fraud_accounts", Settings(), both, how=How(train=train))
    assert (result.metrics["rows"], result.metrics["dropped"]) == (120, 30)
    low, auc, high = (result.metrics[name] or 0.0 for name in ("auc_low", "auc", "auc_high"))
    assert auc > 0.7
    assert low < auc < high
    same = await run_suite("fraud_accounts", Settings(), both, how=How(train=train))
    assert same.metrics == result.metrics
    with pytest.raises(InputError, match="one of the two labels is gone"):
        await run_suite("fraud_accounts", Settings(), train, how=How(train=train))


def test_only_a_suite_that_learns_takes_training_data(tmp_path):
    with pytest.raises(InputError, match="cannot --train"):
        check_how(find_suite("books"), How(train=tmp_path))
    with pytest.raises(InputError, match="say with --data"):
        check_how(find_suite("fraud_accounts"), How(train=tmp_path), data=False)


def test_the_alarm_rings_when_missing_value_marks_are_let_in(tmp_path):
    text = draw(marked=True)
    accounts = read_accounts(written(tmp_path / "marked.csv", text))
    honest = measure(score_folds(accounts.features, accounts.labels))
    assert (honest["f1"] or 0.0) <= LEAK
    assert all(case.passed for case in check(honest, 0.0))
    leaking = measure(score_folds(np.hstack([accounts.features, marks(text)]), accounts.labels))
    assert (leaking["f1"] or 0.0) > LEAK
    assert [case.id for case in check(leaking, 0.0) if not case.passed] == ["no_leak"]


def test_index_address_token_names_and_missing_marks_change_nothing(tmp_path):
    rows = list(csv.DictReader(io.StringIO(draw(rows=60, marked=True))))
    plain = read_accounts(written(tmp_path / "a.csv", draw(rows=60, marked=True)))
    for number, row in enumerate(rows):
        row |= {"Index": str(-number), "Address": f"other{number}", TEXTS[0]: "Blockwell", TEXTS[1]: ""}
        row |= {name: value or "0" for name, value in row.items()}
    out = io.StringIO()
    table = csv.DictWriter(out, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(out.getvalue().encode()))
    scrambled = read_accounts(packed)
    assert np.array_equal(plain.features, scrambled.features)
    assert np.array_equal(plain.labels, scrambled.labels)


def test_rows_of_equal_features_are_one(tmp_path):
    lines = draw(rows=30).splitlines()
    again = lines[5].replace(lines[5].split(",")[1], "0xother")
    accounts = read_accounts(written(tmp_path / "twice.csv", "\n".join([*lines, again])))
    assert (len(accounts), accounts.dropped) == (30, 1)


def flagged(text, value):
    """The file with every label replaced."""
    head, *body = (line.split(",") for line in text.splitlines())
    return "\n".join([",".join(head), *(",".join([*row[:2], value, *row[3:]]) for row in body)])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("FLAG", "label"), "has no column 'flag'"),
        (lambda text: text.replace(", sent tnx", ", tnx"), "no column 'sent tnx'"),
        (lambda text: text.replace("\n3,", "\n3,4,"), "row 5 has"),
        (lambda text: flagged(text, "0"), "both must occur"),
        (lambda text: flagged(text, "yes"), "'flag' holds what is no number"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path, change, words):
    with pytest.raises(InputError, match=words):
        read_accounts(written(tmp_path / "wrong.csv", change(draw(rows=30))))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot read none"):
        read_accounts(tmp_path / "none.csv")


def test_area_and_calibration_match_counting_by_hand():
    labels = np.array([True, False, True, False])
    assert area(np.array([0.9, 0.8, 0.7, 0.1]), labels) == 0.75
    assert area(np.array([0.5, 0.5, 0.5, 0.5]), labels) == 0.5
    assert np.isnan(area(np.ones(2), np.array([True, True])))
    assert calibration_error(np.array([0.25, 0.25, 1.0, 0.0]), labels) == pytest.approx((0.5 + 0.0) / 4)


def test_the_real_file_is_learned_without_leaks():
    if not REAL.exists():
        pytest.skip(f"not run: {REAL} is not here; name the folder in TENOR_TEST_DATA")
    accounts = read_accounts(REAL)
    assert accounts.dropped > 200
    fold = split(accounts.labels, 5, seed=7)[0]
    metrics = measure(score_new(accounts.part(~fold), accounts.part(fold)))
    assert (metrics["auc"] or 0.0) >= 0.98
    assert 0.85 <= (metrics["f1"] or 0.0) <= LEAK
