"""What a small model is shown and how its choice is read."""

from __future__ import annotations

from desk.llm.chat import Message, Request, ToolCall, ToolExample, ToolSchema
from desk.llm.local.choosing import build_choice, decide, filled, keep_schema, name_tools, opened, score_words
from desk.llm.local.titles import by_title, to_constants, to_titles

CHOICES = {"oneOf": [{"const": "X:A", "title": "Apple"}, {"const": "X:B", "title": "Best Buy"}]}
SCHEMA: dict = {
    "type": "object",
    "properties": {"instruments": {"type": "array", "items": CHOICES}, "days": {"type": "integer"}},
}
QUOTES = ToolSchema("read_quotes", "Prices.", SCHEMA, (ToolExample("Apple?", {"instruments": ["X:A"]}),))
NEWS = ToolSchema("read_news", "News.", SCHEMA)


def request(*messages, tools=(QUOTES, NEWS)):
    return Request(messages, tools)


def test_words_are_short_where_they_are_unique():
    clash = ToolSchema("find_quotes", "", {})
    assert list(name_tools([QUOTES, NEWS])) == ["quotes", "news"]
    assert list(name_tools([QUOTES, clash])) == ["read_quotes", "find_quotes"]
    assert list(name_tools([ToolSchema("say_none", "", {})])) == ["say_none"]


def test_what_stays_the_same_comes_first_and_the_question_last():
    one, two = (build_choice(request(Message("user", asked))) for asked in ("Apple?", "Best Buy?"))
    assert one.messages[:-1] == two.messages[:-1]
    assert one.messages[-1] == {"role": "user", "content": "Apple?"}
    assert opened(one)[-1]["content"] == '{"tool": "'
    assert filled(one, "quotes")[-1]["content"] == '{"tool": "quotes", "arguments": '
    assert one.grammar == 'root ::= "quotes" | "news" | "none"'


def test_examples_and_earlier_calls_look_alike_and_results_are_left_out():
    call = ToolCall("1", "read_quotes", {"instruments": ["X:B"]})
    choice = build_choice(
        request(
            Message("user", "Best Buy?"),
            Message("assistant", "", calls=(call,)),
            Message("tool", "secret result", call_id="1"),
            Message("user", "Thanks"),
            Message("assistant", "You are welcome"),
            Message("user", "And Apple?"),
        )
    )
    said = [message["content"] for message in choice.messages]
    assert '{"tool": "quotes", "arguments": {"instruments":["Apple"]}}' in said
    assert said[-5:] == [
        "Best Buy?",
        '{"tool": "quotes", "arguments": {"instruments":["Best Buy"]}}',
        "Thanks",
        '{"tool": "none"}',
        "And Apple?",
    ]
    assert "secret" not in str(said)


def test_titles_and_constants_go_both_ways():
    value = {"instruments": ["X:A", "X:B"], "days": 3}
    titled = to_titles(SCHEMA, value)
    assert titled == {"instruments": ["Apple", "Best Buy"], "days": 3}
    assert to_constants(SCHEMA, titled) == value
    assert to_constants(SCHEMA, {"instruments": ["Nobody"], "other": [1]}) == {"instruments": ["Nobody"], "other": [1]}
    assert by_title(CHOICES) == {"enum": ["Apple", "Best Buy"]}
    assert '"enum": ["Apple", "Best Buy"]' in keep_schema(SCHEMA)
    assert by_title({"oneOf": [{"type": "string"}]}) == {"oneOf": [{"type": "string"}]}


def test_the_model_may_refuse_whatever_the_examples_say():
    choice = build_choice(request(Message("user", "x")))
    first = [("none", -0.1), ("quo", -2.0), ("", -9.0), ("x", -12.0)]
    scores = score_words(choice, first)
    assert scores == {"quotes": -2.0, "news": -13.0, "none": -0.1}
    assert decide(scores, {"quotes": 1.0, "news": 1.0}) == "none"
    close = {"quotes": -1.0, "news": -1.5, "none": -3.0}
    assert decide(close, {"quotes": 0.2, "news": 0.5}) == "news"
    assert decide(close, {}) == "quotes"
