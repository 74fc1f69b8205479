"""Merging two people who are one, and taking it back."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.actions import begin, journal, journal_many
from otklik.core.operations.models import Change, Operation
from otklik.core.operations.restoring import as_json
from otklik.core.realtime import doubt_rights
from otklik.people import merging, policy
from otklik.people.actions.changing import demand_settled
from otklik.people.merged_fields import give_back_fields, is_of_field, take_over_fields
from otklik.people.merging_events import PersonMerged, PersonRequestsShared, PersonUnmerged
from otklik.people.models import (
    Agent,
    Consent,
    Identity,
    MergeState,
    Person,
    PersonMerge,
    User,
)

MERGE = "people.merge"
MOST_IDENTITIES = 1000
_AT_ONCE = 0.4  # seconds of moving while somebody waits for the page; the rest is a job's
# What the one who stays takes over where they have nothing of their own.
_CODES = (
    *("organisation_id", "language", "time_zone", "account_manager_id"),
    *("is_vip", "last_seen_at", "legal_hold_since"),
)
# Words are in no journal: it only says that they came from the other row, which keeps them.
_WORDS = ("name", "job_title", "notes")


def merge_people(
    actor: Actor, kept: Person, gone: Person, *, is_agent_meant: bool = False
) -> PersonMerge:
    """Say that two are one. ``gone`` becomes part of ``kept``; everything can be taken back.

    Few rows are moved when this returns, many by a job. An agent only stays, never goes, and only
    when ``is_agent_meant``. Nobody sees more in the portal by it (`share_requests`). Raises
    Forbidden, Invalid for the same person twice, Conflict with a code otherwise.
    """
    merge = begin_merge(actor, kept, gone, is_agent_meant=is_agent_meant)
    merging.run_merge(merge.pk, seconds=_AT_ONCE)
    merge.refresh_from_db()
    return merge


@action
def begin_merge(
    actor: Actor, kept: Person, gone: Person, *, is_agent_meant: bool = False
) -> PersonMerge:
    """The first step, in one transaction: from here on the two are one for whoever writes."""
    if not policy.can_merge_people(actor):
        raise Forbidden(_("You may not merge people."))
    kept, gone = _both(kept, gone)
    _demand_mergeable(actor, kept, gone, is_agent_meant)
    operation = begin(actor, MERGE, kept=kept.pk, gone=gone.pk)
    acting = actor.within(operation.pk)
    _move_identities(operation, kept, gone)
    _move_consents(operation, kept, gone)
    taken = _take_over(operation, kept, gone)
    _save(kept, *taken)
    journal(operation, gone, "merged_into_id", None, kept.pk)
    gone.merged_into = kept
    _save(gone, "merged_into")
    # Whoever has signed in does so again, by their own address: see `Identity.portal_person`.
    User.objects.filter(person=gone).update(session_epoch=F("session_epoch") + 1)
    head = Change.objects.filter(operation=operation).order_by("-pk").values_list("pk", flat=True)
    merge = PersonMerge.objects.create(
        kept=kept, gone=gone, operation=operation, place={"head": head[0]}
    )
    record(acting, PersonMerged(kept.pk, gone.pk, merge.pk))
    _enqueue(merge)
    return merge


def begin_undo(actor: Actor, operation_id: int) -> int:
    """Take a merge back, inside `core.operations.actions.undo_operation`; returns how many moves
    go back, most of them by a job. Raises Conflict when a later merge stands on it."""
    merge = PersonMerge.objects.select_for_update().get(operation=operation_id)
    kept, gone = _both(merge.kept, merge.gone)
    if kept.erased_at is not None or gone.erased_at is not None:
        raise Conflict(_("This person is erased already."), code="erased")
    if kept.merged_into_id is not None:
        words = _("%(name)s has been merged into somebody else since. Undo that first.")
        raise Conflict(words % {"name": kept}, code="merged")
    changes = list(merge.operation.changes.filter(pk__lte=merge.place["head"]).order_by("-pk"))
    changes += list(_shared_changes(merge))
    _give_back_identities(kept, gone, [each for each in changes if "Identity" in each.model])
    _give_back_consents(kept, gone, [each for each in changes if "Consent" in each.model])
    _give_back_facts(kept, gone, [each for each in changes if each.model == "people.Person"])
    for each in changes:
        if each.model == "people.User":
            User.objects.filter(pk=each.object_id).update(
                **{each.field: each.old}, session_epoch=F("session_epoch") + 1
            )
    # What was decided about the one was decided about both.
    gone.is_blocked, gone.merged_into = kept.is_blocked, None
    if kept.legal_hold_since is not None:
        gone.legal_hold_since = kept.legal_hold_since
    _save(kept, "custom", *_WORDS, *(name.removesuffix("_id") for name in _CODES))
    _save(gone, "merged_into", "is_blocked", "legal_hold_since")
    rest = merge.operation.changes.filter(pk__gt=merge.place["head"]).count()
    merge.state, merge.place = MergeState.PARTING, {"head": merge.place["head"]}
    merge.total, merge.moved, merge.ended_at = rest, 0, None
    merge.save()
    record(actor, PersonUnmerged(kept.pk, gone.pk, merge.pk))
    _enqueue(merge)
    return len(changes) + rest


@action
def share_requests(actor: Actor, merge: PersonMerge) -> PersonMerge:
    """Vouch that both are one human: whoever signs in by an address of the one sees the requests
    of the other in the portal too. Until then each address shows its own. Undone with the merge.

    Raises Forbidden, and Conflict when the merge has been taken back.
    """
    kept, gone = _both(merge.kept, merge.gone)
    found = PersonMerge.objects.select_for_update().get(pk=merge.pk)
    if not policy.can_vouch(actor):
        raise Forbidden(_("This address cannot be confirmed this way."))
    if found.state not in (MergeState.MERGING, MergeState.MERGED):
        raise Conflict(_("These two are two again."), code="parted")
    if kept.merged_into_id is not None:
        words = _("%(name)s has been merged into somebody already.") % {"name": kept}
        raise Conflict(words, code="merged")
    rows = Identity.objects.filter(portal_person=gone)
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        return found
    operation = begin(actor, "people.share_requests", kept=kept.pk, gone=gone.pk)
    journal_many(operation, "people.Identity", "portal_person_id", ids, old=gone.pk, new=None)
    rows.update(portal_person=None)
    _share_users(operation, kept, gone)
    Operation.objects.filter(pk=found.operation_id).update(
        summary=found.operation.summary | {"shared": operation.pk}
    )
    record(actor.within(operation.pk), PersonRequestsShared(kept.pk, gone.pk, found.pk))
    return found


def _both(kept: Person, gone: Person) -> tuple[Person, Person]:
    """Both rows held, in the order of their ids: two merges never wait for one another in turn."""
    if kept.pk == gone.pk:
        raise Invalid(_("This is one person already."), fields={"person": _("Choose another.")})
    rows = Person.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    found = {row.pk: row for row in rows}
    return found[kept.pk], found[gone.pk]


def _demand_mergeable(actor: Actor, kept: Person, gone: Person, is_agent_meant: bool) -> None:
    for each in (kept, gone):
        if each.erased_at is not None:
            raise Conflict(_("This person is erased already."), code="erased")
        if each.merged_into_id is not None:
            words = _("%(name)s has been merged into somebody already.") % {"name": each}
            raise Conflict(words, code="merged")
        demand_settled(each)
    if Agent.objects.filter(person=gone).exists():
        words = _("%(name)s is an agent. An agent can only be the one who stays.")
        raise Conflict(words % {"name": gone}, code="gone_is_agent")
    if Agent.objects.filter(person=kept).exists():
        if not policy.can_manage_agents(actor):
            raise Forbidden(_("Only who manages agents may merge a customer into one."))
        if not is_agent_meant:
            words = _("%(name)s is an agent. Say that you mean it.") % {"name": kept}
            raise Conflict(words, code="kept_is_agent")
    if kept.is_blocked != gone.is_blocked:
        words = _("One of them is blocked, the other is not. Block or unblock one first.")
        raise Conflict(words, code="blocked")
    if Identity.objects.filter(person=gone).count() > MOST_IDENTITIES:
        raise Conflict(_("This person has too many addresses to be one human."), code="too_many")


def _move_identities(operation: Operation, kept: Person, gone: Person) -> None:
    rows = list(Identity.objects.filter(person=gone).order_by("pk"))
    primary = set(
        Identity.objects.filter(person=kept, is_primary=True).values_list("kind", flat=True)
    )
    lesser = [row.pk for row in rows if row.is_primary and row.kind in primary]
    strange = [row.pk for row in rows if row.portal_person_id is None]
    label, ids = "people.Identity", [row.pk for row in rows]
    journal_many(operation, label, "is_primary", lesser, old=True, new=False)
    journal_many(operation, label, "portal_person_id", strange, old=None, new=gone.pk)
    journal_many(operation, label, "person_id", ids, old=gone.pk, new=kept.pk)
    Identity.objects.filter(pk__in=lesser).update(is_primary=False)
    Identity.objects.filter(pk__in=strange).update(portal_person=gone)
    Identity.objects.filter(pk__in=ids).update(person=kept)


def _move_consents(operation: Operation, kept: Person, gone: Person) -> None:
    """All history goes along; of two last words the later one stands."""
    rows = list(Consent.objects.filter(person=gone).order_by("pk"))
    standing = {row.kind_id: row for row in Consent.objects.filter(person=kept, is_current=True)}
    older = []
    for row in rows:
        other = standing.get(row.kind_id) if row.is_current else None
        if other is not None:
            older.append(row.pk if row.at <= other.at else other.pk)
    ids = [row.pk for row in rows]
    journal_many(operation, "people.Consent", "is_current", older, old=True, new=False)
    journal_many(operation, "people.Consent", "person_id", ids, old=gone.pk, new=kept.pk)
    Consent.objects.filter(pk__in=older).update(is_current=False)
    Consent.objects.filter(pk__in=ids).update(person=kept)


def _give_back_consents(kept: Person, gone: Person, changes: list[Change]) -> None:
    """What was said since the merge was said by the one who stays."""
    moved = [each.object_id for each in changes if each.field == "person_id"]
    Consent.objects.filter(pk__in=moved, person=kept).update(person=gone)
    was_last = {each.object_id for each in changes if each.field == "is_current"}
    for row in Consent.objects.filter(pk__in=was_last, is_current=False):
        same = Consent.objects.filter(person=row.person_id, kind=row.kind_id, is_current=True)
        if not same.exists():
            Consent.objects.filter(pk=row.pk).update(is_current=True)


def _take_over(operation: Operation, kept: Person, gone: Person) -> list[str]:
    taken = []
    for name in _CODES:
        value = getattr(gone, name)
        if value and not getattr(kept, name):
            journal(operation, kept, name, getattr(kept, name), value)
            setattr(kept, name, value)
            taken.append(name.removesuffix("_id"))
    for name in _WORDS:
        if getattr(gone, name) and not getattr(kept, name):
            journal(operation, kept, name, "", {"of": gone.pk})
            setattr(kept, name, getattr(gone, name))
            taken.append(name)
    if take_over_fields(operation, kept, gone):
        taken.append("custom")
    return taken


def _give_back_identities(kept: Person, gone: Person, changes: list[Change]) -> None:
    """Those that are still here: an address that was given up or erased since is not."""
    ids = {each.object_id for each in changes if each.field == "person_id"}
    here = set(Identity.objects.filter(pk__in=ids, person=kept).values_list("pk", flat=True))
    was_primary = {
        each.object_id for each in changes if each.field == "is_primary" and each.old is True
    }
    Identity.objects.filter(pk__in=here).update(person=gone)
    strange = {each.object_id for each in changes if each.field == "portal_person_id"}
    Identity.objects.filter(pk__in=strange & here, portal_person=gone).update(portal_person=None)
    for person in (gone, kept):
        rows = list(Identity.objects.filter(person=person).order_by("pk"))
        for kind in {row.kind for row in rows} - {row.kind for row in rows if row.is_primary}:
            alike = [row for row in rows if row.kind == kind]
            alike.sort(key=lambda row: (row.pk not in was_primary, not row.is_verified, row.pk))
            Identity.objects.filter(pk=alike[0].pk).update(is_primary=True)


def _give_back_facts(kept: Person, gone: Person, changes: list[Change]) -> None:
    """What was taken over goes, unless somebody has written something else since."""
    give_back_fields(kept, gone, changes)
    for each in changes:
        if each.object_id != kept.pk or is_of_field(each):
            continue
        now: Any = getattr(kept, each.field)
        is_word = isinstance(each.new, dict)
        was: Any = getattr(gone, each.field) if is_word else each.new
        if (now if is_word else as_json(now)) == was:
            setattr(kept, each.field, each.old)


def _share_users(operation: Operation, kept: Person, gone: Person) -> None:
    """One account for both: the one of who stays; the other one's becomes it or rests."""
    user = User.objects.filter(person=gone).first()
    if user is None:
        return
    if User.objects.filter(person=kept).exists():
        journal(operation, user, "is_active", user.is_active, False)
        user.is_active = False
    else:
        journal(operation, user, "person_id", gone.pk, kept.pk)
        user.person = kept
    user.session_epoch += 1
    user.save(update_fields=["is_active", "person", "session_epoch"])
    doubt_rights(gone.pk)


def _shared_changes(merge: PersonMerge) -> list[Change]:
    shared = merge.operation.summary.get("shared")
    rows = Change.objects.filter(operation=shared, model="people.User") if shared else None
    return list(rows.order_by("-pk")) if rows is not None else []


def _save(person: Person, *names: str) -> None:
    person.version += 1
    person.save(update_fields=[*names, "version"])


def _enqueue(merge: PersonMerge) -> None:
    from otklik.people.tasks import look_at_merge_again, merge_people

    merge_people.enqueue(merge_id=merge.pk)
    look_at_merge_again.using(run_at=timezone.now() + merging.LOOKED_AGAIN_AFTER).enqueue(
        merge_id=merge.pk
    )
