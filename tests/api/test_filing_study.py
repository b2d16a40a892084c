"""The doors of studying filings: search with filters, comparing, changes, summaries, cells, finding words."""

from __future__ import annotations

import pytest

from tests.api.test_http import client, sign_in

__all__ = ["client"]
TENTH, QUARTER, PEER = "apple-10-k-2024", "apple-10-q-2024-q3", "oracle-10-q-2025-q1"


@pytest.fixture
async def get(client, runtime):
    await sign_in(client, runtime, "analyst")

    async def ask(path: str, status: int = 200, **query: str):
        answer = await client.get(f"/v1/filings/{path}", params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


async def test_search_keeps_to_its_filters_and_tells_of_vectors(get):
    found = await get("search", q="restructuring plan", company="Oracle Corporation")
    assert found["results"]
    assert {each["filing"] for each in found["results"]} <= {PEER, "oracle-8-k-2024-11-14"}
    scores = [each["score"] for each in found["results"]]
    assert scores == sorted(scores, reverse=True)
    assert found["vectors"]["failure"] == ""
    only = await get("search", q="net sales", form="10-Q", period="FY2024 Q3")
    assert {each["filing"] for each in only["results"]} == {QUARTER}
    assert (await get("search", q="net sales", company="Nobody"))["results"] == []
    assert "q" in str(await get("search", 422, q="a"))


async def test_two_filings_are_compared_by_facts_that_are_cited(get):
    found = await get("compare", first=TENTH, second=TENTH, metrics="revenue,operating_margin")
    revenue, margin = found["rows"]
    assert found["base"].endswith("the year before")
    assert (revenue["first"]["fact"]["value"], revenue["second"]["fact"]["value"]) == ("383285000000", "391035000000")
    assert (revenue["change"]["value"], revenue["change"]["unit"]) == ("2.02", "%")
    assert "383,285" in revenue["first"]["citations"][0]["quote"]
    assert len(margin["second"]["inputs"]) == len(margin["second"]["citations"]) == 2
    peer = await get("compare", first=QUARTER, second=PEER, metrics="revenue")
    assert (peer["same_company"], peer["rows"][0]["change"]["unit"]) == (False, "ratio")
    assert "moonshine" in (await get("compare", 422, first=TENTH, second=TENTH, metrics="moonshine"))["detail"]
    assert (await get("compare", 404, first="none", second=TENTH))["status"] == 404


async def test_changes_of_a_section_both_hold(get):
    pairs = (await get("compare", first=QUARTER, second=TENTH, metrics="revenue"))["sections"]
    legal = next(pair for pair in pairs if "Legal" in pair["title"])
    found = await get("changes", first=QUARTER, second=TENTH, section=legal["second"])
    assert found["changed"] == sum(change["kind"] == "changed" for change in found["changes"])
    assert found["changed"] > 0
    for change in found["changes"]:
        both = {
            mark: "".join(p["text"] for p in change["pieces"] if p["mark"] in ("same", mark)) for mark in ("added",)
        }
        assert change["kind"] != "changed" or both["added"].split() == change["after"]["quote"].split()
    assert (await get("changes", 404, first=QUARTER, second=TENTH, section="s1"))["status"] == 404


async def test_a_summary_cells_and_found_words_are_verbatim_places(get):
    head = await get(TENTH)
    text = {part: await get(f"{TENTH}/blocks", section=part) for part in ("all", "cover")}
    assert len(text["all"]["blocks"]) > 600
    assert all(block["page"] <= 4 for block in text["cover"]["blocks"])
    risk = next(section["id"] for section in head["sections"] if section["title"].endswith("Risk Factors"))
    summary = await get(f"{TENTH}/summary", section=risk)
    assert len(summary["sections"][0]["sentences"]) == 3
    assert len((await get(f"{TENTH}/summary"))["sections"]) > 8
    cells = (await get(f"{TENTH}/cells", section="all"))["cells"]
    tables = {block["id"]: block["rows"] for block in text["all"]["blocks"] if block["rows"]}
    for cell in cells:
        printed = tables[cell["block"]][cell["row"]][cell["column"]]
        assert any(digit in printed for digit in "0123456789")
    totals = [c for c in cells if c["label"] == "Total net sales" and c["value"] == "391035000000"]
    assert {(total["unit"], total["printed_in"]) for total in totals} == {("USD", 6)}
    assert any("12 months ended 2024-09-28" in total["period"] for total in totals)
    found = await get(f"{TENTH}/find", q="epic   GAMES")
    assert found["total"] == len(found["hits"]) > 0
    assert all("Epic Games" in hit["quote"] for hit in found["hits"])
    assert (await get(f"{TENTH}/find", q="moonshine"))["total"] == 0


async def test_nobody_reads_without_signing_in(client):
    assert (await client.get("/v1/filings/search", params={"q": "net sales"})).status_code == 401
