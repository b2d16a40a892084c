"""Constants with titles (`oneOf: [{const, title}, …]`): a small model writes the title, the call carries the constant.

A model copies "Apple" from the question without fault; it cannot know that the desk writes `XNAS:AAPL`.
"""

from __future__ import annotations

from collections.abc import Mapping


def by_title(schema: object) -> object:
    """The schema with every list of titled constants as an enumeration of its titles."""
    titles = _titles(schema)
    if titles is not None:
        return {"enum": list(titles)}
    if isinstance(schema, dict):
        return {name: by_title(value) for name, value in schema.items()}
    return [by_title(value) for value in schema] if isinstance(schema, list) else schema


def to_constants(schema: object, value: object) -> object:
    """A value that was written by titles, with the constants in their place; unknown titles stay."""
    titles = _titles(schema)
    if titles is not None:
        return titles.get(value, value) if isinstance(value, str) else value
    return _walk(schema, value, to_constants)


def to_titles(schema: object, value: object) -> object:
    """The other way round, for what the model is shown."""
    titles = _titles(schema)
    if titles is not None:
        return next((title for title, constant in titles.items() if constant == value), value)
    return _walk(schema, value, to_titles)


def _walk(schema: object, value: object, change: object) -> object:
    if not isinstance(schema, dict) or not callable(change):
        return value
    if isinstance(value, list):
        return [change(schema.get("items"), item) for item in value]
    if isinstance(value, dict):
        properties = schema.get("properties")
        known = properties if isinstance(properties, dict) else {}
        return {name: change(known.get(name), item) for name, item in value.items()}
    return value


def _titles(schema: object) -> Mapping[str, object] | None:
    """Title -> constant; None when the schema is no list of titled constants."""
    choices = schema.get("oneOf") if isinstance(schema, dict) else None
    if not isinstance(choices, list) or not choices:
        return None
    if not all(isinstance(choice, dict) and "const" in choice and "title" in choice for choice in choices):
        return None
    return {str(choice["title"]): choice["const"] for choice in choices}
