"""Logs are events with fields on stderr: one JSON object a line, or a plain line for a person who runs with DEBUG."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.core import LogData, merge_record_extra
from pythonjsonlogger.json import JsonFormatter

from config.redaction import redact

request_id: ContextVar[str] = ContextVar("request_id", default="")

# Django's own loggers hang objects on their records that say nothing as text, such as the whole request.
UNLOGGED = frozenset({"request", "server_time", "color_message"})
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"} | UNLOGGED


class EventFormatter(JsonFormatter):
    """One JSON object: time, level, logger, event, the fields of the event, and the request's id."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger", "message": "event"},
            reserved_attrs=sorted(STANDARD),
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: LogData) -> LogData:
        if current := request_id.get():
            log_data["request_id"] = current
        return log_data

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class PlainFormatter(logging.Formatter):
    """The same event as one line: time, level, logger, event, then `field=value`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        fields: dict[str, object] = merge_record_extra(record, {}, reserved=STANDARD)
        return " ".join([super().formatMessage(record), *(f"{key}={value}" for key, value in fields.items())])

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def logging_settings(*, level: str, plain: bool) -> dict[str, Any]:
    """Django's LOGGING: everything to stderr; `level` for our own events, libraries no lower than INFO."""
    formatter = "config.logging.PlainFormatter" if plain else "config.logging.EventFormatter"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"event": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "procrastinate": {"level": "WARNING"},
            "stripe": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
        },
    }
