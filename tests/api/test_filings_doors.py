"""Filings through both doors: taken in from EDGAR, watched, told, and read as they were cited."""

import httpx
import pytest

from api.app import build_app
from api.commands.dispatch import execute
from desk.factory import open_desk
from desk.settings import Settings
from desk.store.folder import DataFolder
from graphs.runtime import open_runtime
from tests.api.test_http import BASE, sign_in
from tests.edgar.server import AGENT, APPLE, ORACLE, TEN_K, EdgarServer, read_form, row


@pytest.fixture
def server():
    made = EdgarServer()
    made.start()
    yield made
    made.stop()


@pytest.fixture
async def system(server, tmp_path):
    folder = DataFolder(tmp_path / "home")
    assert folder.hold({"command": "test"})
    desk = open_desk(Settings(edgar_user_agent=AGENT, edgar_base_url=server.url), folder)
    async with open_runtime(desk) as runtime:
        yield runtime
    desk.close()
    folder.release()


async def run(runtime, cwd, *argv, say=None):
    said = [] if say is None else say
    return await execute(runtime, list(argv), str(cwd), "tester", lambda text, whole: said.append((text, whole)))


async def test_a_company_is_taken_in_with_progress_and_answers(system, tmp_path):
    said: list = []
    done = await run(system, tmp_path, "ingest", "filings", "AAPL", "--forms", "10-K,10-Q", say=said)
    assert (done.exit, [f["state"] for f in done.result["filings"]]) == (0, ["new", "new"])
    assert ["0/2" in said[0][0], "2/2" in said[-1][0], said[-1][1]] == [True, True, True]
    told = [e.body for e in system.desk.bus.since("filings", 0)]
    assert [(b["done"], b["total"]) for b in told] == [(0, 2), (1, 2), (2, 2)]
    assert system.filings.filing(f"sec-{TEN_K}").filing.company == "Apple Inc."
    again = await run(system, tmp_path, "ingest", "filings", "0000320193", "--forms", "10-K")
    assert [f["state"] for f in again.result["filings"]] == ["known"]
    unknown = await run(system, tmp_path, "ingest", "filings", "NOBODY")
    assert (unknown.exit, unknown.error["code"]) == (1, "not_found")
    found = await run(
        system, tmp_path, "filings", "find", '"Rest of Asia Pacific"', "--company", "AAPL", "--forms", "10-K"
    )
    assert [hit["accession"] for hit in found.result["hits"]] == [TEN_K]
    none = await run(system, tmp_path, "ingest", "filings", "AAPL", "--forms", "20-F")
    assert "20-F" in none.error["message"]


async def test_a_bad_file_is_refused_with_its_name(system, tmp_path):
    (tmp_path / "many").mkdir()
    (tmp_path / "many" / "form.xml").write_bytes(read_form("form5.snow.xml"))
    (tmp_path / "many" / "cut.html").write_bytes(b"<html><p>cut")
    both = await run(system, tmp_path, "ingest", "filings", "many")
    assert (both.exit, len(both.result["filings"]), both.result["refused"][0]["name"]) == (1, 1, "cut.html")
    alone = await run(system, tmp_path, "ingest", "filings", "many/cut.html")
    assert (alone.exit, "cut.html" in alone.error["message"]) == (1, True)


async def test_companies_are_watched_by_command_and_told_over_http(system, server, tmp_path):
    denied = await run(system, tmp_path, "filings", "watch", "add", "ORCL", "--as", "trader")
    assert denied.error["code"] == "forbidden"
    added = await run(system, tmp_path, "filings", "watch", "add", "ORCL", "--as", "compliance")
    assert [c["cik"] for c in added.result["companies"]] == [ORACLE]
    line = row("0001341439-24-000160", "8-K", "2024-11-18", "2024-11-14", "o.htm", items="4.02")
    server.file(ORACLE, line, "oracle-8-k-2024-11-14")
    await run(system, tmp_path, "filings", "watch", "now", "--as", "compliance")
    listed = await run(system, tmp_path, "filings", "notices")
    assert [(n["id"][-3:], n["grave"]) for n in listed.result["notices"] if n["kind"] != "overdue"] == [("160", True)]
    assert system.filings.filing("sec-0001341439-24-000160").filing.form == "8-K"
    transport = httpx.ASGITransport(build_app(system, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        assert (await client.get("/v1/filing-watch")).status_code == 401
        csrf = await sign_in(client, system, "compliance")
        notices = (await client.get("/v1/filing-watch/notices", params={"cik": ORACLE})).json()["notices"]
        assert {"deadline 8-K", "restricted_list"} <= {link["rule"] for n in notices for link in n["rules"]}
        put = await client.put("/v1/filing-watch/companies/AAPL", headers=csrf)
        assert (put.status_code, put.json()["cik"]) == (200, APPLE)
        assert (await client.delete("/v1/filing-watch/companies/ORCL", headers=csrf)).status_code == 204
        seen = (await client.get("/v1/filing-watch")).json()
        assert (seen["connected"], [c["cik"] for c in seen["companies"]]) == (True, [APPLE])
        csrf = await sign_in(client, system, "trader")
        assert (await client.put("/v1/filing-watch/companies/ORCL", headers=csrf)).status_code == 403


async def test_a_citation_opens_the_version_it_was_made_on(system, tmp_path):
    name = tmp_path / f"{TEN_K}.html"
    page = "<html><p>FORM 10-K</p><p>Acme Widgets made a profit of {} this year.</p></html>"
    name.write_text(page.format("five"))
    (one,) = (await run(system, tmp_path, "ingest", "filings", str(name))).result["filings"]
    before = system.filings.filing(one["id"])
    start = before.text.index("Acme")
    name.write_text("<html><p>Preface.</p>" + page.format("six")[6:])
    (two,) = (await run(system, tmp_path, "ingest", "filings", str(name))).result["filings"]
    assert (two["id"], two["state"]) == (one["id"], "changed")
    transport = httpx.ASGITransport(build_app(system, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        await sign_in(client, system, "analyst")
        versions = (await client.get(f"/v1/filing-watch/versions/{one['id']}")).json()
        assert versions["earlier"] == [before.sha256]
        where = f"/v1/filing-watch/versions/{one['id']}/{before.sha256}/blocks"
        blocks = (await client.get(where, params={"start": start, "end": start + 4})).json()["blocks"]
        assert [b["text"] for b in blocks] == ["Acme Widgets made a profit of five this year."]


async def test_without_edgar_the_command_names_the_setting(runtime, tmp_path):
    done = await run(runtime, tmp_path, "ingest", "filings", "AAPL")
    assert (done.exit, "TENOR_EDGAR_USER_AGENT" in done.error["message"]) == (1, True)
    listed = await run(runtime, tmp_path, "filings", "watch", "list")
    assert listed.result == {"connected": False, "companies": []}


async def test_the_index_is_checked_rebuilt_and_carried_by_command(runtime, tmp_path):
    vectors = runtime.filings.vectors()
    vectors.close()  # as they stand: some made, some not
    checked = await run(runtime, tmp_path, "filings", "index", "check")
    assert (checked.exit, checked.result["stale"], checked.result["damaged"]) == (0, 0, 0)
    good = checked.result["good"]
    written = await run(runtime, tmp_path, "filings", "index", "snapshot", "v.npz")
    assert written.result["done"] == good
    dropped = await run(runtime, tmp_path, "filings", "index", "rebuild", "--whole")
    assert (dropped.result["done"], dropped.result["good"]) == (good, 0)
    back = await run(runtime, tmp_path, "filings", "index", "restore", "v.npz")
    assert back.result["good"] == good
    unnamed = await run(runtime, tmp_path, "filings", "index", "snapshot")
    assert "name the file" in unnamed.error["message"]
