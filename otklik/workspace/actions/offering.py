"""What macros and scripts share: who they are for, their name, and that they are offered or not.

Canned replies, which others manage, share the name alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid
from otklik.core.vocabulary.tongues import clean_words
from otklik.kit.text import clean_line
from otklik.people.models import Team
from otklik.workspace.models import CannedReply, Offered, Scope
from otklik.workspace.permissions import MANAGE_MACROS

MOST_OWN = 500


def may_change_offered(actor: Actor, row: Offered) -> bool:
    if row.scope == Scope.PERSONAL:
        return row.owner_id is not None and row.owner_id == actor.person_id
    return actor.can(MANAGE_MACROS)


def demand_change(actor: Actor, row: Offered) -> None:
    if not may_change_offered(actor, row):
        raise Forbidden(_("Only those who manage macros may change this one."))


def demand_version(row: Offered, version: int | None) -> None:
    if version is not None and version != row.version:
        raise Conflict(
            _("Somebody changed this in the meantime. Look at it before you save."),
            fields={"version": row.version},
        )


def give(row: Offered, actor: Actor, *, scope: str, team: Team | None) -> None:
    """Who it is for. Raises Forbidden and Invalid."""
    if scope not in Scope.values:
        raise Invalid(_("Choose who it is for."), fields={"scope": _("Choose from the list.")})
    if scope != Scope.PERSONAL and not actor.can(MANAGE_MACROS):
        words = _("Only those who manage macros may share one.")
        raise Forbidden(words, fields={"scope": words})
    if scope == Scope.PERSONAL and actor.person_id is None:
        raise Forbidden(_("Only a person has macros of their own."))
    if scope == Scope.TEAM and team is None:
        raise Invalid(_("Choose a team."), fields={"team": _("Choose a team.")})
    row.scope = scope
    row.team = team if scope == Scope.TEAM else None
    row.owner_id = actor.person_id if scope == Scope.PERSONAL else None
    own = type(row)._default_manager.filter(scope=Scope.PERSONAL, owner=row.owner_id)
    if row.pk is None and row.owner_id is not None and own.count() >= MOST_OWN:
        raise Invalid(_("You have %(most)d of your own already.") % {"most": MOST_OWN})


def describe(
    row: Offered | CannedReply,
    *,
    name: str,
    hint: str,
    labels: Mapping[str, str] | None = None,
    hints: Mapping[str, str] | None = None,
) -> None:
    """Its name and when to use it; ``labels`` and ``hints`` are the same by language, None leaves
    them. Raises Invalid."""
    for field, value, most in (("name", name, 120), ("hint", hint, 300)):
        line = clean_line(str(value))
        if len(line) > most:
            words = _("At most %(count)d characters.") % {"count": most}
            raise Invalid(words, fields={field: words})
        if field == "name" and not line:
            words = _("Give it a name.")
            raise Invalid(words, fields={"name": words})
        setattr(row, field, line)
    if labels is not None and isinstance(row, Offered):
        row.labels = clean_words(labels, 120, "labels")
    if hints is not None:
        row.hints = clean_words(hints, 300, "hints")


def count_use(row: Offered, times: int = 1) -> None:
    """Inside the transaction of the use."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    rows.update(uses=F("uses") + times, last_used_at=timezone.now())
