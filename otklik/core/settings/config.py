"""What the operator decides: ``OTKLIK_*`` variables and ``<home>/otklik.toml``, typed, once.

The environment wins over the file, the file over the default. A name that is no setting is
refused with the nearest one that is. Needs no Django.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from otklik.core.settings import readers

if TYPE_CHECKING:
    from otklik.core.settings.database import DatabaseAddress

PREFIX = "OTKLIK_"
FILE_NAME = "otklik.toml"


class ConfigError(Exception):
    """The configuration is wrong. ``problems`` are sentences for the operator, one per mistake."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _setting(default: Any, reader: readers.Reader, help: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"reader": reader, "help": help, "secret": secret})


@dataclass(frozen=True)
class Config:
    """Every setting with its type. Built by ``load_config``; read through ``config()``."""

    home: Path = _setting(  # noqa: RUF009
        Path("var"), readers.path, "Folder of the database, files, keys, spool and otklik.toml."
    )
    host: str = _setting("127.0.0.1", readers.text, "Address the web server listens on.")
    port: int = _setting(8000, readers.integer(1, 65535), "Port the web server listens on.")
    url: str = _setting(
        "", readers.url("http", "https"), "Public address, for links and Message-IDs."
    )
    database_url: str = _setting(
        "",
        readers.url("sqlite", "postgres", "postgresql"),
        "postgres://user:password@host/name; empty: SQLite in the home folder.",
        secret=True,
    )
    redis_url: str = _setting(
        "",
        readers.url("redis", "rediss", "unix"),
        "Redis for live updates between several nodes; empty: one node.",
        secret=True,
    )
    mail_host: str = _setting("127.0.0.1", readers.text, "Address the mail listener binds to.")
    mail_port: int = _setting(
        2525, readers.integer(1, 65535), "Port of the mail listener (LMTP and SMTP)."
    )
    smtp_url: str = _setting(
        "",
        readers.url("smtp", "smtps", "smtp+starttls"),
        "Outgoing server of the desk's own letters; empty in the demo: the outgoing tray.",
        secret=True,
    )
    demo: str = _setting(
        "1", readers.demo, "1: demo company on the first start; 0: none; public: on any address."
    )
    files_url: str = _setting(
        "",
        readers.url("s3", "s3+http", "s3+https"),
        "s3://key:secret@host/bucket for stored files; empty: the home folder.",
        secret=True,
    )
    secret_key_file: Path | None = _setting(  # noqa: RUF009  it returns a dataclass field
        None, readers.optional_path, "Key file; empty: keys/secret.keys in the home folder."
    )
    log_level: str = _setting(
        "INFO", readers.choice("DEBUG", "INFO", "WARNING", "ERROR"), "How much is logged."
    )
    log_format: str = _setting("json", readers.choice("json", "text"), "Form of the log lines.")
    language: str = _setting(
        "en", readers.choice("en", "ru"), "Language where nobody has chosen one."
    )
    time_zone: str = _setting("UTC", readers.time_zone, "Time zone where nobody has chosen one.")
    trusted_proxies: tuple[readers.Network, ...] = _setting(
        (), readers.networks, "Networks whose X-Forwarded-For and -Proto are believed."
    )
    allowed_hosts: tuple[str, ...] = _setting(
        (), readers.words, "Host names answered beside the one of url; needed in public."
    )
    files_origin: str = _setting(
        "", readers.url("http", "https"), "Other origin that serves what people uploaded."
    )
    max_upload: int = _setting(25 << 20, readers.size, "Largest file or form, in bytes.")
    max_message: int = _setting(50 << 20, readers.size, "Largest e-mail taken in, in bytes.")
    keep_free: int = _setting(
        200 << 20,
        readers.room,
        "Free disk space below which mail is put off and uploads are refused; 0: never.",
    )
    threads: int = _setting(8, readers.integer(1, 64), "Threads that answer web requests.")
    metrics_token: str = _setting(
        "", readers.text, "Bearer token for /metrics from elsewhere than this machine.", secret=True
    )
    private_targets: tuple[readers.Network, ...] = _setting(
        (), readers.networks, "Private networks that outgoing requests may reach."
    )
    auth_results_hosts: tuple[str, ...] = _setting(
        (), readers.words, "Hosts whose Authentication-Results headers are believed."
    )
    dns_servers: tuple[str, ...] = _setting(
        (), readers.words, "Name servers (host or host:port); empty: those of the machine."
    )
    test_database_url: str = _setting(
        "", readers.url("postgres", "postgresql"), "PostgreSQL for the tests only.", secret=True
    )
    test_redis_url: str = _setting(
        "", readers.url("redis", "rediss"), "Redis for the tests only.", secret=True
    )

    @property
    def public_url(self) -> str:
        """``url``, else the address listened on; never ends in a slash."""
        if self.url:
            return self.url
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if _bare_ipv6(host) else f"http://{host}:{self.port}"

    @property
    def database(self) -> DatabaseAddress:
        """``database_url`` taken apart; SQLite under ``home`` when it is empty."""
        from otklik.core.settings.database import read_address

        return read_address(self.database_url, self.home)

    @property
    def key_file(self) -> Path:
        return self.secret_key_file or self.home / "keys" / "secret.keys"

    @property
    def run_dir(self) -> Path:
        """Sockets, locks and process ids of the running desk."""
        return self.home / "run"

    @property
    def is_demo(self) -> bool:
        return self.demo != "0"


