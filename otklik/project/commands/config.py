"""otklik config: every setting, its value (secrets masked) and where it comes from."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from otklik.core.settings import config_sources
from otklik.core.settings.config import PREFIX


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik config", description=__doc__)
    parser.add_argument("--help-all", action="store_true", help="with what each setting means")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    chosen = parser.parse_args(words)
    lines = config_sources()
    if chosen.json:
        import json

        print(
            json.dumps(
                {line.name: {"value": line.value, "source": line.source} for line in lines},
                indent=2,
                ensure_ascii=False,
            )
        )
        return 0
    width = max(len(line.name) for line in lines) + len(PREFIX)
    for line in lines:
        print(
            f"{PREFIX}{line.name.upper():<{width - len(PREFIX)}}  {line.value or '—'}"
            f"  ({line.source})"
        )
        if chosen.help_all:
            print(f"{'':<{width}}  {line.help}")
    return 0
