"""Studies, leaderboard, states of markets and data quality at the doors, and what the commands say of the same."""

from __future__ import annotations

import asyncio
import re

from api.commands.dispatch import execute
from desk.experiments.arms import ARMS
from desk.experiments.shelf import Shelf
from tests.api.test_risk_door import bearer, client  # noqa: F401 - the fixture

ASKED = {"strategy": "moving_average", "instruments": ["AAPL"], "years": 3, "knobs": {"fast": 10}}


async def finished(client, id: str, key: dict[str, str]) -> dict:  # noqa: F811
    """The study when it is over; it is asked until then."""
    while True:
        told: dict = (await client.get(f"/v1/studies/{id}", headers=key)).json()
        if told["state"] != "running":
            return told
        await asyncio.sleep(0.1)


async def test_a_study_goes_from_data_to_tear_sheet_and_stays_its_owners(runtime, client):  # noqa: F811
    key, other = bearer(runtime, "analyst"), bearer(runtime, "trader")
    begun = await client.post("/v1/studies", json=ASKED, headers=key)
    assert begun.status_code == 202
    id = begun.json()["id"]
    told = await finished(client, id, key)
    assert (told["state"], told["error"]) == ("done", "")
    result = told["result"]
    assert result["sharpe"]["low"] < result["sharpe"]["estimate"] < result["sharpe"]["high"]
    assert result["difference"]["low"] < result["difference"]["high"]
    assert result["verdict"].endswith("buy and hold")
    assert result["mark"].startswith("Simulated")
    curves = result["curves"]
    assert len({len(curves[name]) for name in curves}) == 1
    assert max(curves["fall"]) <= 0
    page = await client.get(f"/v1/studies/{id}/sheet.html", headers=key)
    assert re.search(r"attachment", page.headers["content-disposition"])
    assert f"{result['sharpe']['estimate']:.2f}" in page.text
    paper = await client.get(f"/v1/studies/{id}/sheet.pdf", headers=key)
    assert paper.content.startswith(b"%PDF")
    again = await client.post("/v1/studies", json=ASKED, headers=key)
    assert (again.json()["id"], again.json()["state"]) == (id, "done")
    assert [s["id"] for s in (await client.get("/v1/studies", headers=key)).json()["studies"]] == [id]
    for path in (f"/v1/studies/{id}", f"/v1/studies/{id}/sheet.pdf"):
        assert (await client.get(path, headers=other)).status_code == 404
    assert (await client.get("/v1/studies", headers=other)).json()["studies"] == []
    shell = await execute(runtime, ["backtest", "moving_average", "--years", "3", "--knob", "fast=10"], ".", "tester")
    assert shell.result is not None
    assert shell.result["sharpe"] == result["sharpe"]["estimate"]


