"""Client's JSON schemas: taken only when they are valid, stand alone and are of bounded work to check against."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from api.openai.errors import DoorError, invalid

MOST_NODES = 2_000
"""Parts of a schema, after every reference was followed."""
REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_CODE = "invalid_json_schema"


def check_schema(schema: Mapping[str, JsonValue], where: str) -> None:
    """Returns when an answer can be checked against it; DoorError names why not. Empty means anything goes.

    A reference leads only within the schema and never back into itself, so that nothing is fetched and no answer
    takes long to check; `patternProperties` is refused for the same reason.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    _check_size(schema, where)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise invalid(f"the JSON schema is not valid: {error.message[:200]}", where, _CODE) from None
    except RecursionError:
        raise _wrong("is nested too deeply", where) from None


def _check_size(schema: Mapping[str, JsonValue], where: str) -> None:
    waiting: list[tuple[object, tuple[str, ...]]] = [(schema, ())]
    nodes = 0
    while waiting:
        node, followed = waiting.pop()
        nodes += 1
        if nodes > MOST_NODES:
            raise _wrong(f"has more than {MOST_NODES:,} parts", where)
        if isinstance(node, list):
            waiting += [(part, followed) for part in node if isinstance(part, list | dict)]
        elif isinstance(node, dict):
            if isinstance(node.get("patternProperties"), dict):
                raise _wrong("uses patternProperties, which is not taken", where)
            waiting += [(part, followed) for part in node.values() if isinstance(part, list | dict)]
            for name in REFERENCES:
                if isinstance(reference := node.get(name), str):
                    if reference in followed:
                        raise _wrong(f"refers to itself by {reference[:80]!r}", where)
                    waiting.append((_resolve(schema, reference, where), (*followed, reference)))


def _resolve(schema: Mapping[str, JsonValue], reference: str, where: str) -> object:
    """What a JSON pointer within the schema leads to."""
    found: object = schema
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            found = None
    if not (reference == "#" or reference.startswith("#/")) or not isinstance(found, Mapping | bool):
        raise _wrong(f"refers to {reference[:80]!r}, which is not within it", where)
    return found


def _wrong(what: str, where: str) -> DoorError:
    return invalid(f"the JSON schema {what}", where, _CODE)
