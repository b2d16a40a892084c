import gzip
from datetime import date

import pytest

from desk.backends import read_backends
from desk.errors import BackEndUnreachable, DataError, NotFound, SettingError
from desk.filings.edgar import WWW, Edgar, EdgarCompany, fiscal
from desk.filings.edgar_wire import EdgarWire
from desk.settings import Settings, load_settings
from tests.edgar.server import AGENT, APPLE, ORACLE, TEN_K, TEN_Q

DOCUMENT = f"{WWW}/Archives/edgar/data/320193/{TEN_K.replace('-', '')}/aapl-20240928.htm"


def test_a_company_is_found_by_ticker_and_number(edgar):
    assert [edgar.find(who) for who in ("AAPL", "aapl", "320193", "CIK0000320193")] == [APPLE] * 4
    with pytest.raises(NotFound, match="'NONE'"):
        edgar.find("NONE")


def test_filings_tell_their_period_before_they_are_read(edgar):
    company = EdgarCompany(edgar, APPLE)
    titles = {filing.id: (filing.title, filing.filed) for filing in company.filings()}
    assert titles[f"sec-{TEN_K}"] == ("Apple Inc. 10-K FY2024", date(2024, 11, 1))
    assert titles[f"sec-{TEN_Q}"] == ("Apple Inc. 10-Q FY2024 Q3", date(2024, 8, 2))
    oracle = EdgarCompany(edgar, ORACLE).filings()
    assert [f.title for f in oracle] == ["ORACLE CORP 8-K 2024-11-14", "ORACLE CORP 10-Q FY2025 Q1"]
    assert company.fetch(f"sec-{TEN_K}").startswith(b"<?xml")
    with pytest.raises(NotFound):
        company.fetch("sec-0000000000-00-000000")


@pytest.mark.parametrize(
    ("form", "ended", "year_end", "found"),
    [
        ("10-Q", date(2023, 7, 1), "0928", (2023, "Q3")),
        ("10-Q", date(2023, 12, 30), "0928", (2024, "Q1")),
        ("10-Q", date(2024, 10, 27), "0126", (2025, "Q3")),
        ("10-K", date(2024, 5, 31), "0531", (2024, "FY")),
        ("8-K", date(2024, 5, 31), "0531", (None, "")),
        ("10-Q", date(2024, 6, 30), "", (2024, "")),
    ],
)
def test_quarters_follow_the_years_end(form, ended, year_end, found):
    assert fiscal(form, ended, year_end) == found


def test_the_full_text_index_finds_filings(edgar):
    hits = edgar.search('"Rest of Asia Pacific"', forms=["10-K"])
    assert [(hit.accession, hit.form, hit.cik) for hit in hits] == [(TEN_K, "10-K", APPLE)]


def test_the_agent_is_declared_and_requests_keep_their_distance(edgar, server, waiting):
    for _ in range(30):
        edgar.submissions(APPLE)
    assert set(server.agents) == {AGENT}
    assert len(server.requests) == 30
    assert waiting.at >= 29 / 10


def test_what_is_known_is_asked_for_by_condition_and_documents_only_once(edgar, server, tmp_path):
    edgar.submissions(APPLE)
    first = edgar.document(APPLE, TEN_K, "aapl-20240928.htm")
    edgar.close()
    again = Edgar(EdgarWire(AGENT, tmp_path / "edgar", server.url))
    assert again.document(APPLE, TEN_K, "aapl-20240928.htm") == first
    assert again.submissions(APPLE)[0].name == "Apple Inc."
    assert (server.conditional, len(server.requests)) == (1, 3)
    damaged = next(path for path in (tmp_path / "edgar").rglob("*.gz") if path.stat().st_size > 50_000)
    damaged.write_bytes(damaged.read_bytes()[:1000])
    assert again.document(APPLE, TEN_K, "aapl-20240928.htm") == first
    assert len(server.requests) == 4


@pytest.mark.parametrize("fault", ["403", "429", "500", "503", "cut_before", "half"])
def test_faults_are_tried_again_with_growing_pauses(edgar, server, waiting, tmp_path, fault):
    server.faults.script[:] = [fault] * 3
    assert edgar.document(APPLE, TEN_K, "aapl-20240928.htm").rstrip().endswith(b"</html>")
    assert len(server.requests) == 4
    assert [pause for pause in waiting.slept if pause >= 1] == [1.0, 2.0, 4.0]
    server.faults.script[:] = [fault] * 5
    with pytest.raises(BackEndUnreachable, match="5 tries"):
        edgar.submissions(APPLE)
    assert edgar.submissions(APPLE)[0].cik == APPLE


