import pytest

from agents.case_story import PROMPT as CASE_STORY
from agents.registry import build_agents
from agents.second_vote import PROMPT as SECOND_VOTE
from agents.triage import PROMPT as TRIAGE
from desk.errors import InputError, NotFound
from prompts.library import FOLDER, load_prompt, newest_prompt

TEXT = """id: risk
version: 1
purpose: p
variables: [question]
output: o
system: s
user: "{question}"
"""


def test_every_agent_has_a_prompt_and_every_prompt_an_agent():
    agents = build_agents()
    assert len(agents) == 10
    assert {path.name.split(".")[0] for path in FOLDER.glob("*.yaml")} == {*agents, SECOND_VOTE, CASE_STORY, TRIAGE}
    for name in agents:
        system, user = newest_prompt(name).render(question="Is {x} a slot?", history="none")
        assert "untrusted" in system
        assert "Is {x} a slot?" in user


def test_missing_and_unknown_variables_are_named():
    with pytest.raises(InputError, match=r"missing variables \['history'\], unknown variables \['mood'\]"):
        newest_prompt("risk").render(question="q", mood="m")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("risk.v1.yaml", TEXT.replace("purpose: p\n", ""), "purpose"),
        ("risk.v1.yaml", TEXT + "extra: 1\n", "extra"),
        ("risk.v2.yaml", TEXT, "says it is risk.v1"),
        ("risk.v1.yaml", TEXT.replace("[question]", "[question, mood]"), "declares"),
        ("risk.yaml", TEXT, "not named"),
        ("risk.v1.yaml", "- [", "risk.v1.yaml"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        load_prompt(tmp_path / name)


def test_an_agent_without_a_prompt():
    with pytest.raises(NotFound):
        newest_prompt("nobody")
