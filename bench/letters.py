"""Letters as customers write them, made before the clock runs, and how they are handed in."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from email.message import EmailMessage

from bench.clients import Figures, measure
from bench.seed import MAILBOX

_GRACE = 2.0  # seconds


def make_letter(at: int, people: int, *, to: str = MAILBOX) -> tuple[str, bytes]:
    """The sender's address and the letter, plain and HTML, as its server hands it over."""
    sender = f"c{at * 7 % people}@customers.example"
    letter = EmailMessage()
    letter["From"] = f"Клиент <{sender}>"
    letter["To"] = to
    letter["Subject"] = f"Помпа гудит {at}"
    letter["Message-ID"] = f"<{uuid.uuid4().hex}@customers.example>"
    letter["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
    letter.set_content("Здравствуйте! Громко гудит помпа.\n" * 12)
    letter.add_alternative("<p>Здравствуйте! Громко гудит помпа.</p>" * 12, subtype="html")
    return sender, letter.as_bytes().replace(b"\n", b"\r\n")


def send_by_lmtp(port: int, people: int, *, times: int, senders: int) -> Figures:
    """Each sender keeps one connection; a letter counts when it is acknowledged."""
    letters = [make_letter(at, people) for at in range(-senders, times)]

    def make(number: int) -> Callable[[int], object]:
        server = smtplib.LMTP("127.0.0.1", port, timeout=30)

        def send(at: int) -> None:
            sender, raw = letters[number if at < 0 else senders + at]
            server.sendmail(sender, [MAILBOX], raw)

        return send

    return measure(make, times=times, clients=senders)


def send_steadily(port: int, people: int, *, rate: float, seconds: float, senders: int) -> Figures:
    """``rate`` letters a second, each at its own moment; who is late sends at once, and what is
    left a little after ``seconds`` is not sent: the figures tell the rate that was reached."""
    total = int(rate * seconds)
    letters = [make_letter(at, people) for at in range(total)]
    figures, lock, errors = Figures(), threading.Lock(), list[BaseException]()
    begun = time.monotonic()
    end = begun + seconds + _GRACE

    def send(number: int) -> None:
        try:
            server = smtplib.LMTP("127.0.0.1", port, timeout=60)
            for at in range(number, total, senders):
                time.sleep(max(0.0, begun + at / rate - time.monotonic()))
                if time.monotonic() > end:
                    break
                started = time.perf_counter()
                server.sendmail(letters[at][0], [MAILBOX], letters[at][1])
                with lock:
                    figures.seconds.append(time.perf_counter() - started)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures.elapsed = time.monotonic() - begun
    if errors:
        raise errors[0]
    return figures


class Steady:
    """``send_steadily`` in a process of its own, so that it takes no time from who measures."""

    def __init__(self, port: int, people: int, *, rate: float, seconds: float) -> None:
        words = {"port": port, "people": people, "rate": rate, "seconds": seconds, "senders": 4}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.letters", json.dumps(words)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdout is not None
        if not self._child.stdout.readline():
            raise RuntimeError(f"the sender ended with {self._child.wait()}")
        # Read as it comes: a pipe holds 64 kB, and who writes more than that never ends.
        self._said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def is_sending(self) -> bool:
        return self._child.poll() is None

    def end(self) -> Figures:
        """Wait for the last letter. Raises RuntimeError when one was refused."""
        self._reader.join()
        if self._child.wait(timeout=120):
            raise RuntimeError("a letter of the steady sender was refused")
        return Figures(**json.loads(self._said))

    def _read(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as said:
            self._said = said.read()


def main() -> int:
    words = json.loads(sys.argv[1])
    print("begun", flush=True)
    figures = send_steadily(words.pop("port"), words.pop("people"), **words)
    print(json.dumps({"seconds": figures.seconds, "elapsed": figures.elapsed}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
