"""Bundles: refused when edited or foreign, read by who may, gone with their person; replays change nothing."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import func, select, update

from api.app import build_app
from api.commands.dispatch import execute
from desk.clock import to_iso
from desk.errors import Conflict, Forbidden, InputError, NotFound
from desk.identity.roles import KeyGrant
from desk.ledger.canonical import canonical_bytes
from desk.store.bundle_tables import run_bundles
from desk.store.keys import SubjectKeys
from desk.store.subjects import erase_subject
from desk.store.tables import metadata
from graphs.replay.book import RunBook
from graphs.replay.bundle import FORMAT, Bundle, bundle_hash, read_file, write_file
from graphs.replay.recorded_tools import Strayed
from graphs.replay.replaying import check_code, replay
from graphs.replay.rerunning import Wish, rerun
from tests.api.test_http import BASE, sign_in
from tests.llm.two_models import WORDS, running, two_models

pytestmark = pytest.mark.filterwarnings("ignore")
QUESTION = "How volatile is Exxon?"


async def ask(runtime, question=QUESTION, name="analyst", **more):
    return await runtime.ask(question, runtime.desk.people.get(name), **more)


def counts(runtime):
    """Rows of every table; what waits to be written is written first."""
    runtime.runs.flush()
    runtime.models.book.flush()
    runtime.turns.flush()
    with runtime.desk.store.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def edited(bundle: Bundle, change, *, sealed: bool) -> bytes:
    """A bundle's file after `change`; with `sealed` its hash is right again."""
    document = json.loads(write_file(bundle))
    change(document["bundle"])
    if sealed:
        document["hash"] = bundle_hash(canonical_bytes(document["bundle"]))
    return json.dumps(document).encode()


async def test_a_replayed_proposal_stores_sends_and_records_nothing(runtime):
    answer = await ask(runtime, "Should I buy 10 AAPL?", "trader")
    bundle = runtime.runs.get(answer["run"], None).bundle
    before, waiting = counts(runtime), runtime.desk.approvals.list("waiting")
    found = await replay(bundle)
    assert found.identical
    assert (await replay(read_file(write_file(bundle).encode()).bundle)).identical
    assert counts(runtime) == before
    assert runtime.desk.approvals.list("waiting") == waiting
    assert await runtime.checkpoints.sweep({answer["run"]}) == 0


async def test_a_later_desk_changes_nothing_of_an_earlier_run(runtime):
    answer = await ask(runtime, "What do I hold?", "trader")
    trade = await ask(runtime, "Buy 10 AAPL", "trader")
    await runtime.answer_approval(trade["approval"]["id"], runtime.desk.people.get("trader"), "approve")
    for run in (answer["run"], trade["run"]):
        assert (await replay(runtime.runs.get(run, None).bundle)).identical


async def test_a_file_edited_by_hand_is_refused_by_its_hash(runtime):
    bundle = runtime.runs.get((await ask(runtime))["run"], None).bundle

    def change(plain):
        plain["question"] = "How volatile is Apple?"

    with pytest.raises(Conflict, match="was edited: its hash is"):
        read_file(edited(bundle, change, sealed=False))
    forged = read_file(edited(bundle, change, sealed=True))
    with pytest.raises(Conflict, match="the audit log has"):
        runtime.runs.check_logged(bundle.run, forged.hash)
    with pytest.raises(Strayed, match="called measure_instruments"):
        await replay(forged.bundle)
    assert runtime.runs.check_logged("0123456789abcdef", forged.hash) is False


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda b: b.update(format=FORMAT + 1, product="9.0"), InputError, r"format \d+ .written by Tenor '9.0'"),
        (lambda b: b.pop("question"), InputError, "wrong shape at question"),
        (lambda b: b.update(more=1), InputError, "wrong shape at more"),
    ],
)
async def test_another_format_and_another_shape_are_named(runtime, change, error, words):
    bundle = runtime.runs.get((await ask(runtime))["run"], None).bundle
    with pytest.raises(error, match=words):
        read_file(edited(bundle, change, sealed=True))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"bundle": {}}', b'{"hash": "x", "bundle": 1}', b"\xff\xfe"])
def test_a_file_that_is_no_bundle_is_named(data):
    with pytest.raises(InputError, match="is no run bundle"):
        read_file(data)


def test_a_number_with_a_point_can_only_come_from_an_editor():
    with pytest.raises(Conflict, match="was edited"):
        read_file(b'{"hash": "x", "bundle": {"format": %d, "question": 1.5}}' % FORMAT)


async def test_other_code_is_refused_and_replayed_anyway_only_on_demand(runtime):
    bundle = runtime.runs.get((await ask(runtime))["run"], None).bundle.model_copy(update={"code": "0" * 64})
    with pytest.raises(Conflict, match=r"with code 000000000000, this is [0-9a-f]{12}: .*--anyway"):
        check_code(bundle)
    with pytest.raises(Conflict):
        await rerun(runtime, bundle, None, Wish())
    assert (await rerun(runtime, bundle, None, Wish(anyway=True))).identical


async def test_a_row_edited_in_the_store_is_found_by_the_audit_log(runtime):
    run = (await ask(runtime))["run"]
    runtime.runs.flush()
    with runtime.desk.store.begin() as connection:
        mine = run_bundles.c.run == run
        body = zlib.decompress(connection.execute(select(run_bundles.c.body).where(mine)).scalar_one())
        forged = body.replace(b"Exxon", b"Apple")
        values = {"body": zlib.compress(forged), "hash": bundle_hash(forged)}
        connection.execute(update(run_bundles).where(mine).values(values))
    with pytest.raises(Conflict, match=f"bundle of run {run} was edited"):
        runtime.runs.get(run, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda part: part["calls"].pop(), "the record has no further call"),
        (lambda part: part["calls"].append(part["calls"][0]), "did not call measure_instruments"),
        (lambda part: part["calls"][0].update(result="{}"), "is none of its results"),
        (lambda part: part.update(prompt_hash="0" * 64), "says other things now"),
        (lambda part: part.update(agent="fraud"), "agent risk spoke, the record has fraud there"),
        (lambda part: part.update(served=["chat"]), "asked a model once more"),
    ],
)
async def test_a_run_that_leaves_its_record_says_where(runtime, change, words):
    plain = runtime.runs.get((await ask(runtime))["run"], None).bundle.model_dump(mode="json")
    change(plain["parts"][0])
    with pytest.raises(Strayed, match=words):
        await replay(Bundle.model_validate(plain))


async def test_who_may_read_a_bundle(runtime):
    run, people = (await ask(runtime, name="customer"))["run"], runtime.desk.people
    for name in ("customer", "compliance", "evaluator"):
        assert runtime.runs.get(run, people.get(name)).bundle.run == run
    by_key = KeyGrant("k", ("chat", "read"))
    assert runtime.runs.get(run, replace(people.get("customer"), via=by_key)).bundle.run == run
    for person in (
        *map(people.get, ("analyst", "trader", "admin")),
        replace(people.get("evaluator"), via=by_key),
    ):
        with pytest.raises(NotFound, match="has no recorded bundle"):
            runtime.runs.get(run, person)
    with pytest.raises(NotFound):
        runtime.runs.get("none", people.get("evaluator"))


