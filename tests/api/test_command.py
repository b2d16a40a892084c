"""The command line is a contract (DESIGN §7): shapes, exit codes, sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desk.trading.matching import kernel_name
from tests.api.running import ColdUp, tenor, tenor_cold

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder of a running desk: commands are handed to it."""
    folder = tmp_path_factory.mktemp("command") / "home"
    up = ColdUp(folder)
    yield folder
    assert up.stop() in (0, 130)


def test_ask_gives_the_comparison_column_as_a_fact_with_document_and_quote(home):
    answer = tenor(home, "ask", "What were Apple's total net sales in 2023?").json
    assert [fact["value"] for fact in answer["facts"]] == [383285000000]
    assert answer["facts"][0]["unit"] == "USD"
    assert answer["citations"][0]["document"] == "Apple Inc. 10-K FY2024"
    assert "383,285" in answer["citations"][0]["quote"]
    assert answer["approval"] is None
    assert not answer["abstained"]
    assert {"route_ms", "first_ms", "total_ms"} <= set(answer["timings"])


def test_a_question_whose_answer_is_not_there_abstains_without_facts(home):
    answer = tenor(home, "ask", "What were Apple's net sales in 2035?").json
    assert answer["abstained"]
    assert answer["facts"] == []


def test_a_trade_waits_is_approved_once_and_is_held_once(home):
    before = _held(home)
    asked = tenor(home, "ask", "Buy 50 AAPL", "--as", "trader").json
    approval = asked["approval"]["id"]
    assert asked["approval"]["order"]["instrument"] == "XNAS:AAPL"
    done = tenor(home, "approvals", "approve", approval, "--as", "trader").json
    assert done["state"] == "approved"
    assert done["order"]["state"] == "filled"
    assert done["order"]["filled"] == 50
    again = tenor(home, "approvals", "approve", approval, "--as", "trader")
    assert again.exit != 0
    assert "answered already: approve by trader" in again.err
    assert _held(home) - before == 50
    orders = tenor(home, "orders", "list").json["orders"]
    assert [order["filled"] for order in orders if order["client_id"].startswith(approval)] == [50]


def test_a_refused_proposal_moves_nothing(home):
    before = _held(home)
    asked = tenor(home, "ask", "Sell 10 AAPL", "--as", "trader").json
    done = tenor(home, "approvals", "reject", asked["approval"]["id"], "--as", "trader2", "--reason", "no view").json
    assert done["state"] == "refused"
    assert _held(home) == before


def test_an_absurd_quantity_is_refused_by_the_dry_run_with_the_limit_named(home):
    answer = tenor(home, "ask", "Buy 5,000,000 AAPL", "--as", "trader")
    assert answer.exit == 0
    assert answer.json["approval"] is None
    assert answer.json["refusal"]["rule"] == "max_order_quantity"
    assert answer.json["refusal"]["limit"] == "100000"


@pytest.mark.parametrize("quantity", ["-5", "0", "NaN", "0.5", "1e30"])
def test_bad_quantities_are_refused_in_one_sentence(home, quantity):
    answer = tenor(home, "ask", f"Buy {quantity} AAPL", "--as", "trader")
    assert answer.json["approval"] is None
    assert answer.exit == 0
    assert answer.json["refusal"]


def test_above_the_threshold_a_second_trader_decides(home):
    asked = tenor(home, "ask", "Buy 1000 AAPL", "--as", "trader").json
    approval = asked["approval"]["id"]
    own = tenor(home, "approvals", "approve", approval, "--as", "trader")
    assert own.exit != 0
    assert "second trader" in own.err
    assert tenor(home, "approvals", "approve", approval, "--as", "analyst").exit != 0
    assert tenor(home, "approvals", "approve", approval, "--as", "trader2").json["order"]["filled"] == 1000


def test_a_customer_above_the_threshold_needs_a_trader_too(home):
    asked = tenor(home, "ask", "Buy 100 AAPL", "--as", "customer").json
    approval = asked["approval"]["id"]
    first = tenor(home, "approvals", "approve", approval, "--as", "customer").json
    assert first["state"] == "waiting"
    assert tenor(home, "approvals", "approve", approval, "--as", "trader").json["order"]["filled"] == 100


def test_approving_and_halting_need_a_name(home):
    for argv in (["approvals", "approve", "ap-1"], ["halt"], ["resume"], ["keys", "list"]):
        done = tenor(home, *argv)
        assert done.exit != 0
        assert "--as" in done.err


def test_a_halted_desk_refuses_and_two_people_resume(home):
    tenor(home, "halt", "--as", "trader", "--reason", "drill")
    answer = tenor(home, "ask", "Buy 50 AAPL", "--as", "trader").json
    assert answer["approval"] is None
    assert answer["refusal"]["rule"] == "halt"
    assert tenor(home, "resume", "--as", "trader").json["halted"]
    assert tenor(home, "resume", "--as", "trader").exit != 0
    assert tenor(home, "resume", "--as", "analyst").exit != 0
    assert not tenor(home, "resume", "--as", "compliance").json["halted"]


def test_the_audit_log_verifies_and_names_a_changed_record(home, tmp_path):
    file = tmp_path / "audit.jsonl"
    assert tenor(home, "audit", "export", "--out", str(file), "--as", "compliance").exit == 0
    verdict = tenor_cold(home, "audit", "verify", str(file))
    assert verdict.json["ok"]
    assert verdict.json["records"] > 5
    lines = file.read_text().splitlines()
    lines[3] = lines[3].replace("kind", "kinb", 1)
    file.write_text("\n".join(lines) + "\n")
    broken = tenor(home, "audit", "verify", str(file))
    assert broken.exit == 1
    assert broken.json["first_bad"]["seq"] == 3


def test_doctor_names_every_back_end_and_fails_for_an_unreachable_one(home):
    rows = tenor_cold(home, "doctor").json
    assert rows["kernel"] == kernel_name()
    assert {row["state"] for row in rows["backends"]} == {"embedded"}
    lost = tenor(home, "doctor", TENOR_CHROMA_URL="http://127.0.0.1:9")
    assert lost.exit == 1
    assert [r["setting"] for r in lost.json["backends"] if r["state"] == "unreachable"] == ["TENOR_CHROMA_URL"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"TENOR_NEO4_URL": "x"}, "did you mean TENOR_NEO4J_URL"),
        ({"TENOR_PORT": "many"}, "TENOR_PORT"),
        ({"TENOR_LOG_LEVEL": "loud"}, "TENOR_LOG_LEVEL"),
        ({"TENOR_REDIS_URL": "localhost:6379"}, "scheme"),
    ],
)
def test_a_wrong_setting_is_one_sentence(home, settings, words):
    done = tenor(home, "doctor", **settings)
    assert done.exit != 0
    assert words in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert json.loads(done.out)["error"]["message"] in done.err


@pytest.mark.parametrize("name", ["TENOR_CHROMA_URL", "TENOR_NEO4J_URL", "TENOR_REDIS_URL", "TENOR_DATABASE_URL"])
def test_up_refuses_to_start_when_a_configured_service_is_unreachable(home, name):
    done = tenor(home.parent / "other", "up", "--no-open", "--port", "0", **{name: "http://127.0.0.1:9"})
    assert done.exit != 0
    assert name in done.err


def test_questions_that_are_no_questions(home):
    for question in ("", "   ", "x" * 100_001, "what is \x00\x01 this"):
        if "\x00" in question:
            question = question.replace("\x00", "\x02")
        done = tenor(home, "ask", question)
        assert done.exit != 0
        assert len(done.err.strip().splitlines()) == 1


def test_an_unknown_person_and_an_unknown_approval(home):
    assert "nobody here is called 'zoe'" in tenor(home, "ask", "hi", "--as", "zoe").err
    missing = tenor(home, "approvals", "show", "ap-none")
    assert missing.exit != 0
    assert "does not exist" in missing.err


def test_without_a_running_desk_each_command_holds_the_folder_itself(tmp_path):
    asked = tenor_cold(tmp_path / "alone", "ask", "Buy 50 AAPL", "--as", "trader").json
    done = tenor(tmp_path / "alone", "approvals", "approve", asked["approval"]["id"], "--as", "trader").json
    assert done["order"]["filled"] == 50
    assert _held(tmp_path / "alone") == 450


def test_a_second_desk_and_a_port_in_use_are_refused(home):
    again = tenor(home, "up", "--no-open", "--port", "0")
    assert again.exit != 0
    assert "running desk at http://127.0.0.1:" in again.err
    port = again.err.rpartition("127.0.0.1:")[2].split("/")[0]
    taken = tenor(home.parent / "other", "up", "--no-open", "--port", port)
    assert taken.exit != 0
    assert f"port {port} is in use" in taken.err


def test_a_folder_from_a_newer_version_is_left_alone(tmp_path):
    home = tmp_path / "newer"
    home.mkdir()
    (home / "VERSION").write_text("99\n")
    done = tenor(home, "orders", "list")
    assert done.exit != 0
    assert "newer version" in done.err
    assert [path.name for path in home.iterdir()] == ["VERSION"]


def test_a_file_in_place_of_the_folder(tmp_path):
    home = tmp_path / "file"
    home.write_text("not a folder")
    done = tenor(home, "orders", "list")
    assert done.exit != 0
    assert "cannot be written" in done.err
    assert home.read_text() == "not a folder"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place where not even root may write")
def test_a_folder_where_nobody_may_write():
    done = tenor(Path("/proc/tenor-home"), "orders", "list")
    assert done.exit != 0
    assert "cannot be written" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_corrupt_filing_is_one_sentence_and_the_others_stay(home, tmp_path):
    bad = tmp_path / "broken.pdf"
    bad.write_bytes(b"%PDF-1.7 and then nothing that is a PDF")
    before = tenor(home, "ask", "What were Apple's total net sales in 2023?").json["facts"]
    done = tenor(home, "ingest", "filings", str(bad))
    assert done.exit != 0
    assert "broken.pdf" in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert tenor(home, "ask", "What were Apple's total net sales in 2023?").json["facts"] == before
    assert tenor(home, "ingest", "filings", str(tmp_path / "missing.html")).exit != 0


def test_keys_are_shown_once_listed_and_revoked(home):
    made = tenor(home, "keys", "create", "--scope", "read,chat", "--expires", "7d", "--as", "analyst").json
    assert made["secret"].startswith("tk_")
    listed = tenor(home, "keys", "list", "--as", "analyst").json["keys"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert "secret" not in listed[0]
    assert tenor(home, "keys", "revoke", made["id"], "--as", "trader").exit != 0
    assert tenor(home, "keys", "revoke", made["id"], "--as", "analyst").exit == 0
    assert tenor(home, "keys", "create", "--scope", "fly", "--as", "analyst").exit != 0


def _held(home: Path):
    rows = tenor(home, "positions").json["positions"]
    return sum(r["quantity"] for r in rows if r["account"] == "desk-1" and r["instrument"] == "XNAS:AAPL")
