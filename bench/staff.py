"""Agents at their desks: ``python -m bench.staff COUNT`` in a desk's home.

Prints a line for each: the value of a session's cookie, as if they had signed in. The way through
the form costs a password's hash each, which is not what is measured.
"""

from __future__ import annotations

import sys


def main() -> int:
    from otklik.project.start import set_up

    set_up()
    from django.conf import settings

    for key in sit_down(int(sys.argv[1])):
        print(f"{settings.SESSION_COOKIE_NAME}={key}", flush=True)
    return 0


def sit_down(count: int) -> list[str]:
    """A session of each; people of earlier runs are taken again."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from otklik.core.access import SYSTEM
    from otklik.core.db import write
    from otklik.core.web.sessions import SessionStore
    from otklik.people import roles
    from otklik.people.actions import create_agent, hash_password
    from otklik.people.models import Team, User

    mails = [f"agent{number}@bench.example" for number in range(count)]
    known = set(User.objects.filter(email__in=mails).values_list("email", flat=True))
    hashed, teams = hash_password("bench-only-loopback"), list(Team.objects.order_by("pk"))
    for number, mail in enumerate(mails):
        if mail not in known:
            with write():
                create_agent(
                    SYSTEM,
                    name=f"Agent {number}",
                    email=mail,
                    roles_held=(roles.AGENT,),
                    teams=[teams[number % len(teams)]],
                    password_hash=hashed,
                )
    keys = []
    for user in User.objects.filter(email__in=mails).order_by("pk"):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        keys.append(session.session_key)
    return [key for key in keys if key]


if __name__ == "__main__":
    sys.exit(main())