async def test_a_study_is_cancelled_and_may_be_asked_again(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    long = {"strategy": "minimum_variance", "instruments": ["stocks"], "years": 20, "goal": "sharpe"}
    id = (await client.post("/v1/studies", json=long, headers=key)).json()["id"]
    busy = await client.post("/v1/studies", json=ASKED, headers=key)
    assert busy.status_code == 409
    assert "cancel it" in busy.text
    assert (await client.delete(f"/v1/studies/{id}", headers=key)).status_code == 409
    await client.post(f"/v1/studies/{id}/cancel", headers=key)
    told = await finished(client, id, key)
    assert told["state"] == "cancelled"
    assert (await client.get(f"/v1/studies/{id}/sheet.pdf", headers=key)).status_code == 409
    assert (await client.delete(f"/v1/studies/{id}", headers=key)).status_code == 204
    assert (await client.get(f"/v1/studies/{id}", headers=key)).status_code == 404


async def test_what_makes_no_sense_is_refused_before_it_begins(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    for change, status, words in (
        ({"strategy": "crystal ball"}, 422, "momentum"),
        ({"instruments": ["NOPE"]}, 404, "NOPE"),
        ({"knobs": {"luck": 3}}, 422, "no knob"),
        ({"years": 99}, 422, "between 1 and 40"),
        ({"start": "soon"}, 422, "soon"),
        ({"strategy": "lstm", "instruments": ["AAPL", "KO"], "knobs": {}}, 422, "one instrument"),
    ):
        answer = await client.post("/v1/studies", json={**ASKED, **change}, headers=key)
        assert answer.status_code == status, change
        assert words in answer.text
    assert (await client.post("/v1/studies", json=ASKED)).status_code == 401
    late = await client.post("/v1/studies", json={**ASKED, "start": "2090-01-01"}, headers=key)
    told = await finished(client, late.json()["id"], key)
    assert told["state"] == "failed"
    assert "the history goes from" in told["error"]


async def test_an_arm_that_learns_is_studied_on_paper_too(runtime, client):  # noqa: F811
    key = bearer(runtime, "evaluator")
    asked = {"strategy": "lstm", "instruments": ["XNAS:AAPL"], "years": 3}
    told = await finished(client, (await client.post("/v1/studies", json=asked, headers=key)).json()["id"], key)
    assert told["state"] == "done", told["error"]
    assert told["result"]["sharpe"]["low"] < told["result"]["sharpe"]["high"]
    assert "survivors" in " ".join(told["result"]["notes"])


async def test_the_leaderboard_has_an_interval_for_every_arm_and_is_kept(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    asked = {"instrument": "XNAS:AAPL", "years": 5}
    told = (await client.get("/v1/experiments/leaderboard", params=asked, headers=key)).json()
    assert told["verdict"] == "none beats the baseline"
    assert {d["arm"] for d in told["differences"]} | {f["arm"] for f in told["failed"]} == set(ARMS) - {"buy_and_hold"}
    assert all(d["low"] <= d["estimate"] <= d["high"] for d in told["differences"])
    shell = await execute(runtime, ["experiments", "run", "--years", "5"], ".", "tester")
    assert shell.result is not None
    assert shell.result["differences"] == told["differences"]
    assert len(list((runtime.desk.folder / "experiments" / "runs").glob("*.json"))) == 1


async def test_states_are_dated_and_their_days_add_up(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    asked = {"instrument": "XNAS:AAPL", "years": 5}
    told = (await client.get("/v1/experiments/regimes", params=asked, headers=key)).json()
    assert [band["name"] for band in told["bands"]] == ["wild", "rising", "thin"]
    for band in told["bands"]:
        ends = [(s["start"], s["end"]) for s in band["stretches"]]
        assert ends == sorted(ends)
        assert all(told["start"] <= start <= end <= told["end"] for start, end in ends)
    assert sum(state["days"] for state in told["states"]) > 1_200
    assert told["now_holds"] in ARMS
    short = await client.get("/v1/experiments/regimes", params={**asked, "years": 39}, headers=key)
    assert short.status_code == 503 or "fewer than" in short.text


async def test_the_history_in_the_box_is_judged_and_its_licences_are_told(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    told = (await client.get("/v1/market/quality", headers=key)).json()
    assert not told["live"]
    assert {s["instrument"] for s in told["series"]} == {i.id for i in runtime.desk.feed.instruments}
    assert all(s["licence"] and s["origin"] for s in told["series"])
    assert sum(sum(s["findings"].values()) for s in told["series"]) == told["total"]
    hole = next(f for f in told["findings"] if f["instrument"] == "CRYPTO:ETHUSD" and f["kind"] == "gap")
    assert hole["start"].startswith("2019-03-20")
    shell = await execute(runtime, ["market", "check"], ".", "tester")
    found = (shell.result or {})["findings"]
    assert isinstance(found, list)
    assert len(found) == told["total"]


async def test_champions_are_told_from_the_record(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    await execute(runtime, ["experiments", "watch", "--years", "5", "--as", "evaluator"], ".", "tester")
    told = (await client.get("/v1/experiments", headers=key)).json()
    assert [c["champion"] for c in told["champions"]] == ["buy_and_hold"]
    assert told["champions"][0]["by"] == "evaluator"
    assert {"equal_weight", "lstm"} <= {s["name"] for s in told["strategies"]}


async def test_erasing_a_person_takes_their_studies(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    id = (await client.post("/v1/studies", json=ASKED, headers=key)).json()["id"]
    await finished(client, id, key)
    shelf = Shelf(runtime.desk.store, runtime.desk.wall)
    with runtime.desk.store.begin() as connection:
        assert shelf.erase_subject(connection, "analyst") == 1
    assert shelf.all_of("analyst") == []


async def test_the_baseline_is_compared_with_nothing(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    asked = {**ASKED, "strategy": "buy_and_hold", "knobs": {}}
    told = await finished(client, (await client.post("/v1/studies", json=asked, headers=key)).json()["id"], key)
    assert told["result"]["difference"] is None
    assert not told["result"]["beats"]


async def test_the_heat_map_is_the_same_in_the_shell_and_has_its_evidence(runtime, client):  # noqa: F811
    told = (await client.get("/v1/market/heat", headers=bearer(runtime, "customer"))).json()
    assert told["label"] == "written for the demonstration, not real news"
    assert {cell["sector"] for cell in told["assets"]} == {cell["name"] for cell in told["sectors"]}
    for cell in told["assets"]:
        assert cell["score"] == cell["scores"][-1]
        assert cell["evidence"]
        assert all(line["known"] <= told["now"] for line in cell["evidence"])
    shell = await execute(runtime, ["market", "heat"], ".", "tester")
    assert shell.result is not None
    assert [cell["name"] for cell in told["sectors"]] == [cell["name"] for cell in listed(shell.result["sectors"])]


def listed(value: object) -> list[dict]:
    assert isinstance(value, list)
    return value
