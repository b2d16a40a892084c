"""A case's narrative: the template's words, or a model's where each of them holds to the case."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from agents.agent import Models
from agents.bindings import find_unbound
from agents.driver import ASKED_AS, NARRATOR, purse_of
from agents.vetting import find_foreign
from desk.fraud.alerts import Alert
from desk.fraud.story import Story, tell
from desk.identity.roles import Person
from desk.instruments import Instruments
from desk.llm.chat import Completion, Message
from desk.llm.router import Ask
from prompts.library import newest_prompt

PROMPT = "case_story"
_BULLET = re.compile(r"(?m)^\s*[-*\u2022]\s+")


@dataclass(frozen=True)
class Narrated:
    """Text with slots; `model` is the one whose words these are, `fallback` why a model's were not used."""

    text: str
    story: Story
    model: str = NARRATOR
    fallback: str | None = None

    @property
    def filled(self) -> str:
        """The text with a link to its fact for every number."""
        return self.story.facts.fill(self.text)[0]


async def narrate(alert: Alert, models: Models, instruments: Instruments, person: Person, run: str) -> Narrated:
    """The story of an alert by the first model valid in time, else by the template. Never raises for a model."""
    story = tell(alert)
    if not models.serves(ASKED_AS):
        return Narrated(story.text, story)
    prompt = newest_prompt(PROMPT)
    system, user = prompt.render(template=story.text, facts=_facts(story))
    messages = (Message("system", system), Message("user", user))
    ask = Ask(ASKED_AS, messages, prompt=prompt.label, run=run, person=person.name, purse=purse_of(person))
    routed = await models.complete(ask, last=lambda: Completion(NARRATOR, story.text))
    done = routed.completion
    if done is None or not routed.by_model:
        return Narrated(story.text, story, fallback=routed.reason or "no model answered")
    fault = check(done.text, story, instruments)
    return Narrated(story.text, story, fallback=fault) if fault else Narrated(done.text, story, done.model)


def check(text: str, story: Story, instruments: Instruments) -> str | None:
    """Why a model's text is not used; None when all of it holds to the case."""
    plain = _BULLET.sub("", text)  # a dash that opens a line is no sign of the number behind it
    faults = find_foreign(plain, story.text, story.facts, story.quoted, instruments) or find_unbound(plain, story)
    return f"the model's text was not used: {faults[0]}" if faults else None


def _facts(story: Story) -> str:
    rows = [{"slot": f"{{{{f:{f.id}}}}}", "label": f.label, "value": f.text()} for f in story.facts.all()]
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
