"""Studies under way: each in a process of its own, one of a person's at a time, two of everybody's."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from api.apart import Heard, run_apart
from api.studying import Gathered, StudyForm, gather, work
from desk.backtest.tearsheet import print_html, print_pdf
from desk.errors import Conflict, TenorError
from desk.experiments.shelf import Shelf
from desk.factory import Desk

AT_ONCE = 2


class Printed(NamedTuple):
    """A study done, as it is kept."""

    result: str
    html: bytes
    pdf: bytes


def print_study(gathered: Gathered, heard: Heard) -> Printed:
    """The whole of the work; runs anywhere."""
    worked = work(gathered, heard)
    return Printed(worked.result.model_dump_json(), print_html(worked.sheet).encode(), print_pdf(worked.sheet))


@dataclass
class Job:
    """A study under way: what it does now, and how many runs over the days it began."""

    person: str
    step: str = "data"
    runs: int = 0
    unwanted: threading.Event = field(default_factory=threading.Event)


class StudyDesk:
    """Starts, watches and ends studies. Thread-safe."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self.shelf = desk, Shelf(desk.store, desk.wall)
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self.shelf.abandon()

    def start(self, person: str, form: StudyForm) -> str:
        """The study's id; the same form on the same prices is the same study and is not made twice.

        InputError and NotFound for a form that makes no sense; Conflict while another one of the person's runs, or as
        many as may.
        """
        gathered = gather(self._desk, form)
        id = _name(person, gathered)
        with self._lock:
            kept = self.shelf.find(person, id)
            if id in self._jobs or (kept is not None and kept.state == "done"):
                return id
            if any(job.person == person for job in self._jobs.values()):
                raise Conflict("a study of yours is running; wait for it or cancel it")
            if len(self._jobs) >= AT_ONCE:
                raise Conflict(f"{AT_ONCE} studies are running; ask again when one is done")
            job = self._jobs[id] = Job(person)
            self.shelf.begin(person, id, form.model_dump_json())
        threading.Thread(target=self._work, args=(id, job, gathered), name=f"study-{id}", daemon=True).start()
        return id

    def job(self, id: str) -> Job | None:
        """What it does now; None when it is not under way."""
        return self._jobs.get(id)

    def cancel(self, person: str, id: str) -> None:
        """Ends it. NotFound; nothing when it is over already."""
        self.shelf.get(person, id)
        job = self._jobs.get(id)
        if job is not None:
            job.unwanted.set()

    def close(self) -> None:
        """Ends all of them."""
        for job in list(self._jobs.values()):
            job.unwanted.set()

    def _work(self, id: str, job: Job, gathered: Gathered) -> None:
        def heard(step: str) -> None:
            job.step, job.runs = step, job.runs + 1

        try:
            self.shelf.finish(id, *run_apart(print_study, gathered, heard, job.unwanted.is_set))
        except Conflict:
            self.shelf.end(id, "cancelled", "cancelled")
        except TenorError as error:
            self.shelf.end(id, "failed", error.message)
        except Exception as error:  # noqa: BLE001 - a study that broke is a result that the page shows
            structlog.get_logger("studies").exception("study broke", id=id)
            self.shelf.end(id, "failed", f"{type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._jobs.pop(id, None)


def _name(person: str, gathered: Gathered) -> str:
    days = gathered.market.days if gathered.market else gathered.closes.days if gathered.closes else ()
    plain = f"{person}|{gathered.form.model_dump_json()}|{days[-1] if days else ''}"
    return hashlib.sha256(plain.encode()).hexdigest()[:16]
