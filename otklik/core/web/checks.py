"""What ``otklik check`` looks at on behalf of the core: home, keys, database, disk, Redis."""

from __future__ import annotations

import os
from collections.abc import Iterator

from otklik.core.hooks.health import HealthItem, State, register_health
from otklik.core.hooks.program import CheckResult, register_check
from otklik.core.settings import ConfigError, config, secrets
from otklik.core.settings.room import free_space
from otklik.kit.units import human_size

# Below this SQLite and the spool may fail in the middle of a message.
_DISK_LOW = 1 << 30
_DISK_FULL = 200 << 20


def register_own_checks() -> None:
    register_check("home", check_home)
    register_check("keys", check_keys)
    register_check("database", check_database)
    register_check("redis", check_redis)
    register_health("disk", look_at_disk)
    register_health("write_gate", look_at_write_gate)


def check_home() -> Iterator[CheckResult]:
    home = config().home
    if not home.is_dir():
        yield CheckResult("Home folder", "failed", f"{home} does not exist.", "Run: otklik init")
        return
    if not os.access(home, os.W_OK | os.X_OK):
        yield CheckResult(
            "Home folder", "failed", f"{home} cannot be written.", f"Give this user {home}."
        )
        return
    free = free_space(home)
    is_full = free < max(config().keep_free, _DISK_FULL)
    state = "failed" if is_full else "warning" if free < _DISK_LOW else "ok"
    advice = "" if state == "ok" else "Make room: mail is refused for now when the disk is full."
    yield CheckResult("Disk", state, f"{_gigabytes(free)} free in {home}.", advice)


def check_keys() -> Iterator[CheckResult]:
    from django.db import DatabaseError

    from otklik.core.settings.sealed import find_unreadable

    try:
        ring = secrets.key_ring()
    except ConfigError as error:
        yield CheckResult("Key file", "failed", str(error))
        return
    yield CheckResult("Key file", "ok", f"{ring.path}, {len(ring.keys)} key(s).")
    try:
        unreadable = find_unreadable()
    except DatabaseError:
        return  # the look at the database says what is wrong with it
    for each in unreadable:
        yield CheckResult(
            "Stored secrets",
            "failed",
            f"{each.count} in {each.model}.{each.field} were sealed with a key that is not here.",
            f"Put the right {ring.path} back from your backup, or enter those secrets again.",
        )


def check_database() -> Iterator[CheckResult]:
    from django.db import connection

    from otklik.core.web import readiness

    found = readiness.look(connection)
    where = config().database
    place = where.name if where.kind == "sqlite" else f"{where.host}/{where.name}"
    if found["database"] != "ok":
        advice = "Look at OTKLIK_DATABASE_URL and whether the server runs."
        yield CheckResult("Database", "failed", f"{place} {found['database']}.", advice)
    elif found["migrations"] != "ok":
        yield CheckResult(
            "Database", "warning", f"{place} is of an older release.", "Run: otklik migrate"
        )
    else:
        yield CheckResult("Database", "ok", f"{place}, tables up to date.")


def check_redis() -> Iterator[CheckResult]:
    url = config().redis_url
    if not url:
        return
    import redis

    try:
        redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3).ping()
    except (redis.RedisError, ValueError) as error:
        yield CheckResult(
            "Redis",
            "failed",
            f"It does not answer: {type(error).__name__}.",
            "Look at OTKLIK_REDIS_URL and whether the server runs.",
        )
    else:
        yield CheckResult("Redis", "ok", "It answers.")


def look_at_disk() -> HealthItem:
    from django.utils.translation import gettext as _

    free = free_space(config().home)
    state = State.FAILED if free < max(config().keep_free, _DISK_FULL) else State.WARNING
    if free >= _DISK_LOW:
        return HealthItem(
            State.OK,
            _("There is room on the disk"),
            _("%(free)s free") % {"free": human_size(free)},
        )
    return HealthItem(
        state,
        _("The disk is almost full"),
        _("%(free)s free") % {"free": human_size(free)},
        _("Make room or add a disk. When it is full, mail waits at the sender's server."),
    )


def look_at_write_gate() -> HealthItem:
    from django.utils.translation import gettext as _

    from otklik.core.db.gate import longest_recent_wait

    waited = longest_recent_wait()
    detail = _("Longest wait in the last five minutes: %(ms)d ms") % {"ms": round(waited * 1000)}
    if waited < 1:
        return HealthItem(State.OK, _("Changes are stored without waiting"), detail)
    return HealthItem(
        State.WARNING,
        _("Changes wait for one another"),
        detail,
        _("If this lasts, the desk has outgrown SQLite: move to PostgreSQL."),
    )


def _gigabytes(size: int) -> str:
    return f"{size / (1 << 30):.1f} GB"
