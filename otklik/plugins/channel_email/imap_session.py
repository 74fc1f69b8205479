"""One signed-in IMAP connection, in the few commands the desk needs.

Nothing here changes a mailbox unless ``finish`` is told to: bodies are fetched with BODY.PEEK and
the folder is opened read-only when it need not be written.
"""

from __future__ import annotations

import imaplib
import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from imap_tools import BaseMailBox, ImapToolsError
from imap_tools.imap_utf7 import utf7_encode

from otklik.core.settings import config

from .account_settings import EmailSettings
from .reaching import connect, cut_after

CONNECT_WITHIN = 30.0
SIGN_IN_WITHIN = 90.0
SLACK = 1 << 20  # a server counts line ends its own way
MOST_SAID = 16 << 20  # bytes in lines, without the letters themselves
LAST_UID = (1 << 32) - 1  # RFC 9051, section 2.3.1.1
FETCH_WITHIN = 600.0  # one mail, however slowly the server says it
IDLE_SLICE = 1.0  # how long a stop may take while a server has nothing to say
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = re.compile(rb"UID (\d+).{0,200}?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).{0,200}?UID (\d+)")


class LetterTooLarge(Exception):
    """The server sends more than we take, whatever size it named. The connection is unusable.
    No error of imaplib's: those it would wrap into one another."""


class RefusedLetter(imaplib.IMAP4.error):
    """The server answers, and does not hand this letter out."""


ImapErrors = (OSError, imaplib.IMAP4.error, ImapToolsError, LetterTooLarge)


class _Connecting(imaplib.IMAP4):
    """imaplib with our sockets, which go where ``reaching`` lets them, and with bounds: it would
    keep in memory whatever a server says, for as long as it talks."""

    host: str
    port: int
    _heard = 0

    def read(self, size: int) -> bytes:
        if size > config().max_message + SLACK:
            raise LetterTooLarge(f"a literal of {size} bytes")
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._heard += len(line)
        if self._heard > MOST_SAID:
            raise self.abort(f"more than {MOST_SAID} bytes in answer to one command")
        return line

    def _command(self, name: str, *arguments: object) -> bytes:
        self._heard = 0
        tag: bytes = super()._command(name, *arguments)  # type: ignore[misc]
        return tag

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return connect(self.host, self.port, timeout or CONNECT_WITHIN)


class _PlainClient(_Connecting):
    pass


class _TlsClient(_Connecting, imaplib.IMAP4_SSL):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        raw = super()._create_socket(timeout)
        with cut_after(CONNECT_WITHIN, raw):
            return self.ssl_context.wrap_socket(raw, server_hostname=self.host)


class _Box(BaseMailBox):
    def __init__(self, host: str, port: int) -> None:
        self._where = (host, port)
        super().__init__()


class _Plain(_Box):
    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return _PlainClient(*self._where, timeout=CONNECT_WITHIN)


class _StartTls(_Box):
    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = _PlainClient(*self._where, timeout=CONNECT_WITHIN)
        with cut_after(CONNECT_WITHIN, client.sock):
            status, data = client.starttls(ssl_context=ssl.create_default_context())
        if status != "OK":
            raise imaplib.IMAP4.error(f"STARTTLS: {server_words(data)}")
        return client


class _Tls(_Box):
    def _get_mailbox_client(self) -> imaplib.IMAP4:
        context = ssl.create_default_context()
        return _TlsClient(*self._where, ssl_context=context, timeout=CONNECT_WITHIN)


class RejectedLogin(Exception):
    """The server knows us not; ``str`` is what it said."""


@dataclass(frozen=True, slots=True)
class FolderState:
    uid_validity: int
    uid_next: int


