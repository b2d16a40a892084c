"""Structured logs with run and request ids, on stderr, secrets masked.

`bind` puts ids into every later line of the same task or thread.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

_SHOWN = 4


def configure_logs(level: str = "info", secrets: Iterable[str] = ()) -> None:
    """JSON lines on stderr from `level` up; every text that contains a secret is masked.

    Safe to call again; the last call wins.
    """
    hidden = tuple(secret for secret in secrets if len(secret) > _SHOWN)

    def mask(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            if isinstance(value, str):
                for secret in hidden:
                    value = value.replace(secret, "***")
                event[key] = value
        return event

    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="@timestamp"),
        structlog.processors.format_exc_info,
        mask,
        structlog.processors.JSONRenderer(sort_keys=True),
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, force=True, format="%(name)s %(levelname)s %(message)s"
    )


@contextmanager
def bind(**ids: str) -> Iterator[None]:
    """Adds `run=…`, `request=…` and the like to every line logged inside."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield
