"""Log lines: one JSON object each, with the ids that tie them to a request, job or event.

Own code logs through structlog; what libraries say through ``logging`` takes the same form.
Nothing at INFO and above carries bodies or addresses; that is the duty of whoever logs.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any, TextIO

import structlog

# Chatty at INFO, or they print what we leave out (paths with tokens, envelope addresses).
_QUIET = ("uvicorn", "uvicorn.access", "uvicorn.error", "httpx", "httpcore", "mail.log", "asyncio")


def set_up_logs(level: str = "INFO", form: str = "json", stream: TextIO | None = None) -> None:
    """Replace every handler. ``form``: "json" or "text"; the stream is stderr when not named."""
    _install(logging.StreamHandler(stream or sys.stderr), level, form)


def log_to_file(path: Path, level: str) -> None:
    """JSON lines to a file that is turned at 20 MB, five kept; warnings also to the terminal."""
    from logging.handlers import RotatingFileHandler

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = RotatingFileHandler(path, maxBytes=20 << 20, backupCount=5, encoding="utf-8")
    _install(handler, level, "json")
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING)
    terminal.setFormatter(_formatter("text", with_trace=level == "DEBUG"))
    logging.getLogger().addHandler(terminal)


def stay_discreet() -> None:
    """Until logs are set up, or where a foreign server never does: no trace shows what variables
    held, among them passwords and letters."""
    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.dev.ConsoleRenderer(
                    colors=False, exception_formatter=structlog.dev.plain_traceback
                ),
            ]
        )


def bind_ids(**ids: Any) -> None:
    """Join ids (ticket=42, event=7, job=3) to every later line of this request or job."""
    structlog.contextvars.bind_contextvars(**ids)


def forget_ids() -> None:
    structlog.contextvars.clear_contextvars()


def _install(handler: logging.Handler, level: str, form: str) -> None:
    handler.setFormatter(_formatter(form, with_trace=True))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(level if level == "DEBUG" else "WARNING")
    # A request that failed is logged by our middleware, once, with its ids.
    logging.getLogger("django.request").setLevel("CRITICAL")
    # Ours says so in one line; Django's is a page, with what a stranger put into the header.
    logging.getLogger("django.security.DisallowedHost").setLevel("CRITICAL")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared() -> list[Any]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(form: str, *, with_trace: bool) -> logging.Formatter:
    if form == "json":
        last: list[Any] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    else:
        last = [
            structlog.processors.format_exc_info if with_trace else _drop_trace,
            structlog.dev.ConsoleRenderer(
                colors=False,
                pad_event_to=0,
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.contextvars.merge_contextvars, *_shared()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def _drop_trace(_logger: Any, _name: str, line: dict[str, Any]) -> dict[str, Any]:
    line.pop("exc_info", None)
    return line