class ImapSession:
    """A context manager; every method may raise one of ``ImapErrors``."""

    def __init__(
        self, settings: EmailSettings, password: str, token: Callable[[str], str] | None = None
    ) -> None:
        """``token`` gives the access token for XOAUTH2 in place of the password."""
        self._settings = settings
        self._password = password
        self._token = token
        self._box: BaseMailBox | None = None
        self._can: frozenset[str] = frozenset()

    @property
    def box(self) -> BaseMailBox:
        assert self._box is not None
        return self._box

    def __enter__(self) -> ImapSession:
        self.connect()
        try:
            self.sign_in()
            self.open_folder()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def reopen(self) -> None:
        """A connection anew, after one that cannot be used any more."""
        self.close()
        self.__enter__()

    def connect(self) -> None:
        settings = self._settings
        kind = {"tls": _Tls, "starttls": _StartTls, "none": _Plain}[settings.imap_security]
        self._box = kind(settings.imap_host, settings.imap_port)

    def sign_in(self) -> None:
        """Raises ``RejectedLogin`` when the server refuses the name, the password or the token."""
        # Tokens come from elsewhere and take their own time.
        access = self._token("") if self._token is not None else ""
        with cut_after(SIGN_IN_WITHIN, self.box.client.sock):
            try:
                self._sign_in(access)
            except (imaplib.IMAP4.error, ImapToolsError) as error:
                if isinstance(error, imaplib.IMAP4.abort):
                    raise
                if self._token is None:
                    raise RejectedLogin(server_words(error)) from error
                self._sign_in_anew(access)
        # What a server can do often shows only to those it knows.
        _, data = self.box.client.capability()
        words = b" ".join(one for one in data if one).decode("ascii", "replace")
        self._can = frozenset(words.upper().split())

    def _sign_in(self, access: str) -> None:
        settings = self._settings
        if self._token is not None:
            words = xoauth2_words(settings.imap_user, access)
            # After a refusal the server wants an empty answer to its reasons.
            answers = iter((words,))
            self.box.client.authenticate("XOAUTH2", lambda challenge: next(answers, b""))
            return
        is_ascii = (settings.imap_user + self._password).isascii()
        sign_in = self.box.login if is_ascii else self.box.login_utf8
        sign_in(settings.imap_user, self._password, initial_folder=None)

    def _sign_in_anew(self, refused: str) -> None:
        """A provider may call a token back before its time."""
        assert self._token is not None
        try:
            self._sign_in(self._token(refused))
        except (imaplib.IMAP4.error, ImapToolsError) as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            raise RejectedLogin(server_words(error)) from error

    def open_folder(self) -> None:
        is_written = self._settings.after_fetch != "keep"
        self.box.folder.set(self._settings.imap_folder, readonly=not is_written)

    def folder_state(self) -> FolderState:
        status = self.box.folder.status(self._settings.imap_folder, ["UIDVALIDITY", "UIDNEXT"])
        try:
            state = FolderState(int(status["UIDVALIDITY"]), int(status["UIDNEXT"]))
        except (KeyError, ValueError) as error:
            raise imaplib.IMAP4.error(f"STATUS: {status!r}") from error
        if not 0 < state.uid_validity <= LAST_UID or not 0 < state.uid_next <= LAST_UID:
            raise imaplib.IMAP4.error(f"STATUS: {status!r}")
        return state

    def can_idle(self) -> bool:
        return "IDLE" in self._can

    def uids_after(self, last_uid: int) -> list[int]:
        """UIDs above ``last_uid``, ascending; ``n:*`` names the last one in any case."""
        return [uid for uid in self._search(f"UID {last_uid + 1}:*") if uid > last_uid]

    def uids_arrived(self, since: datetime) -> list[int]:
        """UIDs of mail that reached the server at ``since`` (aware) or later, ascending."""
        # SEARCH SINCE knows only days, of the server's own time zone.
        day = (since - timedelta(days=1)).date()
        uids = self._search(f"SINCE {day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}")
        arrived: set[int] = set()
        for start in range(0, len(uids), 200):
            chosen = ",".join(str(uid) for uid in uids[start : start + 200])
            _, data = self.box.client.uid("FETCH", chosen, "(UID INTERNALDATE)")
            arrived.update(_arrived(data or (), since))
        return sorted(arrived)

    def sizes(self, uids: list[int]) -> dict[int, int]:
        """Bytes of each mail; what vanished meanwhile is missing."""
        found: dict[int, int] = {}
        for start in range(0, len(uids), 200):
            chosen = ",".join(str(uid) for uid in uids[start : start + 200])
            _, data = self.box.client.uid("FETCH", chosen, "(UID RFC822.SIZE)")
            for line in data or ():
                match = _SIZE.search(line) if isinstance(line, bytes) else None
                if match:
                    uid, size = (match[1], match[2]) if match[1] else (match[4], match[3])
                    found[int(uid)] = int(size)
        return found

    def fetch(self, uid: int, *, header_only: bool = False) -> bytes | None:
        """The raw mail, None when it vanished. The "seen" flag is not touched."""
        what = "(BODY.PEEK[HEADER])" if header_only else "(BODY.PEEK[])"
        try:
            with cut_after(FETCH_WITHIN, self.box.client.sock):
                status, data = self.box.client.uid("FETCH", str(uid), what)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise RefusedLetter(server_words(error)) from error
        if status != "OK":
            raise RefusedLetter(f"FETCH: {server_words(data)}")
        pieces = [piece[1] for piece in data or () if isinstance(piece, tuple)]
        return pieces[0] if pieces else None

    def finish(self, uid: int) -> None:
        """What the settings want done with a mail that was taken in."""
        action = self._settings.after_fetch
        if action == "mark_seen":
            self._command("STORE", str(uid), "+FLAGS", r"(\Seen)")
        elif action == "move" and self._settings.move_to:
            folder = b'"' + utf7_encode(self._settings.move_to) + b'"'
            if "MOVE" in self._can:
                self._command("MOVE", str(uid), folder)
            else:
                self._command("COPY", str(uid), folder)
                self._delete(uid)
        elif action == "delete":
            self._delete(uid)

    def _delete(self, uid: int) -> None:
        """A bare EXPUNGE would take what others have marked too, so without UIDPLUS only the mark
        is set and the mailbox's owner expunges."""
        self._command("STORE", str(uid), "+FLAGS", r"(\Deleted)")
        if "UIDPLUS" in self._can:
            self._command("EXPUNGE", str(uid))

    def wait_for_news(self, seconds: float, is_stopped: Callable[[], bool]) -> bool:
        """IDLE up to ``seconds``; True when the server said anything, or has gone."""
        until = time.monotonic() + seconds
        told = self.box.client.untagged_responses
        told.pop("EXISTS", None)
        tag = self._begin_idle()
        try:
            # A letter of a moment ago is told before the "+", or in one packet with it: read
            # already, while the socket stays silent until the next.
            while "EXISTS" not in told and not self._has_read_ahead():
                if time.monotonic() > until or is_stopped():
                    return False
                if select.select([self.box.client.sock], [], [], IDLE_SLICE)[0]:
                    break
            return True
        finally:
            self.box.client.send(b"DONE\r\n")
            self.box.consume_until_tagged_response(tag)

    def _begin_idle(self) -> bytes:
        """Until the server's "+"; what it tells before is kept among the untagged responses."""
        client: Any = self.box.client
        tag: bytes = client._command("IDLE")
        while client._get_response() is not None:
            refused = client.tagged_commands.get(tag)
            if refused is not None:
                raise imaplib.IMAP4.error(f"IDLE: {server_words(refused[1])}")
        return tag

    def _has_read_ahead(self) -> bool:
        client: Any = self.box.client
        patience = client.sock.gettimeout()
        client.sock.settimeout(0)
        try:
            return bool(client.file.peek(1))
        except OSError:  # nothing to read, said by TLS
            return False
        finally:
            client.sock.settimeout(patience)

    def noop(self) -> None:
        self.box.client.noop()

    def close(self) -> None:
        if self._box is None:
            return
        with suppress(Exception):
            self._box.client.sock.settimeout(3)
            self._box.client.logout()
        with suppress(Exception):
            self._box.client.shutdown()
        self._box = None

    def _command(self, name: str, *arguments: str | bytes) -> None:
        status, data = self.box.client.uid(name, *arguments)  # type: ignore[arg-type]
        if status != "OK":
            raise imaplib.IMAP4.error(f"{name}: {server_words(data)}")

    def _search(self, criteria: str) -> list[int]:
        status, data = self.box.client.uid("SEARCH", criteria)
        if status != "OK":
            raise imaplib.IMAP4.error(f"SEARCH: {server_words(data)}")
        try:
            found = {int(word) for line in data or () if line for word in line.split()}
        except ValueError as error:
            raise imaplib.IMAP4.error(f"SEARCH: {server_words(data)}") from error
        return sorted(uid for uid in found if 0 < uid <= LAST_UID)


def _arrived(lines: Iterable[object], since: datetime) -> Iterator[int]:
    for line in lines:
        if not isinstance(line, bytes):
            continue
        uid = re.search(rb"\bUID (\d+)", line)
        at = imaplib.Internaldate2tuple(line)
        if uid and at and time.mktime(at) >= since.timestamp() - 1:
            yield int(uid[1])


def xoauth2_words(user: str, access: str) -> bytes:
    """SASL XOAUTH2's only message, before base64 (Google: "XOAUTH2 mechanism")."""
    return f"user={user}\x01auth=Bearer {access}\x01\x01".encode()


def server_words(what: object) -> str:
    """The other side's own words in one line."""
    if isinstance(what, imaplib.IMAP4.error) and what.args:
        what = what.args[0]
    if isinstance(what, (list, tuple)):
        what = b" ".join(one for one in what if isinstance(one, bytes))
    text = what.decode("utf-8", "replace") if isinstance(what, bytes) else str(what)
    return " ".join(text.split())[:500]
