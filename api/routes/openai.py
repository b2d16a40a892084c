"""The OpenAI-compatible door in front of the whole desk (docs/openai.md): what can be asked, and asking it."""

from __future__ import annotations

import secrets
from functools import partial

from fastapi import APIRouter, Request, Response

from api.deps import RuntimeDep
from api.openai import serve
from api.openai.answers import Heading
from api.openai.catalogue import ModelEntry, ModelList, describe, find_target, list_targets
from api.openai.desk import ask_desk, check_desk
from api.openai.errors import COMPLETIONS, MODELS
from api.openai.keys import CallerDep, Turnstile
from api.openai.raw import ask_raw, build_ask
from api.openai.shape import ChatIn

router = APIRouter(tags=["openai"])


@router.get(MODELS)
def list_models(runtime: RuntimeDep, caller: CallerDep) -> ModelList:
    """The desk, its agents and the raw models."""
    return ModelList(data=[describe(runtime, target, caller) for target in list_targets(runtime)])


@router.get(MODELS + "/{id:path}")
def read_model(id: str, runtime: RuntimeDep, caller: CallerDep) -> ModelEntry:
    """One of them."""
    return describe(runtime, find_target(runtime, id), caller)


@router.post(COMPLETIONS, response_model=None)
async def create_chat_completion(body: ChatIn, request: Request, runtime: RuntimeDep, caller: CallerDep) -> Response:
    """Asks the desk, an agent or a raw model; whole, or with `stream` as server-sent events."""
    body.check()
    target = find_target(runtime, body.model)
    caller.check_scope(target.scope)
    heading = Heading(secrets.token_hex(8), target.id)
    work: serve.Work
    if target.kind == "model":
        work = partial(ask_raw, runtime, target, body, build_ask(runtime, caller, target, body, heading.id))
    else:
        check_desk(body)
        work = partial(ask_desk, runtime, caller, target, body)
    turnstile: Turnstile = request.app.state.turnstile
    turnstile.enter(caller.grant.key)
    running = serve.Running(request, work, partial(turnstile.leave, caller.grant.key))
    if body.stream:
        usage = body.stream_options is not None and body.stream_options.include_usage
        return await serve.stream(running, heading, usage=usage)
    return await serve.answer(running, heading)
