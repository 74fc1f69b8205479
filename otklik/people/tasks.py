"""Work for later. Each is safe to run twice: a second letter is a nuisance, not a harm."""

from __future__ import annotations

from otklik.core.jobs import every, task
from otklik.people import letters, sign_in


@task(name="people.send_sign_in_link")
def send_sign_in_link(
    *, address: str, next_path: str, language: str, brand_id: int | None = None
) -> None:
    letters.write_sign_in_link(address, next_path=next_path, language=language, brand_id=brand_id)


@task(name="people.send_password_link")
def send_password_link(*, address: str, language: str) -> None:
    letters.write_password_link(address, language=language)


@every(hours=24)
@task(name="people.prune_links")
def prune_links() -> None:
    sign_in.prune_links()
