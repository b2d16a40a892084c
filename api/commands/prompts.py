"""`tenor prompts`: versions of the agents' prompts, and which of them this desk uses."""

from __future__ import annotations

from api.commands.seat import Seat
from api.holder import Outcome
from desk.errors import InputError
from desk.identity.roles import Action, check_may
from prompts.labels import Labels
from prompts.library import all_prompts, diff, find_prompt


async def prompts(seat: Seat) -> Outcome:
    """list, show, diff, render, label, stop. Labels are changed by evaluators and administrators."""
    verb, args = seat.args.verb, seat.args
    if verb == "list":
        return _list(seat)
    if verb in ("label", "stop"):
        person = seat.named()
        check_may(person, Action.CHANGE_MODELS)
        labels = seat.runtime.prompts
        if verb == "label":
            return _labelled(labels.set_label(args.id, args.label, person.name, args.share))
        return _labelled(labels.stop(args.agent, person.name, args.reason))
    prompt = find_prompt(args.id)
    if verb == "show":
        shown = prompt.model_dump(mode="json")
        return Outcome(0, shown, f"{prompt.label}: {prompt.purpose}\n\n{prompt.system}\n{prompt.user}")
    if verb == "diff":
        text = diff(prompt, find_prompt(args.other))
        return Outcome(0, {"one": prompt.label, "other": args.other, "diff": text}, text or "no difference")
    system, user = prompt.render(**_values(args.set))
    return Outcome(0, {"prompt": prompt.label, "system": system, "user": user}, f"{system}\n{user}")


def _list(seat: Seat) -> Outcome:
    found = all_prompts()
    labels = {prompt.id: seat.runtime.prompts.of(prompt.id) for prompt in found}
    rows = []
    for prompt in found:
        own = labels[prompt.id]
        label = {own.production: "production", own.candidate: f"candidate for {own.share} %"}.get(prompt.label, "")
        rows.append({"id": prompt.label, "agent": prompt.id, "purpose": prompt.purpose, "label": label})
    return Outcome(0, {"prompts": rows}, "\n".join(f"{r['id']:20} {r['label']:18} {r['purpose']}" for r in rows))


def _labelled(labels: Labels) -> Outcome:
    trial = f"candidate {labels.candidate} for {labels.share} % of people" if labels.candidate else "no candidate"
    return Outcome(0, dict(labels.__dict__), f"{labels.agent}: production {labels.production}, {trial}")


def _values(given: list[str]) -> dict[str, str]:
    values = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise InputError(f"--set {each!r} is not NAME=VALUE")
        values[name] = value
    return values
