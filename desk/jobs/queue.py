"""The Celery application and its tasks, known by name; `api/worker.py` says what they do.

Delivery is at least once; the effect is once because every task is idempotent by client order id.
A task carries the version of the desk that sent it: a worker of another version leaves it alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from celery import Celery, Task

EXECUTE = "tenor.execute_order"
SWEEP = "tenor.sweep"
RECONCILE = "tenor.reconcile"
SCAN = "tenor.scan"
QUEUE = "tenor.orders"
RESEARCH = "tenor.research"
VERSION_HEADER = "tenor_version"
POLL_S = 0.005
HARD_LIMIT_S = 30
VISIBILITY_S = 120
RESEARCH_VISIBILITY_S = 3_600
SOCKET_S = 5
BEAT: dict[str, timedelta] = {
    SWEEP: timedelta(seconds=10),
    RECONCILE: timedelta(minutes=5),
    SCAN: timedelta(minutes=10),
}
"""Scheduled work. The hard limit is shorter than the visibility timeout, and nothing is sent with a delay."""


def build_celery(redis_url: str = "", queue_name: str = QUEUE) -> Celery:
    """The application: JSON only, late acknowledgement, one task at a time per worker.

    The in-process broker is shared by everything in the process: each desk names its own queue.
    """
    from celery import Celery

    app = Celery("tenor", broker=redis_url or "memory://localhost/", backend=None)
    away = {"socket_timeout": SOCKET_S, "socket_connect_timeout": SOCKET_S}
    transport = {"visibility_timeout": VISIBILITY_S, **away} if redis_url else {"polling_interval": POLL_S}
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=HARD_LIMIT_S if redis_url else None,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=transport,
        task_default_queue=queue_name,
        beat_schedule={name: {"task": name, "schedule": every} for name, every in BEAT.items()},
        enable_utc=True,
    )
    return app


def register(app: Celery, name: str, work: Callable[[str], object], version: str = "") -> None:
    """Says what the task `name` means; later registrations replace earlier ones.

    `work` gets the task's one argument, empty for scheduled work. With `version`, a task that
    another version sent is left to a worker of that version (logged; the sweep sends it again).
    """
    app.tasks.pop(name, None)

    def run(task: Task, about: str = "") -> None:
        sent_by = task.request.get(VERSION_HEADER) or (task.request.headers or {}).get(VERSION_HEADER)
        if version and sent_by and sent_by != version:
            structlog.get_logger("jobs").warning("left to another version", task=name, sent_by=sent_by, here=version)
            return
        work(about)

    app.task(name=name, shared=False, lazy=False, bind=True)(run)


def build_research(broker: str) -> Celery:
    """The application of long work that nobody's order waits for: its own queue, no limit of seconds.

    `broker` is a Redis server's URL or `filesystem://FOLDER`, a folder that tasks lie in.
    """
    from celery import Celery

    kind, _, folder = broker.partition("://")
    app = Celery("tenor-research", broker="filesystem://" if kind == "filesystem" else broker, backend=None)
    lies = f"{folder}/queue"
    if kind == "filesystem":
        for name in (lies, f"{folder}/control"):
            os.makedirs(name, exist_ok=True)
    transport: dict[str, object] = (
        {
            "data_folder_in": lies,
            "data_folder_out": lies,
            "control_folder": f"{folder}/control",
            "polling_interval": 0.1,
        }
        if kind == "filesystem"
        else {
            "visibility_timeout": RESEARCH_VISIBILITY_S,
            "socket_timeout": SOCKET_S,
            "socket_connect_timeout": SOCKET_S,
        }
    )
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options=transport,
        task_default_queue=RESEARCH,
    )
    return app
