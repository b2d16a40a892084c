"""A person's studies: begun, watched, cancelled, read, and taken away as a tear sheet."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from api.deps import Reader, RuntimeDep
from api.study_desk import StudyDesk
from api.studying import StudyForm, StudyResult
from desk.experiments.shelf import Kept, Paper

router = APIRouter(prefix="/v1/studies", tags=["research"])
_TYPES: dict[Paper, str] = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


class StudyView(BaseModel):
    """One study. While it runs, `step` says what it does and `runs` how many passes over the days it began.

    In lists the result is left out; `error` says why there is none.
    """

    id: str
    at: str
    state: Literal["running", "done", "failed", "cancelled"]
    asked: StudyForm
    step: str
    runs: int
    error: str
    result: StudyResult | None


class StudiesView(BaseModel):
    """A person's studies, newest first; `most` are kept."""

    studies: list[StudyView]


def get_studies(request: Request, runtime: RuntimeDep) -> StudyDesk:
    """The one desk of studies of this application, made at its first use."""
    state = request.app.state
    if not hasattr(state, "studies"):
        state.studies = StudyDesk(runtime.desk)
    found: StudyDesk = state.studies
    return found


Studies = Annotated[StudyDesk, Depends(get_studies)]


@router.post("", status_code=202)
async def start_study(body: StudyForm, studies: Studies, person: Reader) -> StudyView:
    """Begins a study; the same form on the same prices is the same study and is not made twice.

    409 while another one of the person's runs, or as many as may.
    """
    id = await asyncio.to_thread(studies.start, person.name, body)
    return _view(studies, studies.shelf.get(person.name, id))


@router.get("")
def list_studies(studies: Studies, person: Reader) -> StudiesView:
    """The person's own."""
    views = [_view(studies, kept) for kept in studies.shelf.all_of(person.name)]
    return StudiesView(studies=[view.model_copy(update={"result": None}) for view in views])


@router.get("/{id}")
def read_study(id: str, studies: Studies, person: Reader) -> StudyView:
    """One of the person's own, with its result."""
    return _view(studies, studies.shelf.get(person.name, id))


@router.post("/{id}/cancel")
def cancel_study(id: str, studies: Studies, person: Reader) -> StudyView:
    """Ends a study under way; nothing when it is over."""
    studies.cancel(person.name, id)
    return _view(studies, studies.shelf.get(person.name, id))


@router.delete("/{id}", status_code=204)
def remove_study(id: str, studies: Studies, person: Reader) -> None:
    """Takes one off the shelf; 409 while it runs."""
    studies.shelf.remove(person.name, id)


@router.get("/{id}/sheet.{form}")
def read_sheet(id: str, form: Paper, studies: Studies, person: Reader) -> Response:
    """The tear sheet as a file; 409 while there is none."""
    content = studies.shelf.paper(person.name, id, form)
    name = f'attachment; filename="study-{id}.{form}"'
    return Response(content, media_type=_TYPES[form], headers={"content-disposition": name})


def _view(studies: StudyDesk, kept: Kept) -> StudyView:
    job = studies.job(kept.id)
    return StudyView(
        id=kept.id,
        at=kept.at,
        state=kept.state,
        asked=StudyForm.model_validate_json(kept.asked),
        step="" if job is None else job.step,
        runs=0 if job is None else job.runs,
        error=kept.error,
        result=StudyResult.model_validate_json(kept.result) if kept.result else None,
    )
