"""Taking mail from IMAP mailboxes: one thread each, so that a slow one never delays another."""

from __future__ import annotations

import imaplib
import random
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import Error as DatabaseError
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from otklik.core.access import Origin
from otklik.core.db import write
from otklik.core.db.connections import tidy_connections
from otklik.core.settings import config
from otklik.core.settings.room import has_room
from otklik.desk.accounts import report_failure, report_success

from .accepting import (
    COPIES,
    NOT_HANDED_OUT,
    TOO_LARGE,
    TryLater,
    accept_mail,
    quarantine_mail,
)
from .imap_session import (
    FolderState,
    ImapErrors,
    ImapSession,
    LetterTooLarge,
    RefusedLetter,
    RejectedLogin,
    server_words,
)
from .mailboxes import DIRECTORY, Mailbox
from .models import MailboxCursor, MailboxGrant
from .oauth import NotAuthorised, token_source
from .reading import Envelope

logger = structlog.get_logger(__name__)

STOP_WITHIN = 3.0  # seconds; a reader stuck in a dead server is left: its cursor is safe
IDLE_FOR = 9 * 60.0  # then the folder is looked at anyway: IDLE connections die unseen
POLL_EVERY = 30.0  # of servers without IDLE
LOOK_BACK = timedelta(days=2)
MAX_MAILBOXES = 100
CHECK_EVERY = 5.0
REFUSED_TIMES = 3  # a letter its server does not hand out; then those behind it are asked for
SUCCESS_EVERY = 60.0


def open_session(mailbox: Mailbox) -> ImapSession:
    """A session of this mailbox, not connected yet: by password or by the provider's token."""
    account, settings = mailbox.account, mailbox.settings
    if settings.sign_in == "password":
        return ImapSession(settings, account.secret("imap_password"))
    return ImapSession(settings, "", token_source(account, settings))


class MailboxReader:
    """Follows one mailbox until ``stop``: connects, catches up, waits for news, reconnects."""

    def __init__(self, mailbox: Mailbox, stop: threading.Event) -> None:
        self._mailbox = mailbox
        self._stop = stop
        self._failures = 0
        self._told_at = 0.0

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
                self._failures = 0
            except TryLater as problem:
                self._report(_("The desk could not keep mail just now."), str(problem))
            except NotAuthorised as problem:
                self._report(str(problem), problem.reply)
            except RejectedLogin as problem:
                self._report(_("The server did not accept the name or the password."), str(problem))
            except ImapErrors as error:
                self._report(_("The mailbox cannot be read."), server_words(error))
            except Exception as error:
                logger.exception("mailbox_failed", account=self._mailbox.account.pk)
                self._report(_("Reading the mailbox failed."), f"{type(error).__name__}: {error}")
            self._stop.wait(self._pause())

    def _follow(self) -> None:
        with open_session(self._mailbox) as session:
            while not self._stop.is_set():
                with tidy_connections():
                    take_new(self._mailbox, session, self._stop)
                    self._report_success()
                self._failures = 0
                if session.can_idle():
                    session.wait_for_news(IDLE_FOR, self._stop.is_set)
                else:
                    self._stop.wait(POLL_EVERY)
                    session.noop()

    def _pause(self) -> float:
        """Seconds until the next try: 1, 2, 4 … five minutes, spread so that the mailboxes of one
        server that was away do not all come back in the same moment."""
        if not self._failures:
            return 1.0
        return min(300.0, 2.0 ** min(self._failures, 9)) * random.uniform(0.7, 1.3)  # noqa: S311

    def _report(self, words: str, server_reply: str) -> None:
        self._failures += 1
        account = self._mailbox.account
        logger.warning("mailbox_unreachable", account=account.pk, attempt=self._failures)
        try:
            with tidy_connections():
                report_failure(account, words, way="in", server_reply=server_reply)
        except DatabaseError:
            logger.exception("mailbox_failure_not_noted", account=account.pk)

    def _report_success(self) -> None:
        """Not more often than once a minute: a look at an empty mailbox is no news."""
        # By a clock that nobody can put back: else a mailbox could seem silent for a year.
        told = time.monotonic()
        if self._told_at and told - self._told_at < SUCCESS_EVERY and not self._failures:
            return
        self._told_at = told
        now = timezone.now()
        report_success(self._mailbox.account)
        MailboxCursor.objects.filter(
            account=self._mailbox.account, folder=self._mailbox.settings.imap_folder
        ).update(last_success_at=now)


