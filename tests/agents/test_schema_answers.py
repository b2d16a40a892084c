"""A prompt with an output schema: an answer that keeps it speaks, one that does not leaves the plan's words."""

from __future__ import annotations

import pytest

from agents.agent import Turn
from agents.driver import NARRATOR, run_agent
from agents.registry import build_agents
from agents.request import read_request
from prompts.library import newest_prompt
from tests.llm.routing import Scripted, routed, says
from tools.context import Caller, ToolContext

SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "sure": {"type": "boolean"}},
    "required": ["text", "sure"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("answers", "shown", "asked", "reason"),
    [
        (['{"text": "It moves a lot.", "sure": true}'], "It moves a lot.", 1, None),
        (["It moves a lot.", '{"text": "It moves.", "sure": true}'], "It moves.", 2, None),
        (['{"text": "It moves a lot."}'] * 2, None, 2, "'sure' is a required property"),
        (["no JSON"] * 2, None, 2, "not JSON"),
        (['{"text": "It moves 7 %.", "sure": true}'], None, 1, "the numeral '7' came through no slot"),
    ],
)
async def test_an_answer_is_checked_against_the_prompts_schema(runtime, tmp_path, answers, shown, asked, reason):
    left = iter(answers)
    model = Scripted("m", lambda request: says(next(left))(request))
    agent = build_agents()["risk"]
    context = ToolContext(runtime.desk, runtime.filings, runtime.knowledge, runtime.desk.people.get("analyst"), "r")
    request = read_request("How volatile is Exxon?", runtime.desk.feed.instruments)
    turn = Turn(request, Caller(context, agent.allowed, lambda _: None))
    prompt = newest_prompt("risk").model_copy(update={"output_schema": SCHEMA})
    (tmp_path / "models").mkdir()
    async with routed(tmp_path / "models", model) as models:
        reply = await run_agent(agent, turn, models, prompt)
    assert len(model.asked) == asked
    assert model.asked[0].schema == SCHEMA
    if shown is None:
        assert (reply.model, reason in str(reply.fallback)) == (NARRATOR, True)
        assert "{{f:" in reply.answer.text
    else:
        assert (reply.model, reply.answer.text, reply.fallback) == ("m", shown, None)
