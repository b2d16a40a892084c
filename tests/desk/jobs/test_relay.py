"""The relay and the tasks: sent when told, sent again when lost, left alone by another version."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from celery import Celery
from sqlalchemy import insert

from desk.jobs.queue import EXECUTE, SWEEP, VERSION_HEADER, build_celery, register
from desk.jobs.relay import Relay, RelayThread
from desk.store.engine import Store
from desk.store.tables import outbox


class Queue:
    """Where tasks go; `away` refuses them."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.away = False

    def send_task(self, name: str, args: list[str], headers: dict[str, str], **_: object) -> None:
        if self.away:
            raise ConnectionError("the queue is away")
        assert name == EXECUTE
        self.sent += args
        self.headers.append(headers)


@pytest.fixture
def store(tmp_path: Path):
    made = Store.in_folder(tmp_path)
    with made.begin() as connection:
        for n, state in enumerate(("waiting", "sent", "placed", "done", "review"), 1):
            row = {"client_id": state, "journal_seq": n, "state": state, "updated_at": "2026-01-01"}
            connection.execute(insert(outbox).values(row))
    yield made
    made.close()


def build(queue: Queue, store: Store, **more) -> Relay:
    return Relay(queue, store, **more)


def test_only_what_waits_or_may_be_lost_is_sent_again(store) -> None:
    queue = Queue()
    relay = build(queue, store, version="1", resend_s=3_600)
    relay.send("waiting")
    assert relay.sweep() == 1
    assert queue.sent == ["waiting", "sent"]
    assert relay.sweep() == 0, "sent a moment ago"
    assert queue.headers == [{VERSION_HEADER: "1"}] * 2
    again = build(queue, store, resend_s=0)
    assert again.sweep() == again.sweep() == 2


def test_a_queue_that_is_away_costs_no_order(store) -> None:
    queue, heard = Queue(), threading.Event()
    queue.away = True

    def collect(client_id: str) -> None:
        if not client_id:
            queue.away = False
            heard.set()

    thread = RelayThread(lambda: build(queue, store, resend_s=0), collect)
    thread.dispatch("waiting")
    assert heard.wait(20)
    thread.stop()
    thread.stop()
    assert set(queue.sent) == {"waiting", "sent"}


def test_what_a_venue_said_is_collected_when_told(store) -> None:
    said, done = list[str](), threading.Event()

    def collect(client_id: str) -> None:
        said.append(client_id)
        done.set()

    thread = RelayThread(lambda: build(Queue(), store), collect)
    thread.start()
    thread.placed("o-1")
    assert done.wait(10)
    thread.stop()
    assert said[0] == "o-1"


def run_task(app: Celery, name: str, *args: str, headers: dict[str, str] | None = None) -> None:
    app.tasks[name].apply(args=args, headers=headers or {}, throw=True)


def test_a_task_of_another_version_is_left_alone() -> None:
    app, done = build_celery(), list[str]()
    register(app, EXECUTE, done.append, "2")
    run_task(app, EXECUTE, "a", headers={VERSION_HEADER: "1"})
    run_task(app, EXECUTE, "b", headers={VERSION_HEADER: "2"})
    run_task(app, EXECUTE, "c")
    assert done == ["b", "c"]


def test_the_beat_has_the_sweep_and_limits_keep_their_order() -> None:
    app = build_celery("redis://127.0.0.1:1/0")
    assert SWEEP in app.conf.beat_schedule
    assert app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]
    assert (app.conf.task_acks_late, app.conf.accept_content, app.conf.worker_prefetch_multiplier) == (
        True,
        ["json"],
        1,
    )
