"""How Relay logs: one line each, for programs in production and for people while developing."""

import sys
from typing import Any

import structlog

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


def logging_settings(*, readable: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING. `readable` lines have colors on a terminal; others are JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": (
                    structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
                    if readable
                    else structlog.processors.JSONRenderer()
                ),
                # What Django and other libraries log has not been through structlog yet.
                "foreign_pre_chain": [
                    structlog.contextvars.merge_contextvars,
                    structlog.stdlib.add_logger_name,
                    structlog.stdlib.add_log_level,
                    structlog.processors.TimeStamper(fmt="iso"),
                    structlog.processors.format_exc_info,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own handlers would print everything a second time.
            "django": {"handlers": [], "propagate": True},
            # And the development server tells again what the request log has told.
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