@pytest.mark.parametrize("packed", [False, True])
def test_a_download_that_broke_off_goes_on_where_it_ended(edgar, server, tmp_path, packed):
    server.packed = packed
    server.faults.script[:] = ["broken", "503", "broken"]
    whole = server.bodies[f"/Archives/edgar/data/320193/{TEN_K.replace('-', '')}/aapl-20240928.htm"]
    assert edgar.document(APPLE, TEN_K, "aapl-20240928.htm") == whole
    sent = len(gzip.compress(whole, mtime=0)) if packed else len(whole)
    first = sent // 2
    assert server.asked_from == [first, first + (sent - first) // 2]
    assert not list((tmp_path / "edgar").rglob("*.part"))


def test_what_came_before_giving_up_serves_the_next_process(edgar, server, tmp_path):
    server.faults.script[:] = ["broken", *["503"] * 4]
    with pytest.raises(BackEndUnreachable, match="5 tries"):
        edgar.document(APPLE, TEN_K, "aapl-20240928.htm")
    again = Edgar(EdgarWire(AGENT, tmp_path / "edgar", server.url))
    assert again.document(APPLE, TEN_K, "aapl-20240928.htm").rstrip().endswith(b"</html>")
    assert len(server.asked_from) == 1
    again.close()


@pytest.mark.parametrize("change", ["no ranges", "another body", "damaged part", "part beyond the end"])
def test_what_cannot_be_continued_begins_again(edgar, server, tmp_path, change):
    path = f"/Archives/edgar/data/320193/{TEN_K.replace('-', '')}/aapl-20240928.htm"
    server.ranges = change != "no ranges"
    server.faults.script[:] = ["broken", *["503"] * 4]
    with pytest.raises(BackEndUnreachable, match="5 tries"):
        edgar.document(APPLE, TEN_K, "aapl-20240928.htm")
    (part,) = (tmp_path / "edgar").rglob("*.part")
    if change == "another body":
        server.bodies[path] = server.bodies[path].replace(b"Cupertino", b"Sunnyvale")
    elif change == "damaged part":
        part.write_bytes(part.read_bytes()[:-100])
    elif change == "part beyond the end":
        about, _, raw = part.read_bytes().partition(b"\n")
        longer = raw + b"x" * len(server.bodies[path])
        part.write_bytes(about.replace(str(len(raw)).encode(), str(len(longer)).encode()) + b"\n" + longer)
    assert edgar.document(APPLE, TEN_K, "aapl-20240928.htm") == server.bodies[path]
    assert not part.exists()


def test_a_pause_asked_for_is_kept(edgar, server, waiting):
    server.faults.script[:] = ["429"]
    server.faults.pause_s = 17
    edgar.submissions(APPLE)
    assert 17.0 in waiting.slept


def test_what_is_not_there_is_said_at_once(edgar, server):
    with pytest.raises(NotFound, match="nothing at"):
        edgar.document(APPLE, TEN_K, "other.htm")
    assert len(server.requests) == 1


def test_another_form_of_answer_is_no_guess(edgar, server):
    server.bodies[f"/submissions/CIK{APPLE}.json"] = b'{"cik": 1}'
    with pytest.raises(DataError, match="documented form"):
        edgar.submissions(APPLE)
    server.bodies[f"/submissions/CIK{APPLE}.json"] = b"[1]"
    with pytest.raises(DataError, match="no JSON object"):
        edgar.submissions(APPLE)


def test_a_full_disk_costs_the_cache_only(server, tmp_path):
    (tmp_path / "edgar").write_bytes(b"in the way")
    edgar = Edgar(EdgarWire(AGENT, tmp_path / "edgar", server.url))
    assert edgar.find("ORCL") == ORACLE


def test_the_doctor_tells_of_it(server):
    def row(**given):
        settings = load_settings({f"TENOR_{name.upper()}": value for name, value in given.items()})
        return next(r for r in read_backends(settings) if r.role == "filings")

    assert row().state == "embedded"
    assert (row(edgar_user_agent=AGENT, edgar_base_url=server.url).state) == "connected"
    assert (row(edgar_user_agent=AGENT, edgar_base_url="http://127.0.0.1:9").state) == "unreachable"
    assert Settings().edgar_user_agent == ""
    with pytest.raises(SettingError, match="names no contact"):
        row(edgar_user_agent="curl")
    with pytest.raises(SettingError, match="set both"):
        row(edgar_base_url=server.url)
