"""Canned replies: everybody's and the teams' in the settings, one's own beside one's account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core import files
from otklik.core.access import ActionError, Actor, Missing
from otklik.core.vocabulary import list_placeholders, unknown_placeholders
from otklik.core.web.downloads import send_file
from otklik.desk.texts import list_languages
from otklik.people.models import Team
from otklik.tickets.models import Upload
from otklik.workspace.actions import (
    change_canned_reply,
    create_canned_reply,
    may_change_canned,
    remove_canned_reply,
    restore_canned_reply,
)
from otklik.workspace.canned import find_canned, prepare_texts
from otklik.workspace.canned.writing import LONGEST, MOST_FILES
from otklik.workspace.models import CannedFile, CannedReply, Scope
from otklik.workspace.permissions import MANAGE_CANNED
from otklik.workspace.settings_screens.by_language import ByLanguage, add_words, read_words
from otklik.workspace.settings_screens.doors import (
    actor_of,
    done,
    open_to,
    saved,
    show_refusal,
    status_of,
)

_SHOWN = 200
_THINGS = ("person", "organisation", "agent", "ticket", "team", "brand", "company", "date")


class CannedForm(ByLanguage, forms.Form):
    """``html-<language>`` is rich text where the page has scripts, else plain."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What you type after / to find it."),
        max_length=120,
    )
    scope = forms.ChoiceField(label=gettext_lazy("For whom"), choices=Scope.choices)
    team = forms.ModelChoiceField(Team.objects.none(), label=gettext_lazy("Team"), required=False)
    hint = forms.CharField(
        label=gettext_lazy("When to use it"),
        help_text=gettext_lazy("Stands below the name where it is chosen."),
        max_length=300,
        required=False,
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        help_text=gettext_lazy("Separated by commas. It is found by them too."),
        max_length=1000,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, row: CannedReply | None, is_own: bool) -> None:
        initial: dict[str, Any] = {"scope": Scope.PERSONAL if is_own else Scope.SHARED}
        if row is not None:
            initial = {
                "name": row.name,
                "scope": row.scope,
                "team": row.team_id,
                "hint": row.hint,
                "tags": ", ".join(row.tags),
                "version": row.version,
            }
        super().__init__(*args, initial=initial)  # type: ignore[misc]
        self.fields["team"].queryset = Team.objects.visible_to(actor).active()  # type: ignore[attr-defined]
        self.fields["team"].empty_label = "—"  # type: ignore[attr-defined]
        if not actor.can(MANAGE_CANNED):
            del self.fields["scope"], self.fields["team"]
        add_words(self, "hint", 300, row.hints if row else None)
        texts = {text.language: text.html for text in row.texts.all()} if row else {}
        self.languages = list_languages()
        for code, language in self.languages:
            self.fields[f"html-{code}"] = forms.CharField(
                label=language,
                required=False,
                max_length=LONGEST,
                initial=_shown(row, texts.get(code, "")),
                widget=forms.Textarea(attrs={"rows": 6}),
            )

    def texts(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"html-{code}"] for code, _name in self.languages}

    def details(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {
            "name": given["name"],
            "hint": given["hint"],
            "hints": read_words(self, "hint"),
            "tags": [tag for tag in given["tags"].replace(";", ",").split(",") if tag.strip()],
        }
        if "scope" in self.fields:
            found |= {"scope": given["scope"], "team": given["team"]}
        return found

    def editors(self) -> list[tuple[str, forms.BoundField]]:
        return [(code, self[f"html-{code}"]) for code, _name in self.languages]

    def main_fields(self) -> list[forms.BoundField]:
        return [one for one in super().main_fields() if not one.name.startswith("html-")]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages stand: in the settings, or beside one's account."""

    is_own: bool

    def url(self, name: str, *arguments: object) -> str:
        prefix = "own_" if self.is_own else ""
        return reverse(f"settings_screens:{prefix}{name}", args=arguments)

    @property
    def title(self) -> str:
        return _("My canned replies") if self.is_own else _("Canned replies")


@require_safe
@open_to(MANAGE_CANNED)
def index(request: HttpRequest) -> HttpResponse:
    return _index(request, Place(is_own=False))


@require_safe
@open_to()
def own_index(request: HttpRequest) -> HttpResponse:
    return _index(request, Place(is_own=True))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE_CANNED)
def edit(request: HttpRequest, canned_id: int | None = None) -> HttpResponseBase:
    return _edit(request, Place(is_own=False), canned_id)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to()
def own_edit(request: HttpRequest, canned_id: int | None = None) -> HttpResponseBase:
    return _edit(request, Place(is_own=True), canned_id)


