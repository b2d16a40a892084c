from __future__ import annotations

import ast
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from desk.errors import NotFound
from desk.ledger import verify
from desk.ledger.log import Entry, Ledger
from desk.ledger.merkle import node_hash, proves_consistency
from desk.store.engine import Store

TIME = "2024-03-01T15:00:00.000000Z"
KEY = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.in_folder(tmp_path)
    yield store
    store.close()


def entry(n: int, **more: Any) -> Entry:
    return Entry("order.accepted", "desk", TIME, TIME, {"n": n, "price": "180.02"}, **more)


def make_ledger(store: Store, count: int) -> Ledger:
    ledger = Ledger(store, KEY)
    with store.begin() as connection:
        ledger.append_all(connection, [entry(n) for n in range(count)])
    return ledger


def test_an_entry_that_rolls_back_never_was(store: Store) -> None:
    ledger = make_ledger(store, 2)
    with pytest.raises(ValueError, match="float"), store.begin() as connection:
        ledger.append_all(connection, [entry(9), Entry("order.accepted", "desk", TIME, TIME, {"price": 1.5})])
    with store.begin() as connection:
        assert ledger.append(connection, entry(2, payload=b"sealed", journal_seq=7)) == 3
    assert ledger.last_journal_seq() == 7
    assert ledger.verify()["ok"]
    assert ledger.sign_head(TIME).size == 3
    assert ledger.sign_head("later") == ledger.head()


def test_the_store_refuses_to_rewrite(store: Store) -> None:
    make_ledger(store, 2)
    for change in ("UPDATE ledger SET kind = 'x'", "DELETE FROM ledger"):
        with pytest.raises(DBAPIError, match="append-only"), store.begin() as connection:
            connection.execute(text(change))


def test_writers_in_many_threads_make_one_chain(store: Store) -> None:
    ledger = Ledger(store, KEY)

    def work(n: int) -> None:
        for k in range(10):
            with store.begin() as connection:
                ledger.append(connection, entry(100 * n + k))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = ledger.verify()
    assert (found["ok"], found["records"]) == (True, 40)


def test_a_float_is_refused(store: Store) -> None:
    ledger = make_ledger(store, 1)
    with pytest.raises(ValueError, match="float"), store.begin() as connection:
        ledger.append(connection, Entry("k", "s", TIME, TIME, {"deep": [{"x": 0.1}]}))
    assert ledger.verify()["records"] == 1


def test_proofs_lead_to_the_signed_root(store: Store) -> None:
    ledger = make_ledger(store, 13)
    head = ledger.sign_head(TIME)
    for seq in range(1, 14):
        proof = ledger.inclusion(seq)
        node = bytes.fromhex(proof.leaf_hash)
        for step in proof.path:
            other = bytes.fromhex(step.hash)
            node = node_hash(other, node) if step.side == "left" else node_hash(node, other)
        assert node.hex() == proof.root == head.root
    with store.begin() as connection:
        ledger.append_all(connection, [entry(n) for n in range(20)])
    newer = ledger.sign_head(TIME)
    path = [bytes.fromhex(step) for step in ledger.consistency(13, 33)]
    assert proves_consistency(13, 33, bytes.fromhex(head.root), bytes.fromhex(newer.root), path)
    for seq in (0, 34):
        with pytest.raises(NotFound):
            ledger.inclusion(seq)
    with pytest.raises(NotFound):
        ledger.consistency(0, 5)


@pytest.mark.parametrize(
    ("change", "seq"),
    [
        ("UPDATE ledger SET envelope = replace(envelope, '180.02', '181.02') WHERE seq = 5", 5),
        ("DELETE FROM ledger WHERE seq = 5", 5),
        ("DELETE FROM ledger WHERE seq > 8", 9),
        ("UPDATE ledger SET leaf_hash = replace(leaf_hash, 'a', 'b') WHERE seq = 3", 3),
        ("UPDATE ledger SET kind = 'order.refused' WHERE seq = 4", 4),
        ("UPDATE ledger_heads SET size = 11 WHERE size = 10", 11),
    ],
)
def test_tampering_with_the_store_is_named(store: Store, change: str, seq: int) -> None:
    ledger = make_ledger(store, 10)
    ledger.sign_head(TIME)
    with store.begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_no_UPDATE"))
        connection.execute(text("DROP TRIGGER ledger_no_DELETE"))
        connection.execute(text(change))
    found = ledger.verify()
    assert not found["ok"]
    assert found["first_bad"] is not None
    assert found["first_bad"]["seq"] == seq


