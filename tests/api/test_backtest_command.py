"""`tenor backtest` from the words to the files."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from api.arguments import build_parser
from api.commands.research import read_form
from api.studying import gather_market, learned_arm, work
from desk.errors import TenorError
from desk.experiments.portfolios import all_strategies
from tests.api.running import tenor, tenor_cold
from tests.desk.history_feed import history_feed

MEASURES = {
    "sharpe", "sortino", "calmar", "turnover", "drawdown_pct", "exposure_pct", "var_pct", "cvar_pct", "yearly_pct",
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("backtest") / "home"


def test_the_reference_line_of_twenty_stocks_is_reproduced(home):
    for start, sharpe, sortino in (("2010-01-01", 0.93, 1.34), ("2018-01-01", 0.90, 1.29)):
        words = ("--instrument", "stocks", "--start", start, "--free", "--knob", "every=1")
        told = tenor(home, "backtest", "equal_weight", *words).json
        assert len(told["instruments"]) == 20
        assert told["sharpe"] == pytest.approx(sharpe, abs=0.02)
        assert told["sortino"] == pytest.approx(sortino, abs=0.02)
        assert told["drawdown_pct"] == pytest.approx(31.7, abs=0.1)
        assert not told["lookahead"]
        assert told["trades"] > 20 * 250 * 4
        assert told["costs"] == 0


def test_several_instruments_are_searched_judged_and_put_on_paper(home, tmp_path):
    page, paper = tmp_path / "sheet.html", tmp_path / "sheet.pdf"
    words = ("--instrument", "Apple, KO", "--instrument", "GBPJPY", "--start", "2015-01-01", "--end", "2019-12-31")
    files = ("--html", str(page), "--pdf", str(paper))
    told = tenor(home, "backtest", "inverse-volatility", *words, "--optimise", "sortino", *files).json
    assert told["instruments"] == ["XNAS:AAPL", "XNYS:KO", "FX:GBPJPY"]
    assert set(told) >= MEASURES
    assert told["search"]["trials"] == told["sharpe_judged"]["trials"] == 12
    assert told["search"]["end"] < told["start"] <= "2017-07-10"
    assert told["end"] == "2019-12-31"
    assert told["knobs"] == told["search"]["chosen"]
    assert told["gate"]["refused"] <= 0.02 * told["trades"]
    assert told["trades"] > 0 < told["costs"]
    assert told["sharpe_judged"]["low"] < told["sharpe"] < told["sharpe_judged"]["high"]
    assert told["files"] == [str(page), str(paper)]
    html = page.read_text()
    assert html.count("<svg") == html.count('role="img"') == 4
    assert not re.search(r"<script|https?://|src=", html)
    assert f"{told['sharpe']:.2f}" in html
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.read_bytes())).pages)
    assert "Fall from the peak" in text
    assert f"{told['sharpe']:.2f}" in text


def test_one_instrument_still_answers_what_it_answered(home):
    told = tenor_cold(home, "backtest", "moving_average", "--years", "3").json
    assert told["instrument"] == "XNAS:AAPL"
    assert told["baseline"]["strategy"] == "buy and hold"
    assert told["knobs"] == {"fast": 20, "slow": 100}
    assert {"estimate", "low", "high"} == set(told["sharpe_difference"])


def test_files_that_cannot_be_written_are_named(home):
    done = tenor(home, "backtest", "buy_and_hold", "--years", "1", "--html", "/nowhere/at/all.html")
    assert done.exit != 0
    assert "cannot be written" in done.err + done.out


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    return history_feed(tmp_path_factory.mktemp("feed"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("crystal ball",), ", ".join(all_strategies())),
        (("equal_weight", "--instrument", "NOPE"), "NOPE"),
        (("equal_weight", "--base", "XXX"), "no pair converts USD to XXX"),
        (("equal_weight", "--start", "soon"), "soon"),
        (("equal_weight", "--start", "2090-01-01"), "the history goes from"),
        (("equal_weight", "--years", "99"), "between 1 and 40"),
        (("equal_weight", "--optimise", "luck"), "sharpe, sortino, drawdown"),
        (("equal_weight", "--knob", "every"), "every=21"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(feed, words, message):
    args = build_parser().parse_args(["backtest", *words])
    with pytest.raises(TenorError, match=re.escape(message)):
        form = read_form(args)
        assert learned_arm(form.strategy) is None
        work(gather_market(feed, form))