def take_new(mailbox: Mailbox, session: ImapSession, stop: threading.Event) -> int:
    """Take in what arrived since the cursor; returns how many. A new mailbox starts at now."""
    state = session.folder_state()
    cursor = _find_cursor(mailbox)
    if cursor is None:
        _start_cursor(mailbox, state)
        return 0
    if cursor.uid_validity != state.uid_validity:
        return _take_renumbered(mailbox, session, cursor, state, stop)
    uids = session.uids_after(cursor.last_uid)
    return _take(mailbox, session, cursor, uids, stop)


def take_older(mailbox: Mailbox, session: ImapSession, since: datetime, limit: int) -> int:
    """Import mail older than the cursor, on request: no acknowledgements, no clocks."""
    cursor = _find_cursor(mailbox)
    before = cursor.last_uid if cursor else session.folder_state().uid_next - 1
    uids = [uid for uid in session.uids_arrived(since) if uid <= before][-limit:]
    for count, uid in enumerate(uids):
        try:
            _take_one(mailbox, session, uid, 0, Origin.IMPORT)
        except RefusedLetter:
            if not _hands_out(session, uids[count + 1 :]):
                raise
            _note_left(mailbox, session, uid, NOT_HANDED_OUT)
    return len(uids)


def _take_renumbered(
    mailbox: Mailbox,
    session: ImapSession,
    cursor: MailboxCursor,
    state: FolderState,
    stop: threading.Event,
) -> int:
    """The server gave new numbers. Recent mail is read again; what we have is a duplicate."""
    logger.warning("mailbox_renumbered", account=mailbox.account.pk)
    last = cursor.last_success_at or cursor.started_at
    since = max(last - LOOK_BACK, cursor.started_at)
    uids = [uid for uid in session.uids_arrived(since) if uid < state.uid_next]
    for count in range(len(uids)):
        if stop.is_set():
            return 0
        _take_or_leave(mailbox, session, cursor, uids[count:], 0)
    with write():
        cursor.uid_validity = state.uid_validity
        cursor.last_uid = state.uid_next - 1
        cursor.save(update_fields=["uid_validity", "last_uid"])
    return len(uids)


def _take(
    mailbox: Mailbox,
    session: ImapSession,
    cursor: MailboxCursor,
    uids: list[int],
    stop: threading.Event,
) -> int:
    sizes = session.sizes(uids)
    unfinished: imaplib.IMAP4.error | None = None
    for count, uid in enumerate(uids):
        if stop.is_set():
            return count
        _take_or_leave(mailbox, session, cursor, uids[count:], sizes.get(uid, 0))
        with write():
            MailboxCursor.objects.filter(pk=cursor.pk).update(last_uid=uid)
        cursor.last_uid = uid
        try:
            session.finish(uid)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as refusal:
            unfinished = refusal  # a folder that is not there, say: told when all are in
    if unfinished is not None:
        raise unfinished
    return len(uids)


def _take_or_leave(
    mailbox: Mailbox, session: ImapSession, cursor: MailboxCursor, uids: list[int], size: int
) -> None:
    """Take the first of ``uids``. One that is damaged on its server, so that it is refused again
    and again while those behind it are not, is noted and left: it must not hold them up for ever.
    """
    try:
        _take_one(mailbox, session, uids[0], size, Origin.LIVE)
    except RefusedLetter:
        if not _is_alone_refused(cursor, session, uids):
            raise
        _note_left(mailbox, session, uids[0], NOT_HANDED_OUT)


_refused: dict[tuple[int, int], int] = {}  # (cursor, uid) → how often


def _is_alone_refused(cursor: MailboxCursor, session: ImapSession, uids: list[int]) -> bool:
    key = (cursor.pk, uids[0])
    _refused[key] = _refused.get(key, 0) + 1
    if _refused[key] < REFUSED_TIMES or not _hands_out(session, uids[1:]):
        return False
    del _refused[key]
    return True


