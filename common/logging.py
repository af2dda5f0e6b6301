"""One line per request and per task: JSON for machines, readable on a terminal. Nobody's text, nobody's phone.

``configure`` is LOGGING_CONFIG; ``LOGGING`` is {"level": "INFO"}. Everything goes to stderr, where the launcher,
systemd or the container engine collects it.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from common.privacy import conceal

Line = MutableMapping[str, Any]

_OURS = {"request_id", "id", "timestamp", "level", "logger"}  # numbers of ours may look like a phone's
# PostgreSQL quotes the row that failed
_ROW = re.compile(r"^(DETAIL|CONTEXT|LINE \d+|QUERY):.*$", re.MULTILINE)


def configure(wanted: Mapping[str, Any]) -> None:
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    is_terminal = sys.stderr.isatty()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*chain, structlog.stdlib.add_logger_name],
        "processors": list(readable() if is_terminal else for_machines()),
    }
    quiet = {"level": "ERROR"}  # what they say below that, our own lines say better
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": wanted["level"]},
            "loggers": {
                "django": {"handlers": [], "propagate": True},
                "django.request": quiet,
                "django.server": {"handlers": [], "propagate": True, **quiet},
                "axes": quiet,
                "celery": {"level": "WARNING"},
                "celery.app.trace": {"level": "CRITICAL"},  # repeats arguments; common.tasks says the rest
                "kombu": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *chain,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def for_machines() -> tuple[Any, ...]:
    return (
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        without_persons,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    )


def readable() -> tuple[Any, ...]:
    return (
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        without_persons,
        structlog.dev.ConsoleRenderer(),
    )


def without_persons(logger: Any, method: str, line: Line) -> Line:
    """The last look before a line is written."""
    return {
        key: redacted(value) if isinstance(value, str) and key not in _OURS else value
        for key, value in line.items()
    }


def redacted(text: str) -> str:
    """Without phone numbers and without the rows that PostgreSQL quotes in its errors."""
    return conceal(_ROW.sub(r"\1: …", text))[0]


def short(error: BaseException) -> str:
    """An error for the administrator's eyes: its kind and its first line."""
    first = redacted(str(error)).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}"[:500]