async def test_bundles_go_with_their_conversation_and_with_their_person(runtime):
    first, second = await ask(runtime), await ask(runtime)
    other = await ask(runtime, name="trader")
    desk = runtime.desk
    with pytest.raises(NotFound):
        runtime.forget(desk.people.get("trader"), first["thread"])
    assert runtime.runs.get(first["run"], None)
    runtime.forget(desk.people.get("analyst"), first["thread"])
    with pytest.raises(NotFound):
        runtime.runs.get(first["run"], None)
    assert runtime.runs.get(second["run"], None)
    keys = SubjectKeys(bytes(32))
    with desk.store.begin() as connection:
        keys.key(connection, "analyst", to_iso(desk.wall.now()))
        gone = erase_subject(connection, keys, [runtime.runs], "analyst", to_iso(desk.wall.now()))
    assert gone == {"recorded runs": 1}
    with pytest.raises(NotFound):
        runtime.runs.get(second["run"], None)
    assert runtime.runs.get(other["run"], None).bundle.person.name == "trader"


async def test_the_newest_are_kept_and_the_old_go(runtime):
    bundle = runtime.runs.get((await ask(runtime))["run"], None).bundle
    book = RunBook(runtime.desk.store, runtime.desk.wall, most=5)
    for n in range(10):
        book.keep(bundle.model_copy(update={"run": f"r{n}", "at": f"2999-01-01T00:00:0{n}.000000Z"}))
    book.keep(bundle.model_copy(update={"run": "old", "at": "2020-01-01T00:00:00.000000Z"}))
    book.trim()
    book.close()
    with runtime.desk.store.read() as connection:
        kept = connection.execute(select(run_bundles.c.run).order_by(run_bundles.c.run)).scalars().all()
    assert kept == ["r5", "r6", "r7", "r8", "r9"]


async def test_another_model_and_another_prompt_are_asked_from_the_evaluators_budget(tmp_path):
    with two_models(tmp_path) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            bundle = runtime.runs.get((await ask(runtime))["run"], None).bundle
            assert (await replay(bundle)).identical
            asked = (len(made.quick.requests), len(made.slow.requests))
            people, day = runtime.desk.people, to_iso(runtime.desk.wall.now())[:10]
            evaluator = people.get("evaluator")
            before = counts(runtime)
            found = await rerun(runtime, bundle, evaluator, Wish(model="slow"))
            assert (found.before.model, found.after.model) == ("quick", "slow")
            assert [(w.before, w.after) for w in found.words] == [("quick", "slow")]
            assert (found.facts, found.tools) == ((), ())
            assert found.after.cost_usd > found.before.cost_usd > 0
            assert runtime.models.money.used(f"user:evaluator:{day}") == round(found.after.cost_usd * 1e9)
            assert (len(made.quick.requests), len(made.slow.requests)) == (asked[0], asked[1] + 1)
            other = "v1" if bundle.parts[0].prompt.endswith("v2") else "v2"
            swapped = await rerun(runtime, bundle, evaluator, Wish(prompts=(f"risk={other}",)))
            assert "prompts" in swapped.fields
            assert (swapped.words, swapped.after.model) == ((), "quick")
            runtime.models.book.flush()
            after = counts(runtime)
            changed = {name for name in before if before[name] != after[name]}
            assert changed <= {"model_calls", "model_budgets"}
            for who, wish, error in (
                (people.get("trader"), Wish(model="slow"), Forbidden),
                (evaluator, Wish(model="best"), NotFound),
                (evaluator, Wish(prompts=("risk=v99",)), NotFound),
                (evaluator, Wish(prompts=("fraud=v1",)), InputError),
                (evaluator, Wish(prompts=("risk.v1",)), InputError),
                (None, Wish(model="slow"), InputError),
            ):
                with pytest.raises(error):
                    await rerun(runtime, bundle, who, wish)


def calls_for(instrument):
    """A model that calls a tool for an instrument and then speaks."""

    def reply(request):
        if request["messages"][-1]["role"] == "tool":
            return {"content": f"{WORDS['slow']} {'refused' if 'error' in request['messages'][-1]['content'] else ''}"}
        call = {"name": "measure_instruments", "arguments": json.dumps({"instruments": [instrument]})}
        return {"content": "", "tool_calls": [{"id": "c", "type": "function", "function": call}]}

    return reply


