"""Writing canned replies: anybody for themselves, for others who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core import files
from otklik.core.access import Actor, Conflict, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.kit.text import normalise
from otklik.people.models import Team
from otklik.tickets.models.message import make_token
from otklik.workspace.actions.offering import describe
from otklik.workspace.canned.writing import CannedWords, clean_tags, search_key
from otklik.workspace.events import (
    CannedReplyChanged,
    CannedReplyCreated,
    CannedReplyRemoved,
    CannedReplyRestored,
)
from otklik.workspace.models import CannedFile, CannedReply, CannedText, Scope
from otklik.workspace.permissions import MANAGE_CANNED

MOST_OWN = 1000


def may_change_canned(actor: Actor, canned: CannedReply) -> bool:
    if canned.scope == Scope.PERSONAL:
        return canned.owner_id is not None and canned.owner_id == actor.person_id
    return actor.can(MANAGE_CANNED)


@action
def create_canned_reply(
    actor: Actor,
    *,
    name: str,
    words: CannedWords,
    scope: str = Scope.PERSONAL,
    team: Team | None = None,
    hint: str = "",
    hints: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
) -> CannedReply:
    """``words`` come from `prepare_texts`. Raises Forbidden and Invalid."""
    canned = CannedReply(created_by_id=actor.person_id)
    _give(canned, actor, scope=scope, team=team)
    _describe(canned, name=name, hint=hint, hints=hints, tags=tags)
    own = CannedReply.objects.filter(scope=Scope.PERSONAL, owner_id=canned.owner_id)
    if canned.owner_id is not None and own.count() >= MOST_OWN:
        raise Invalid(_("You have %(most)d canned replies already.") % {"most": MOST_OWN})
    canned.save()
    _write_words(canned, words)
    record(actor, CannedReplyCreated(canned.pk, canned.scope))
    return canned


@action
def change_canned_reply(
    actor: Actor,
    canned: CannedReply,
    *,
    version: int | None = None,
    words: CannedWords | None = None,
    **changes: Any,
) -> CannedReply:
    """Change name, hint, hints, tags, scope with team, or the words (all of them at once).

    ``version`` is what the writer saw: another change in between raises Conflict. Raises
    Forbidden and Invalid.
    """
    current = CannedReply.objects.select_for_update().get(pk=canned.pk)
    _demand(actor, current)
    if version is not None and version != current.version:
        raise Conflict(
            _("Somebody changed this canned reply in the meantime. Look at it before you save."),
            fields={"version": current.version},
        )
    before = _known(current)
    if "scope" in changes:
        team = changes.get("team", current.team)
        if (changes["scope"], team) != (current.scope, current.team):
            _give(current, actor, scope=changes["scope"], team=team)
    _describe(
        current,
        name=changes.get("name", current.name),
        hint=changes.get("hint", current.hint),
        hints=changes.get("hints"),
        tags=changes.get("tags", current.tags),
    )
    changed = [name for name, value in _known(current).items() if value != before[name]]
    if words is not None and _write_words(current, words):
        changed.append("texts")
    if changed:
        current.version += 1
        current.updated_at = timezone.now()
        current.save()
        record(actor, CannedReplyChanged(current.pk, tuple(sorted(changed))))
    return current


@action
def remove_canned_reply(actor: Actor, canned: CannedReply) -> None:
    """It is offered no more; `restore_canned_reply` takes that back."""
    _demand(actor, canned)
    if CannedReply.objects.filter(pk=canned.pk, is_active=True).update(is_active=False):
        record(actor, CannedReplyRemoved(canned.pk))


@action
def restore_canned_reply(actor: Actor, canned: CannedReply) -> None:
    _demand(actor, canned)
    if CannedReply.objects.filter(pk=canned.pk, is_active=False).update(is_active=True):
        record(actor, CannedReplyRestored(canned.pk))


def _demand(actor: Actor, canned: CannedReply) -> None:
    if not may_change_canned(actor, canned):
        raise Forbidden(_("Only those who manage canned replies may change this one."))


def _give(canned: CannedReply, actor: Actor, *, scope: str, team: Team | None) -> None:
    """Who it is for."""
    if scope not in Scope.values:
        raise Invalid(_("Choose who it is for."), fields={"scope": _("Choose from the list.")})
    if scope != Scope.PERSONAL and not actor.can(MANAGE_CANNED):
        words = _("Only those who manage canned replies may share one.")
        raise Forbidden(words, fields={"scope": words})
    if scope == Scope.PERSONAL and actor.person_id is None:
        raise Forbidden(_("Only a person has replies of their own."))
    if scope == Scope.TEAM and team is None:
        raise Invalid(_("Choose a team."), fields={"team": _("Choose a team.")})
    canned.scope = scope
    canned.team = team if scope == Scope.TEAM else None
    canned.owner_id = actor.person_id if scope == Scope.PERSONAL else None


def _describe(
    canned: CannedReply,
    *,
    name: str,
    hint: str,
    hints: Mapping[str, str] | None,
    tags: Sequence[str],
) -> None:
    describe(canned, name=name, hint=hint, hints=hints)
    canned.tags = clean_tags(tags)
    canned.tag_keys = normalise(" ".join(canned.tags))[:1000]


def _known(canned: CannedReply) -> dict[str, Any]:
    names = ("name", "hint", "hints", "tags", "scope", "team_id")
    return {name: getattr(canned, name) for name in names}


def _write_words(canned: CannedReply, words: CannedWords) -> bool:
    """The texts and files as they are now; whether something changed."""
    if not words.texts:
        told = _("Write the text in at least one language.")
        raise Invalid(told, fields={"texts": told})
    texts = {row.language: row for row in CannedText.objects.filter(canned=canned)}
    tokens: dict[str, str] = {}
    is_changed = False
    for stored in words.files:
        token = stored.content_id or make_token()
        tokens[token] = token
        files.hold(stored.blob)
        CannedFile.objects.create(
            canned=canned,
            blob=stored.blob,
            token=token,
            name=stored.name[:255] or "file",
            content_type=stored.content_type[:127],
            size=stored.blob.size,
            is_inline=stored.is_inline,
        )
        is_changed = True
    for file in CannedFile.objects.filter(canned=canned).select_related("blob"):
        if file.token not in words.kept and file.token not in tokens:
            files.release(file.blob)
            file.delete()
            is_changed = True
    for language, (html, plain) in words.texts.items():
        row = texts.pop(language, None)
        if row is not None and row.html == html:
            continue
        row = row or CannedText(canned=canned, language=language)
        row.html, row.text, row.search = html, plain, search_key(plain)
        row.save()
        is_changed = True
    for gone in texts.values():
        gone.delete()
        is_changed = True
    return is_changed