def _hands_out(session: ImapSession, uids: list[int]) -> bool:
    """Whether the server is well: it hands out the first of these."""
    try:
        return bool(uids) and session.fetch(uids[0], header_only=True) is not None
    except RefusedLetter:
        return False


def _take_one(mailbox: Mailbox, session: ImapSession, uid: int, size: int, origin: Origin) -> None:
    if size > config().max_message:
        _note_left(mailbox, session, uid, TOO_LARGE)
        return
    if not has_room(size * COPIES):
        # Before it is fetched again and again for nothing.
        raise TryLater("the disk is almost full")
    try:
        raw = session.fetch(uid)
    except LetterTooLarge:
        # Larger than the server had said: else it would be met again and again.
        session.reopen()
        _note_left(mailbox, session, uid, TOO_LARGE)
        return
    if raw is None:
        return
    accept_mail(raw, (), mailbox=mailbox, origin=origin)


def _note_left(mailbox: Mailbox, session: ImapSession, uid: int, reason: str) -> None:
    try:
        head = session.fetch(uid, header_only=True) or b""
    except RefusedLetter:
        head = b""
    quarantine_mail(head, Envelope(None, mailbox.addresses[:1]), mailbox, reason)
    logger.warning("mail_left_on_server", account=mailbox.account.pk, uid=uid)


def _find_cursor(mailbox: Mailbox) -> MailboxCursor | None:
    return MailboxCursor.objects.filter(
        account=mailbox.account, folder=mailbox.settings.imap_folder
    ).first()


def _start_cursor(mailbox: Mailbox, state: FolderState) -> None:
    with write():
        MailboxCursor.objects.get_or_create(
            account=mailbox.account,
            folder=mailbox.settings.imap_folder,
            defaults={"uid_validity": state.uid_validity, "last_uid": state.uid_next - 1},
        )


@dataclass(slots=True)
class _Running:
    thread: threading.Thread
    stop: threading.Event
    fingerprint: str


class MailboxSupervisor:
    """Keeps one reader per active IMAP mailbox, starts it anew when its settings change."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._running: dict[int, _Running] = {}

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                with tidy_connections():
                    self.adjust()
            except Exception:
                logger.exception("mailboxes_not_read")
            self._stop.wait(CHECK_EVERY)
        for running in self._running.values():
            running.stop.set()
        deadline = time.monotonic() + STOP_WITHIN
        for running in self._running.values():
            running.thread.join(max(0.0, deadline - time.monotonic()))

    def adjust(self) -> None:
        wanted = {
            mailbox.account.pk: mailbox
            for mailbox in DIRECTORY.list_mailboxes()
            if mailbox.settings.imap_host
        }
        if len(wanted) > MAX_MAILBOXES:
            logger.warning("too_many_mailboxes", count=len(wanted), read=MAX_MAILBOXES)
            wanted = dict(list(wanted.items())[:MAX_MAILBOXES])
        granted = dict(MailboxGrant.objects.values_list("account_id", "granted_at"))
        prints = {key: f"{_fingerprint(one)}|{granted.get(key)}" for key, one in wanted.items()}
        for key, running in list(self._running.items()):
            is_current = prints.get(key) == running.fingerprint
            if not is_current or not running.thread.is_alive():
                running.stop.set()
                del self._running[key]
        for key, mailbox in wanted.items():
            if key not in self._running:
                self._running[key] = self._start(mailbox, prints[key])

    def _start(self, mailbox: Mailbox, fingerprint: str) -> _Running:
        stop = threading.Event()
        reader = MailboxReader(mailbox, stop)
        thread = threading.Thread(
            target=reader.run, name=f"mailbox-{mailbox.account.pk}", daemon=True
        )
        thread.start()
        return _Running(thread, stop, fingerprint)


def _fingerprint(mailbox: Mailbox) -> str:
    sealed = mailbox.account.sealed.get("imap_password", "")
    return f"{mailbox.settings.model_dump_json()}|{sealed}|{mailbox.account.address}"
