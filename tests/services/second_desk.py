"""A whole desk in a process of its own, spoken to by letters: one line of JSON in, one out.

with second_desk("help@b.example", home) as desk:
    answers = desk.take(raw, sender="a@a.example")  # raw letters it sends because of that
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import PATIENCE, environment_without_desk
from tests.services.ready import DATABASE, copy_tables

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Desk:
    address: str
    child: subprocess.Popen[str]

    def take(self, raw: bytes, *, sender: str) -> list[bytes]:
        """Hand a letter to the desk's intake; every letter it sends in answer."""
        asked = {"raw": base64.b64encode(raw).decode(), "sender": sender}
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(json.dumps(asked) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError(f"the desk {self.address} is gone")
        return [base64.b64decode(one) for one in json.loads(line)]


@contextmanager
def second_desk(address: str, home: Path) -> Iterator[Desk]:
    """Run a desk with one mailbox until the block ends."""
    home.mkdir(parents=True, exist_ok=True)
    kept = environment_without_desk()
    log = (home / "log").open("wb")
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.services.second_desk", address],
        cwd=ROOT,
        env=kept | {"OTKLIK_HOME": str(home), "OTKLIK_DEMO": "1", "OTKLIK_LOG_LEVEL": "ERROR"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        assert child.stdout is not None
        if child.stdout.readline().strip() != "ready":
            raise RuntimeError((home / "log").read_text(errors="replace")[-3000:])
        yield Desk(address, child)
    finally:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.close()
        child.wait(PATIENCE)
        child.stdout.close()
        log.close()


def main(address: str) -> None:
    from otklik.project.start import set_up

    lines, sys.stdout = sys.stdout, sys.stderr  # nothing else may speak on the wire
    set_up()
    # Tables alone: its keys, and with them all that is its own, it has just made itself.
    copy_tables(Path(os.environ["OTKLIK_HOME"], DATABASE))
    from otklik.project.keeping.phases import bring_up

    bring_up()
    from otklik.core.events.dispatcher import dispatch_pending
    from otklik.core.files import open_blob
    from otklik.core.outbox.sending import send_pending
    from otklik.desk.tests.factories import make_mailbox
    from otklik.plugins.channel_email.accepting import accept_mail
    from otklik.plugins.channel_email.models import TrayLetter

    make_mailbox(address)
    lines.write("ready\n")
    lines.flush()
    last = 0
    for line in sys.stdin:
        asked = json.loads(line)
        accept_mail(base64.b64decode(asked["raw"]), [address], sender=asked["sender"])
        while dispatch_pending() or send_pending():
            pass
        sent = []
        for letter in TrayLetter.objects.filter(pk__gt=last).order_by("pk"):
            last = letter.pk
            with open_blob(letter.raw) as stream:
                sent.append(base64.b64encode(stream.read()).decode())
        lines.write(json.dumps(sent) + "\n")
        lines.flush()


if __name__ == "__main__":
    main(sys.argv[1])