@dataclass(frozen=True)
class Setting:
    """One line of ``otklik config``; ``value`` is text, masked when it may hold a password."""

    name: str
    value: str
    source: str  # "environment", "otklik.toml" or "default"
    help: str


@lru_cache(maxsize=1)
def config() -> Config:
    """The configuration of this process, read at first use. Raises ``ConfigError``."""
    return load_config(os.environ)


def config_sources(environment: Mapping[str, str] | None = None) -> list[Setting]:
    """Every setting with its value (secrets masked) and where it comes from."""
    environment = os.environ if environment is None else environment
    current = load_config(environment)
    from_file = _read_file(current.home)
    lines = []
    for each in fields(Config):
        if f"{PREFIX}{each.name.upper()}" in environment:
            source = "environment"
        else:
            source = FILE_NAME if each.name in from_file else "default"
        shown = _shown(getattr(current, each.name), is_secret=each.metadata["secret"])
        lines.append(Setting(each.name, shown, source, each.metadata["help"]))
    return lines


def load_config(environment: Mapping[str, str]) -> Config:
    """Read and check everything. Raises ``ConfigError`` naming every mistake at once."""
    known = {each.name: each for each in fields(Config)}
    given: dict[str, tuple[str, Any]] = {}
    problems = []
    home_text = environment.get(f"{PREFIX}HOME") or "var"
    home = readers.path(home_text)
    for name, value in _read_file(home).items():
        if name == "home":
            problems.append(f"{FILE_NAME}: home can only be set as {PREFIX}HOME.")
        elif name in known:
            given[name] = (f"{FILE_NAME}: {name}", value)
        else:
            problems.append(f'{FILE_NAME}: unknown setting "{name}".{_nearest(name, known)}')
    for variable, value in environment.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in known and variable.isupper():
            given[name] = (variable, value)
        else:
            hint = _nearest(name, known, upper=True)
            problems.append(f"{variable} is no setting of Otklik.{hint}")
    values: dict[str, Any] = {}
    for name, (label, value) in given.items():
        try:
            values[name] = known[name].metadata["reader"](value)
        except ValueError as error:
            problems.append(f"{label} {error}.")
    values["home"] = home
    if not problems:
        loaded = Config(**values)
        try:
            _ = loaded.database
        except ValueError as error:
            problems.append(f"{PREFIX}DATABASE_URL {error}.")
        else:
            return loaded
    raise ConfigError(*problems)


def _read_file(home: Path) -> dict[str, Any]:
    try:
        with (home / FILE_NAME).open("rb") as stream:
            import tomllib

            return tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"{home / FILE_NAME} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        raise ConfigError(f"{home / FILE_NAME} is no valid TOML: {error}.") from None


def _nearest(name: str, known: Mapping[str, Any], *, upper: bool = False) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    if not close:
        return " See: otklik config."
    return f" Did you mean {PREFIX + close[0].upper() if upper else close[0]}?"


def _shown(value: Any, *, is_secret: bool) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    written = "" if value is None else str(value)
    if not (is_secret and written):
        return written
    scheme, divider, rest = written.partition("://")
    if not divider:
        return "••••"
    _, at, place = rest.rpartition("@")
    # A query may carry a password too (?password=…), so nothing after "?" is shown.
    place = place.partition("?")[0]
    return f"{scheme}://{'••••@' if at else ''}{place}"


def _bare_ipv6(host: str) -> bool:
    return ":" in host and not host.startswith("[")
