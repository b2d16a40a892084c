"""`tenor models list | test MODEL | calls`; `fetch` needs no desk and is in `weights`."""

from __future__ import annotations

from api.commands.seat import Seat
from api.holder import Outcome
from api.routes.models import ModelCallView, ModelHealthView, call_view, health_views
from desk.identity.roles import Action, check_may
from desk.llm.chat import Message
from desk.llm.local.weights import load_weights
from desk.llm.models import load_table
from desk.llm.router import Ask

SAY = "Answer with the single word: ready"


async def models(seat: Seat) -> Outcome:
    """`list` the models of this desk and those known by name; `test` one; `calls` shows the newest records."""
    if seat.args.verb == "list":
        return _list(seat)
    if seat.args.verb == "test":
        return await _test(seat)
    reader = seat.reader()
    if reader is not None:
        check_may(reader, Action.READ_MODELS)
    views = [call_view(record) for record in seat.runtime.models.book.newest(seat.args.limit, seat.args.run)]
    lines = "\n".join(map(_call_line, views)) or "No model was asked yet."
    return Outcome(0, {"calls": [view.model_dump(mode="json") for view in views]}, lines)


def _list(seat: Seat) -> Outcome:
    configured = health_views(seat.runtime.models).models
    known, local = load_table().values(), load_weights().values()
    result: dict[str, object] = {
        "models": [view.model_dump(mode="json") for view in configured],
        "known": [spec.model_dump(mode="json", by_alias=False) for spec in known],
        "local": [weights.model_dump(mode="json", exclude={"parts"}) for weights in local],
    }
    lines = [_model_line(view) for view in configured] or ["No model is set: agents run their plans (TENOR_LLM_MODEL)."]
    lines += ["", "Known by name, USD per million tokens in/out:"]
    lines += [f"  {s.id:16} {s.price_in:>6}/{s.price_out:<6} {s.context:>7} tokens  {s.provider}" for s in known]
    lines += ["", "To be fetched (`tenor models fetch NAME`, then TENOR_LLM_GGUF=NAME), embedded, data stay here:"]
    lines += [f"  {w.name:16} {w.family:22} {w.size >> 20:>5} MB  {w.licence}" for w in local]
    return Outcome(0, result, "\n".join(lines))


async def _test(seat: Seat) -> Outcome:
    """Asks one model one thing, health or not; exit 1 when it does not answer within the deadlines of a chat."""
    router, name = seat.runtime.models, seat.args.model
    await router.ready()
    asked = Ask("chat", (Message("user", SAY),), person=seat.person().name, models=(name,), max_tokens=64)
    routed = await router.complete(asked)
    (attempt,) = routed.attempts or (None,)
    result: dict[str, object] = {
        "model": name,
        "ok": routed.completion is not None,
        "answer": routed.completion.text if routed.completion else None,
        "reason": routed.reason,
        "first_ms": attempt.first_ms if attempt else None,
        "total_ms": attempt.ms if attempt else None,
        "tokens": routed.tokens,
        "cost_usd": routed.cost_usd,
    }
    if routed.completion is None or attempt is None:
        return Outcome(1, result, f"{name} does not answer: {routed.reason}")
    first = f"first token after {attempt.first_ms:.0f} ms, " if attempt.first_ms is not None else ""
    text = f"{name} answers: {first}whole answer after {attempt.ms:.0f} ms, ${routed.cost_usd:.6f}"
    return Outcome(0, result, text)


def _model_line(view: ModelHealthView) -> str:
    first = "not asked yet" if view.first_ms is None else f"first token {view.first_ms:.0f} ms"
    price = f"{view.price_in:g}/{view.price_out:g}"
    ends = "" if view.ends is None else f"; its provider's end: {view.ends}"
    where = "embedded" if view.provider == "local" else view.provider
    return f"{view.model:24} {where:12} {price:>12} {view.residency:8} {view.circuit:9} {first}{ends}"


def _call_line(view: ModelCallView) -> str:
    who = view.model or "the plan"
    line = f"{view.at[:19]}  {view.task:9} {view.prompt or '-':22} {who:20} {view.ms:7.0f} ms  ${view.cost_usd:.6f}"
    return f"{line}\n{'':21}{view.reason}" if view.reason else line
