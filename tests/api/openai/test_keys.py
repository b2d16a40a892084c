"""API keys: how they are kept, what they may have, and what the audit log says of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select, update

from api.commands.dispatch import execute
from desk.errors import Forbidden, InputError
from desk.identity.sessions import ApiKeys
from desk.store.tables import api_keys, ledger
from tests.api.test_http import client, sign_in

__all__ = ["client"]


def row(runtime, id: str):
    with runtime.desk.store.read() as connection:
        return connection.execute(select(api_keys).where(api_keys.c.id == id)).one()


def test_only_a_key_that_signs_keeps_its_secret(runtime):
    keys = runtime.desk.api_keys
    plain, token = keys.create("trader", "k", ["chat"], 1)
    signs, other = keys.create("trader", "k", ["trade"], 1)
    assert row(runtime, plain.id).secret_sealed == b""
    assert token.partition(".")[2] not in str(row(runtime, plain.id))
    with pytest.raises(Forbidden, match="'trade'"):
        keys.signing(plain.id)
    assert keys.signing(signs.id)[1] == other.partition(".")[2]
    assert keys.check(token, "chat").id == plain.id


def test_a_key_made_before_there_were_hashes_still_works(runtime):
    made, token = runtime.desk.api_keys.create("trader", "k", ["trade", "read"], 1)
    with runtime.desk.store.begin() as connection:
        connection.execute(update(api_keys).where(api_keys.c.id == made.id).values(secret_hash=None))
    fresh = ApiKeys(runtime.desk.store, runtime.desk.wall, _master(runtime), runtime.desk.record)
    assert fresh.check(token, "read").id == made.id


def _master(runtime) -> bytes:
    from desk.store.keys import load_key

    return load_key(runtime.desk.folder / "keys" / "master.key")


def test_the_audit_log_knows_of_keys_but_not_their_secrets(runtime):
    made, token = runtime.desk.api_keys.create("trader", "k", ["chat"], 1, Decimal("2.5"))
    for _ in range(2):
        runtime.desk.api_keys.revoke(made.id, "trader")
    with runtime.desk.store.read() as connection:
        found = connection.execute(select(ledger).where(ledger.c.kind.like("key.%")).order_by(ledger.c.seq)).all()
    assert [entry.kind for entry in found] == ["key.created", "key.revoked"]
    assert "2500000000" in str(found[0].envelope)
    assert token.partition(".")[2] not in str(found)


@pytest.mark.parametrize("budget", ["-1", "1000001", "NaN"])
def test_a_budget_is_an_amount(runtime, budget):
    with pytest.raises(InputError, match="budget"):
        runtime.desk.api_keys.create("trader", "k", ["chat"], 1, Decimal(budget))


async def test_the_command_makes_keys_with_a_budget_and_refuses_raw_to_a_customer(runtime, tmp_path):
    words = ["keys", "create", "--scope", "chat,raw", "--budget", "2.50", "--as"]
    made = await execute(runtime, [*words, "analyst"], str(tmp_path), "me")
    refused = await execute(runtime, [*words, "customer"], str(tmp_path), "me")
    listed = await execute(runtime, ["keys", "list", "--as", "analyst"], str(tmp_path), "me")
    assert (made.exit, refused.exit) == (0, 1)
    assert made.result is not None
    assert listed.result is not None
    assert made.result["budget_usd"] == 2.5
    assert "$2.50 a day" in listed.text
    assert runtime.desk.api_keys.list("customer") == []


async def test_the_web_makes_keys_with_a_budget_and_refuses_raw_to_a_customer(client, runtime):
    wish = {"name": "k", "scopes": ["chat", "raw"], "budget_usd": "0.25"}
    csrf = await sign_in(client, runtime, "customer")
    assert (await client.post("/v1/keys", json=wish, headers=csrf)).status_code == 403
    csrf = await sign_in(client, runtime, "analyst")
    made = await client.post("/v1/keys", json=wish, headers=csrf)
    assert made.json()["budget_usd"] == 0.25
    headers = {"authorization": f"Bearer {made.json()['secret']}"}
    assert (await client.get("/v1/models", headers=headers)).status_code == 200
    assert (await client.get("/v1/models")).status_code == 401  # a session alone does not open this door