@require_POST
@open_to()
def drop(request: HttpRequest, canned_id: int) -> HttpResponseBase:
    """Offer it no more; ``?undo=1`` takes it back."""
    actor = actor_of(request)
    row = get_object_or_404(CannedReply.objects.visible_to(actor), pk=canned_id)
    place = Place(is_own=row.scope == Scope.PERSONAL)
    here = reverse("settings_screens:drop_canned", args=[row.pk])
    if request.GET.get("undo"):
        restore_canned_reply(actor, row)
        return done(request, place.url("canned"), _("%(name)s is offered again") % {"name": row})
    remove_canned_reply(actor, row)
    words = _("%(name)s is offered no more") % {"name": row}
    return done(request, place.url("canned"), words, undo=f"{here}?undo=1")


@require_safe
@open_to()
def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """A picture or file of a canned reply one is offered."""
    rows = CannedFile.objects.filter(
        token=token, canned__in=CannedReply.objects.visible_to(actor_of(request))
    )
    found = rows.select_related("blob").first()
    if found is None:
        raise Missing(_("There is no such file."))
    kind = found.blob.content_type
    stream = files.open_blob(found.blob)
    return send_file(stream, name=found.name, content_type=kind, is_inline=found.is_inline)


def _index(request: HttpRequest, place: Place) -> HttpResponse:
    actor, query = actor_of(request), request.GET.get("q", "").strip()[:100]
    found = find_canned(actor, query, limit=None)
    found = (
        found.filter(scope=Scope.PERSONAL) if place.is_own else found.exclude(scope=Scope.PERSONAL)
    )
    rows = list(found[: _SHOWN + 1])
    language = (get_language() or "").partition("-")[0]
    names = dict(list_languages())
    lines = [
        {
            "row": row,
            "url": place.url("canned_reply", row.pk),
            "whom": row.team or Scope(row.scope).label,
            "languages": ", ".join(
                names.get(text.language, text.language) for text in row.texts.all()
            ),
            "text": next(
                (text.text for text in row.texts.all() if text.language == language),
                next((text.text for text in row.texts.all()), ""),
            )[:160],
        }
        for row in rows[:_SHOWN]
    ]
    context = {
        "lines": lines,
        "has_more": len(rows) > _SHOWN,
        "q": query,
        "place": place,
        "title": place.title,
        "new_url": place.url("new_canned"),
    }
    return render(request, "workspace/settings/canned_replies.html", context)


def _edit(request: HttpRequest, place: Place, canned_id: int | None) -> HttpResponseBase:
    actor = actor_of(request)
    rows = CannedReply.objects.visible_to(actor).active().prefetch_related("texts", "files")
    rows = rows.filter(scope=Scope.PERSONAL) if place.is_own else rows.exclude(scope=Scope.PERSONAL)
    row = get_object_or_404(rows, pk=canned_id) if canned_id else None
    form = CannedForm(request.POST or None, actor=actor, row=row, is_own=place.is_own)
    if request.method == "POST" and form.is_valid() and _saved(request, actor, row, form):
        return done(request, place.url("canned"), _("Saved"))
    tokens = request.POST.getlist("uploads")[:MOST_FILES]
    uploads = Upload.objects.filter(owner_id=actor.person_id, token__in=tokens)
    context = {
        "form": form,
        "row": row,
        "place": place,
        "title": row.name if row else _("New canned reply"),
        "crumb": place.title,
        "crumb_url": place.url("canned"),
        "files": [one for one in row.files.all() if not one.is_inline] if row else [],
        "uploads": uploads,
        "placeholders": list_placeholders(*_THINGS),
        "unknown": _unknown(row),
        "may_change": row is None or may_change_canned(actor, row),
    }
    return render(request, "workspace/settings/canned_reply.html", context, status=status_of(form))


def _saved(request: HttpRequest, actor: Actor, row: CannedReply | None, form: CannedForm) -> bool:
    try:
        words = prepare_texts(
            actor,
            form.texts(),
            uploads=request.POST.getlist("uploads")[:MOST_FILES],
            kept=request.POST.getlist("keep")[:MOST_FILES],
            of=row,
        )
    except ActionError as refused:
        show_refusal(form, refused)
        return False
    details = form.details()
    if row is None:
        return saved(form, lambda: create_canned_reply(actor, words=words, **details))
    version = form.cleaned_data["version"]
    return saved(
        form, lambda: change_canned_reply(actor, row, words=words, version=version, **details)
    )


def _shown(row: CannedReply | None, html: str) -> str:
    """The text for the editor: its pictures by the address they are served from."""
    for one in row.files.all() if row else ():
        url = reverse("settings_screens:canned_file", args=[one.token])
        html = html.replace(f"cid:{one.token}", url)
    return html


def _unknown(row: CannedReply | None) -> list[str]:
    texts = row.texts.all() if row else ()
    return list(dict.fromkeys(name for text in texts for name in unknown_placeholders(text.html)))
