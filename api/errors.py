"""Desk errors -> RFC 9457 problem responses. The one border where the tree is caught."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.openai import errors as openai
from desk import errors

STATUS: tuple[tuple[type[errors.TenorError], int], ...] = (
    (errors.NotSignedIn, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Expired, 410),
    (errors.Conflict, 409),
    (errors.InputError, 422),
    (errors.Halted, 423),
    (errors.OrderRefused, 422),
    (errors.BackEndUnreachable, 503),
    (errors.BrokerError, 502),
    (errors.DataError, 503),
    (errors.TenorError, 500),
)
PROBLEM = "application/problem+json"


def status_of(error: errors.TenorError) -> int:
    """The HTTP status of a desk error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def problem(status: int, code: str, detail: str, **more: object) -> dict[str, object]:
    """The body of a problem response; `detail` is one sentence for a person."""
    title = code.replace("_", " ").capitalize()
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code, **more}


def render(path: str, status: int, code: str, detail: str) -> tuple[dict[str, object], str]:
    """Body and media type of a failure on that path: a problem, or OpenAI's shape at its door."""
    if openai.is_ours(path):
        return openai.of_status(status, detail), "application/json"
    return problem(status, code, detail), PROBLEM


def _openai_invalid(error: RequestValidationError) -> dict[str, object]:
    """The first thing that is wrong, with the field it stands in."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != "body")
    message = f"{field}: {first['msg']}" if field else str(first["msg"])
    return openai.body(message, openai.REQUEST, "invalid_value", field or None)


def of_error(error: errors.TenorError) -> dict[str, object]:
    """The problem of a desk error, with the rule, limit and value of a refusal."""
    more: dict[str, object] = {}
    if isinstance(error, errors.OrderRefused):
        more = {**error.details}
    return problem(status_of(error), error.code, error.message, **more)


def install(app: FastAPI) -> None:
    """Registers the handlers."""

    async def on_desk_error(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, errors.TenorError):
            raise error
        if openai.is_ours(request.url.path):
            status, body, headers = openai.of_error(error)
            return JSONResponse(body, status_code=status, headers=headers)
        body = of_error(error)
        return JSONResponse(body, status_code=status_of(error), media_type=PROBLEM)

    async def on_invalid(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, RequestValidationError):
            raise error
        if openai.is_ours(request.url.path):
            return JSONResponse(_openai_invalid(error), status_code=400)
        parts = [f"{'.'.join(str(p) for p in e['loc'] if p != 'body')}: {e['msg']}" for e in error.errors()[:5]]
        return JSONResponse(problem(422, "input", "; ".join(parts)), status_code=422, media_type=PROBLEM)

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            raise error
        body, media = render(request.url.path, error.status_code, "http", str(error.detail))
        return JSONResponse(body, status_code=error.status_code, media_type=media)

    async def on_surprise(request: Request, error: Exception) -> JSONResponse:
        structlog.get_logger("api").error("unexpected failure", path=request.url.path, exc_info=error)
        detail = "something failed that should not have; the log names it by this request"
        body, media = render(request.url.path, 500, "internal", detail)
        return JSONResponse(body, status_code=500, media_type=media)

    app.add_exception_handler(errors.TenorError, on_desk_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_surprise)
