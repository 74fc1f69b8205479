"""A Dovecot for tests: IMAP with one password for every mailbox."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import Missing, answers, free_port, stop, wait_until

_CONFIGURATION = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
default_internal_user = {internal}
default_login_user = {login}
mail_location = maildir:{folder}/mail/%u
{passdb}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""
_PASSWORDS = """
passdb {{
  driver = static
  args = password={password}
}}
"""
# https://doc.dovecot.org/2.3/configuration_manual/authentication/oauth2/
_TOKENS = """
auth_mechanisms = xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
"""
_INTROSPECTION = """
introspection_mode = get
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


@dataclass(frozen=True)
class ImapServer:
    """``put`` adds a letter to the mailbox of an address; any address has one. ``token``: for a
    server that takes tokens alone."""

    host: str
    port: int
    password: str

    def put(self, user: str, letter: bytes, *, folder: str = "INBOX", token: str = "") -> None:
        with imaplib.IMAP4(self.host, self.port) as client:
            if token:
                words = f"user={user}\x01auth=Bearer {token}\x01\x01".encode()
                client.authenticate("XOAUTH2", lambda challenge: words)
            else:
                client.login(user, self.password)
            answer = client.append(folder, "", "", letter)
            assert answer[0] == "OK", answer


@contextmanager
def dovecot(*, introspection: str = "") -> Iterator[ImapServer]:
    """Run a server. With ``introspection`` (an address that a token is added to) it takes no
    password but XOAUTH2. Raises ``Missing`` where it is not installed or we are not root."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if program is None:
        raise Missing("Dovecot: the package dovecot-imapd")
    if os.geteuid() != 0:
        raise Missing("Dovecot: its processes change users, which only root may start")
    folder = Path(tempfile.mkdtemp(prefix="otklik-dovecot-"))
    try:
        owner = pwd.getpwnam("nobody")
        (folder / "run").mkdir()
        (folder / "mail").mkdir()
        folder.chmod(0o755)
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        server = ImapServer("127.0.0.1", free_port(), "polden-2026")
        configuration = folder / "dovecot.conf"
        (folder / "oauth2.conf").write_text(_INTROSPECTION.format(url=introspection))
        passdb = (_TOKENS if introspection else _PASSWORDS).format(
            folder=folder, password=server.password
        )
        configuration.write_text(
            _CONFIGURATION.format(
                folder=folder,
                internal="dovecot",
                login="dovenull",
                passdb=passdb,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                port=server.port,
            )
        )
        child = subprocess.Popen([program, "-F", "-c", str(configuration)])
        try:
            wait_until(lambda: answers(server.port), child, folder / "log")
            yield server
        finally:
            stop(child)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