async def test_calls_that_another_model_adds_are_told_and_not_made(tmp_path):
    with two_models(tmp_path, slow=calls_for("XNAS:AAPL")) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            bundle = runtime.runs.get((await ask(runtime))["run"], None).bundle
            found = await rerun(runtime, bundle, runtime.desk.people.get("evaluator"), Wish(model="slow"))
            (added,) = found.tools
            assert (added.agent, added.tool, added.before) == ("risk", "measure_instruments", None)
            assert "XNAS:AAPL" in str(added.after)
            told = made.slow.requests[-1]["messages"][-1]["content"]
            assert "this replay holds no result of measure_instruments" in told
            assert found.after.model == "slow"


async def test_the_command_line_exports_replays_and_refuses(runtime, tmp_path):
    async def tenor(*words):
        return await execute(runtime, list(words), str(tmp_path), "test")

    run = (await ask(runtime))["run"]
    same = await tenor("replay", run)
    assert (same.exit, same.result["identical"], same.text) == (0, True, "Identical, byte for byte.")
    assert (await tenor("runs", "export", run, "run.json")).exit == 0
    from_file = await tenor("replay", "--file", "run.json")
    assert (from_file.exit, from_file.result["in_audit_log"], from_file.result["same_code"]) == (0, True, True)
    bundle = read_file((tmp_path / "run.json").read_bytes()).bundle
    changed = bundle.model_dump(mode="json")
    changed["run"] = "f" * 16
    for fact in changed["parts"][0]["calls"][0]["facts"]:
        fact["value"] = str(float(fact["value"]) + 1)
    (tmp_path / "other.json").write_text(write_file(Bundle.model_validate(changed)))
    differs = await tenor("replay", "--file", "other.json")
    assert (differs.exit, differs.result["identical"], differs.result["in_audit_log"]) == (1, False, False)
    assert "Facts changed:" in differs.text
    assert "[-" in differs.text
    (tmp_path / "bad.json").write_bytes(b"{}")
    for words in (["--file", "bad.json"], ["--file", "gone.json"], [], [run, "--file", "run.json"], ["nope"]):
        assert (await tenor("replay", *words)).exit != 0
    assert (await tenor("replay", run, "--as", "trader")).exit != 0
    assert (await tenor("replay", run, "--model", "x", "--as", "evaluator")).exit != 0


async def test_the_http_door(runtime, tmp_path):
    run = (await ask(runtime))["run"]
    transport = httpx.ASGITransport(build_app(runtime, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        path = f"/v1/runs/{run}"
        assert (await client.get(f"{path}/bundle")).status_code == 401
        csrf = await sign_in(client, runtime, "trader")
        assert (await client.get(f"{path}/bundle")).status_code == 404
        assert (await client.post(f"{path}/replay", json={}, headers=csrf)).status_code == 404
        csrf = await sign_in(client, runtime, "analyst")
        kept = await client.get(f"{path}/bundle")
        assert read_file(kept.content).bundle.run == run
        done = (await client.post(f"{path}/replay", json={}, headers=csrf)).json()
        assert (done["identical"], done["same_code"], done["words"]) == (True, True, [])
        wish = {"prompts": ["risk=v1"]}
        assert (await client.post(f"{path}/replay", json=wish, headers=csrf)).status_code == 403
        csrf = await sign_in(client, runtime, "evaluator")
        assert (await client.post(f"{path}/replay", json=wish, headers=csrf)).status_code == 200
        assert (await client.post(f"{path}/replay", json={"prompts": ["x"]}, headers=csrf)).status_code == 422


async def test_many_runs_at_once_are_kept_apart(runtime):
    answers = await asyncio.gather(*(ask(runtime, f"How volatile is {name}?") for name in ("Exxon", "Apple", "Tesla")))
    for answer in answers:
        found = await replay(runtime.runs.get(answer["run"], None).bundle)
        assert found.identical
