"""The program ``otklik``. Nothing is imported here before the command is known: a mail server
calls ``otklik mail deliver`` for every letter."""

from __future__ import annotations

import sys
from collections.abc import Sequence

COMMANDS = {
    "up": "Run the whole desk on this machine: web, mail, jobs.",
    "web": "Run only the web server (several nodes: PostgreSQL and Redis).",
    "worker": "Run only the dispatcher, jobs and schedules.",
    "mail": "Run only the mail services; mail deliver: take in one message from standard input.",
    "init": "Make the folders, keys, tables and what every desk starts with.",
    "upgrade": "Make a backup and bring the tables up to this release, step by step.",
    "backup": "Everything but the keys in one file, while the desk runs.",
    "restore": "A backup into an empty home or database.",
    "move": "Move the desk to another database: --to URL.",
    "migrate": "Bring the tables up to this release.",
    "demo": "Load the demo company, or remove it with --remove.",
    "check": "Look for what is wrong, and say what to do.",
    "config": "Show every setting, its value and where it comes from.",
    "events": "Show who listens to which event, and when.",
    "rebuild": "Compute derived rows anew: rebuild tickets, rebuild search.",
    "key": "key rotate: make a new key and move stored secrets to it.",
    "token": "token create --user EMAIL: make a token for REST.",
    "person": "person export, erase or scrub: all that is known of somebody, out or gone.",
    "version": "Show the version.",
}

_USAGE, _CONFIG, _FAILED, _INTERRUPTED = 64, 78, 1, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:2] == ["mail", "deliver"]:
        return _deliver(words[2:])
    if not words or words[0] in {"-h", "--help", "help"}:
        _print_help()
        return 0 if words else _USAGE
    if words[0] in {"-V", "--version"}:
        words[0] = "version"
    return _run(words)


def _deliver(words: list[str]) -> int:
    try:
        from otklik.plugins.channel_email.pipe import main as deliver

        return int(deliver(words) or 0)
    except SystemExit:
        raise
    except BaseException as error:
        # Whatever it is, the mail server must keep the letter and try again (EX_TEMPFAIL).
        print(f"otklik: not taken in for now: {error}", file=sys.stderr)
        return 75


def _run(words: list[str]) -> int:
    from otklik.core.settings import ConfigError, config
    from otklik.core.settings.secrets import SecretError
    from otklik.project.stopping import Stop

    try:
        return _dispatch(words)
    except Stop as stop:
        print(f"otklik: {stop}", file=sys.stderr)
        return stop.code
    except (ConfigError, SecretError) as error:
        for line in str(error).splitlines():
            print(f"otklik: {line}", file=sys.stderr)
        return _CONFIG
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:
        if config().log_level == "DEBUG":
            import logging

            logging.getLogger("otklik").exception("command_failed")
        print(f"otklik: {_in_words(error)}", file=sys.stderr)
        return _FAILED


def _dispatch(words: list[str]) -> int:
    from importlib import import_module

    name = words[0]
    if name in COMMANDS:
        found = import_module(f"otklik.project.commands.{name}")
        return int(found.run(words[1:]) or 0)
    from otklik.project.start import set_up

    set_up()
    from otklik.core.hooks.program import list_commands

    commands = list_commands()
    for length in (2, 1):
        command = commands.get(" ".join(words[:length]))
        if command is not None:
            return int(command.run(words[length:]) or 0)
    from difflib import get_close_matches

    from otklik.project.stopping import Stop
    from otklik.project.words import call

    close = get_close_matches(name, [*COMMANDS, *commands], n=1)
    hint = f" Did you mean {close[0]}?" if close else f" See: {call('help')}"
    raise Stop(f"there is no command {name}.{hint}", _USAGE)


def _in_words(error: Exception) -> str:
    """One line for an error nobody foresaw."""
    from otklik.project.words import call

    kind = type(error).__module__ + "." + type(error).__name__
    first = (str(error).strip().splitlines() or [""])[0]
    if kind.startswith(("django.db", "psycopg", "sqlite3")):
        if "no such table" in first or "does not exist" in first:
            return f"the tables are missing or of another release. Run: {call('migrate')}"
        return f"the database does not answer: {first}. Run: {call('check')}"
    return f"{type(error).__name__}: {first}. Set OTKLIK_LOG_LEVEL=debug to see where."


def _print_help() -> None:
    print("Usage: otklik COMMAND [options]\n")
    for name, text in COMMANDS.items():
        print(f"  {name:<9}{text}")
    print("\notklik COMMAND --help says more. Settings: otklik config")


if __name__ == "__main__":
    sys.exit(main())