@pytest.fixture
def export(store: Store, tmp_path: Path) -> Path:
    ledger = make_ledger(store, 6)
    ledger.sign_head(TIME)
    with store.begin() as connection:
        ledger.append_all(connection, [entry(n) for n in range(6)])
    ledger.export(tmp_path / "export.jsonl", TIME)
    return tmp_path / "export.jsonl"


def rehash(line: str, **changes: object) -> str:
    """The record with its envelope changed and its leaf hash made anew."""
    plain = json.loads(line)
    envelope = json.loads(plain["envelope"]) | changes
    plain["envelope"] = json.dumps(envelope, sort_keys=True, separators=(",", ":"))
    plain["leaf_hash"] = sha256(b"\x00" + plain["envelope"].encode()).hexdigest()
    return json.dumps(plain) + "\n"


def renumber(line: str, seq: int) -> str:
    return json.dumps(json.loads(line) | {"seq": seq}) + "\n"


def forged_next(line: str) -> str:
    return rehash(renumber(line, 13), seq=13, prev=json.loads(line)["leaf_hash"])


TAMPERINGS: dict[str, tuple[Callable[[list[str]], list[str]], int]] = {
    "mutate": (lambda lines: [*lines[:5], lines[5].replace("180.02", "999.99"), *lines[6:]], 5),
    "mutate and hash again": (lambda lines: [*lines[:5], rehash(lines[5], body={"n": 666}), *lines[6:]], 5),
    "mutate the link": (lambda lines: [*lines[:5], rehash(lines[5], prev="00"), *lines[6:]], 5),
    "mutate the last and hash again": (lambda lines: [*lines[:12], rehash(lines[12], body={"n": 666})], 7),
    "delete": (lambda lines: lines[:5] + lines[6:], 5),
    "delete the first": (lambda lines: lines[:1] + lines[2:], 1),
    "delete and renumber": (lambda lines: lines[:5] + [renumber(x, n) for n, x in enumerate(lines[6:], 5)], 5),
    "insert": (lambda lines: [*lines[:5], rehash(lines[5], body={"n": 666}), *lines[5:]], 5),
    "repeat": (lambda lines: [*lines[:6], lines[5], *lines[6:]], 5),
    "reorder": (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], 4),
    "truncate": (lambda lines: lines[:10], 10),
    "append": (lambda lines: [*lines, forged_next(lines[12])], 13),
    "garbage": (lambda lines: [*lines[:5], "not json\n", *lines[6:]], 5),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_with_an_export_is_named(export: Path, name: str) -> None:
    change, seq = TAMPERINGS[name]
    lines = export.read_text().splitlines(keepends=True)
    export.write_text("".join(change(lines)))
    found = verify.verify_file(export)
    assert not found["ok"]
    assert found["first_bad"] is not None
    assert found["first_bad"]["seq"] == seq, found


def test_every_single_byte_changed_is_caught(export: Path) -> None:
    data = export.read_bytes()
    start = data.index(b"\n") + 1
    for at in range(start, len(data), 37):
        if data[at : at + 1] in b" \n":
            continue
        changed = bytearray(data)
        changed[at] ^= 1
        export.write_bytes(changed)
        assert not verify.verify_file(export)["ok"], at


def test_a_forged_signature_and_a_strange_key_are_named(export: Path) -> None:
    good = verify.verify_file(export)
    assert (good["ok"], good["records"], good["signatures"]) == (True, 12, "checked")
    assert verify.verify_file(export, good["key"])["ok"]
    assert not verify.verify_file(export, "00" * 32)["ok"]
    opening, rest = export.read_text().split("\n", 1)
    plain = json.loads(opening)
    plain["heads"][0]["time"] = "2020-01-01T00:00:00.000000Z"
    export.write_text(json.dumps(plain) + "\n" + rest)
    assert verify.verify_file(export)["first_bad"] == {
        "seq": 6,
        "why": "the signature of the head of 6 records is wrong",
    }
    export.write_text(rest)
    assert not verify.verify_file(export)["ok"]


def test_the_verifier_stands_alone(export: Path, tmp_path: Path) -> None:
    source = Path(verify.__file__).read_text()
    imported = {
        (node.module or "").partition(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported - sys.stdlib_module_names == {"cryptography"}
    alone = tmp_path / "elsewhere" / "verify.py"
    alone.parent.mkdir()
    alone.write_text(source)
    run = [sys.executable, "-I", "-S", str(alone), str(export)]  # -S: no installed packages, so no cryptography
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], found["records"], found["first_bad"]) == (0, True, 12, None)
    assert found["signatures"].startswith("not checked: install")
    export.write_text(export.read_text().replace("180.02", "180.03", 1))
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["first_bad"]["seq"]) == (1, 1)
