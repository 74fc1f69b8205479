"""Work for later. Each is safe to run twice: a second letter is a nuisance, not a harm."""

from __future__ import annotations

from django.utils import timezone

from otklik.core.db import write
from otklik.core.jobs import every, task
from otklik.people import erasing, exporting, letters, looks, merging, search, sign_in, tombstones


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


@task(name="people.erase")
def erase(*, erasure_id: int, is_last: bool = False) -> None:
    """Take out what a person left; then once more, for what was on its way in."""
    erasing.run_erasure(erasure_id, is_last=is_last)
    tombstones.write_tombstones()
    if not is_last:
        later = erase.using(run_at=timezone.now() + erasing.LOOKED_AGAIN_AFTER)
        with write():
            later.enqueue(erasure_id=erasure_id, is_last=True)


@every(hours=24)
@task(name="people.write_tombstones")
def write_tombstones() -> None:
    tombstones.write_tombstones()


@every(hours=24)
@task(name="people.prune_looks")
def prune_looks() -> None:
    looks.prune_looks()


@task(name="people.export", queue="heavy", time_limit=3600)
def export_person(*, export_id: int, language: str) -> None:
    exporting.run_export(export_id, language=language)


@every(minutes=10)
@task(name="people.drop_exports")
def drop_exports() -> None:
    exporting.drop_exports()


@task(name="people.merge")
def merge_people(*, merge_id: int) -> None:
    """Move what belongs to two who are one, or move it back; a slice at a time."""
    if not merging.run_merge(merge_id, seconds=merging.SLICE):
        with write():
            merge_people.enqueue(merge_id=merge_id)


@task(name="people.look_at_merge_again")
def look_at_merge_again(*, merge_id: int) -> None:
    merging.look_again(merge_id)


@task(name="people.refresh_members", unique=True)
def refresh_members(*, organisation_id: int, after: int = 0) -> None:
    """An organisation is called otherwise: its people are found by the new name."""
    last = search.refresh_members(organisation_id, after)
    if last:
        with write():
            refresh_members.enqueue(organisation_id=organisation_id, after=last)
