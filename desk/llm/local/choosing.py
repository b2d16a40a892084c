"""How a small model is asked which tool to call: examples, one constrained word, then constrained arguments.

All that stays the same comes first, so that it is read once and found in the prefix cache afterwards. The person's
own words come last. Both steps continue one text: choosing reads the question, filling only adds the word chosen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from desk.llm.chat import Message, Request, ToolSchema
from desk.llm.local.titles import by_title, to_titles

NONE = "none"
DECLINED = "None of the tools offered covers this."
"""What is said when the model chose no tool."""
OPENING = '{"tool": "'
FILLING = '", "arguments": '
WEIGHT = 6.0
"""Of a cosine against a log-probability; chosen on evals/cases/tools_local_dev.jsonl."""
MOST_WORDS = 400
"""Characters of an earlier turn that a choice sees."""
OFF_TOPIC = (
    "Tell me a story.",
    "What is 5 plus 12?",
    "Who is the president of France?",
    "Hello, how are you?",
    "What time is it in Tokyo?",
    "Recommend a good film.",
    "Please pay my electricity bill.",
    "How tall is Mount Everest?",
    "Fix the bug in this code.",
    "Is it going to rain?",
    "Set an alarm for seven.",
    "Send an e-mail to Bob.",
)
"""No tool of a desk does these."""

Wire = dict[str, object]


class Choice(NamedTuple):
    """A question put to the model: the messages, the words it may answer with, and the tool of each (None: no tool)."""

    messages: list[Wire]
    tools: dict[str, ToolSchema | None]

    @property
    def grammar(self) -> str:
        """Allows one of the words and nothing else."""
        return f"root ::= {' | '.join(map(json.dumps, self.tools))}"


def keep_schema(schema: Mapping[str, object]) -> str:
    """A grammar of the schema's JSON values, written without blanks: each is a token that somebody waits for.

    In llguidance's form, which this build of llama.cpp reads; its own `json_schema` parameter lets anything pass there.
    Constants with titles are written by title (`desk.llm.local.titles`).
    """
    written = {**_mapping(by_title(dict(schema))), "x-guidance": {"whitespace_flexible": False}}
    return f"%llguidance {{}}\nstart: %json {json.dumps(written)}"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def build_choice(request: Request) -> Choice:
    """The question which tool does what the last message asks; a request without tools has none to choose."""
    words = name_tools(request.tools)
    lines = [f"{word}: {tool.description}" for word, tool in words.items()]
    system = [message.content for message in request.messages if message.role == "system"]
    head = "You choose the tool that does what the user asks."
    text = "\n".join([*system, head, *lines, f"{NONE}: No tool above does it."])
    messages: list[Wire] = [{"role": "system", "content": text}]
    for asked, said in [*_examples(words), *_turns(request.messages, words)]:
        messages.append({"role": "user", "content": asked})
        if said:
            messages.append({"role": "assistant", "content": said})
    return Choice(messages, {**words, NONE: None})


def score_words(choice: Choice, first: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Each word's log-probability by its first token, shared by words that share it; absent ones get the least."""
    least = min((value for _, value in first), default=0.0) - 1.0
    return {word: max((v for t, v in first if t and word.startswith(t)), default=least) for word in choice.tools}


def decide(scores: Mapping[str, float], likeness: Mapping[str, float]) -> str:
    """No tool when the model thinks that likeliest; else the tool, by the model and by how like its examples it is."""
    tools = [word for word in scores if word != NONE]
    if scores[NONE] > max(scores[word] for word in tools):
        return NONE
    return max(tools, key=lambda word: scores[word] + WEIGHT * likeness.get(word, 0.0))


def opened(choice: Choice) -> list[Wire]:
    """The messages of the choosing step: the answer is begun and lacks the word."""
    return [*choice.messages, {"role": "assistant", "content": OPENING}]


def filled(choice: Choice, word: str) -> list[Wire]:
    """The messages of the filling step: the answer lacks the arguments."""
    return [*choice.messages, {"role": "assistant", "content": f"{OPENING}{word}{FILLING}"}]


def name_tools(tools: Sequence[ToolSchema]) -> dict[str, ToolSchema]:
    """A word for each tool: the last of its name where that is unique (`read_quotes`: quotes), else the whole name."""
    last = [tool.name.rpartition("_")[2] for tool in tools]
    unique = [
        word if word and word != NONE and last.count(word) == 1 else tool.name
        for word, tool in zip(last, tools, strict=True)
    ]
    return dict(zip(unique, tools, strict=True))


def _said(word: str, tool: ToolSchema, arguments: Mapping[str, object]) -> str:
    shown = to_titles(tool.parameters, dict(arguments))
    written = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return f"{OPENING}{word}{FILLING}{written}}}"


_NO_TOOL = f'{OPENING}{NONE}"}}'


def _examples(words: dict[str, ToolSchema]) -> list[tuple[str, str]]:
    """The tools' own examples in turn, and what no tool does in between; none when no tool has any.

    Every round begins with another tool: a small model leans to what it saw last.
    """
    longest = max((len(tool.examples) for tool in words.values()), default=0)
    shown: list[tuple[str, str]] = []
    off = iter(OFF_TOPIC)
    for at in range(longest):
        found = [
            (example.asked, _said(word, tool, example.arguments))
            for word, tool in words.items()
            for example in tool.examples[at : at + 1]
        ]
        between = 2 if at % 2 and len(found) > 2 else 1
        found += [(asked, _NO_TOOL) for asked in islice(off, between)]
        turn = at % max(1, len(found))
        shown += found[turn:] + found[:turn]
    return shown


def _turns(messages: Sequence[Message], words: dict[str, ToolSchema]) -> list[tuple[str, str]]:
    """The person's turns with what was done in each; the last one has no answer yet. Results of tools are left out."""
    by_name = {tool.name: (word, tool) for word, tool in words.items()}
    turns: list[tuple[str, str]] = []
    for message in messages:
        if message.role == "user":
            turns.append((message.content, ""))
        elif message.role == "assistant" and turns:
            calls = [_said(*by_name[c.name], c.arguments) for c in message.calls if c.name in by_name]
            asked, said = turns[-1]
            turns[-1] = (asked, said or (calls[0] if calls else _NO_TOOL))
    return [(asked[:MOST_WORDS], said) for asked, said in turns[:-1]] + turns[-1:]
