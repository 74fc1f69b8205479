"""Commands of two words that rooms register, such as ``otklik person export``."""

from __future__ import annotations

from collections.abc import Sequence


def run_of_rooms(first: str, words: Sequence[str]) -> int:
    """Run the command ``first words[0]`` with the rest; without such a one, say which there are."""
    from otklik.project.start import set_up
    from otklik.project.stopping import Stop

    set_up()
    from otklik.core.hooks.program import list_commands

    commands = {
        name: command for name, command in list_commands().items() if name.startswith(f"{first} ")
    }
    command = commands.get(" ".join([first, *words[:1]]))
    if command is not None:
        return command.run(words[1:])
    known = "\n".join(f"  otklik {name}  {command.help}" for name, command in commands.items())
    if words[:1] in (["--help"], ["-h"]):
        print(known)
        return 0
    raise Stop(f"say what to do:\n{known}" if known else f"no room knows {first}", 64)
