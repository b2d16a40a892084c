"""The checks as validators of guardrails-ai: a program that reads one JSON request and writes the findings.

    python -m agents.scan.adapter < request > findings

The only module that imports guardrails, and only ever in a process of its own (`agents.scan.process`, docs/adr/0006).
Nothing leaves this machine: the library's telemetry and remote inference are off by its own settings file, and every
attempt to connect or to look a name up is refused.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.scan.finding import Finding, Material
from agents.scan.validators import run_check

if TYPE_CHECKING:
    from guardrails import Guard

FORBIDDEN = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"})


def keep_inside(home: Path) -> None:
    """Lets this process reach nobody, and tells the library so before it is loaded."""
    (home / ".guardrailsrc").write_text("enable_metrics=false\nuse_remote_inferencing=false\n")
    quiet = {"HOME": str(home), "OTEL_SDK_DISABLED": "true", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    os.environ.update(quiet, NLTK_DATA=str(home), GUARDRAILS_RUN_SYNC="true")

    def refuse(event: str, _: tuple[object, ...]) -> None:
        if event in FORBIDDEN:
            raise PermissionError(f"a scan reaches nobody, and {event} was tried")

    sys.addaudithook(refuse)


def build_guard(names: tuple[str, ...], kept: list[Finding]) -> Guard:
    """A guard of these validators; each tells `kept` what it finds: the library keeps places, but no fix of one."""
    from guardrails import Guard
    from guardrails.classes.validation.validation_result import ErrorSpan, FailResult, PassResult, ValidationResult
    from guardrails.validator_base import Validator, register_validator

    def validator(name: str) -> Validator:
        class Checked(Validator):
            def _validate(self, value: object, metadata: dict[str, Any]) -> ValidationResult:
                text = str(value)
                found = run_check(name, text, metadata["material"])
                kept.extend(found)
                if not found:
                    return PassResult()
                spans = [ErrorSpan(start=one.start, end=one.end, reason=one.why) for one in found]
                return FailResult(error_message=found[0].why, fix_value=mend(text, found), error_spans=spans)

        made = register_validator(name=f"tenor/{name}", data_type="string")(Checked)
        return made(on_fail="noop")

    return Guard().use(*(validator(name) for name in names))  # another call would take the first ones away


def mend(text: str, found: list[Finding]) -> str:
    """The text with every fix that is known, from the end to the beginning."""
    for one in sorted(found, key=lambda each: -each.start):
        if one.fix is not None:
            text = text[: one.start] + one.fix + text[one.end :]
    return text


def scan(request: dict[str, Any]) -> dict[str, object]:
    """`{validators, texts: [{text, material}]}` to `{results: [{passed, findings}], library}`."""
    from guardrails.version import GUARDRAILS_VERSION

    kept: list[Finding] = []
    guard, results = build_guard(tuple(request["validators"]), kept), []
    for each in request["texts"]:
        kept.clear()
        material = Material.model_validate(each["material"])
        outcome = guard.validate(each["text"] or " ", metadata={"material": material})
        told = sorted(kept, key=lambda one: (one.start, one.end, one.validator))
        results.append({"passed": bool(outcome.validation_passed), "findings": [one.model_dump() for one in told]})
    return {"results": results, "library": f"guardrails-ai {GUARDRAILS_VERSION}"}


def main() -> int:
    """One request; the library's own words on stdout are kept out of the answer."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="tenor-scan-") as home:
        keep_inside(Path(home))
        json.dump(scan(json.load(sys.stdin)), out, ensure_ascii=False)
    out.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
