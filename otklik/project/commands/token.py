"""otklik token create --user EMAIL: make a token for REST; it is shown this once."""

from __future__ import annotations

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from otklik.project.start import set_up
    from otklik.project.stopping import Stop

    set_up()
    from otklik.core.hooks.program import list_commands

    commands = list_commands()
    command = commands.get(" ".join(["token", *words[:1]]))
    if command is None:
        known = ", ".join(name for name in commands if name.startswith("token "))
        raise Stop(f"say what to do with a token: {known}" if known else "no room keeps tokens", 64)
    return command.run(words[1:])
