"""Segments: names for people or organisations that answer to the same conditions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.access import Invalid
from otklik.core.vocabulary import list_conditions
from otklik.people.actions import change_segment, create_segment, remove_segment
from otklik.people.models import Segment, SegmentOf
from otklik.people.permissions import SET_UP
from otklik.people.segments import spell_segment
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of
from otklik.workspace.settings_screens.segment_builder import builder_context


class SegmentForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    of = forms.ChoiceField(
        label=pgettext_lazy("segment", "Of"),
        choices=[
            (SegmentOf.PERSON, gettext_lazy("People")),
            (SegmentOf.ORGANISATION, gettext_lazy("Organisations")),
        ],
    )
    query = forms.CharField(
        label=gettext_lazy("Conditions"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Such as: language:ru vip:yes tickets>5"),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Shown beside tickets"), required=False, initial=True
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, segment: Segment | None = None) -> None:
        super().__init__(*args)
        if segment is not None:
            del self.fields["of"]
            self.initial = {
                "name": segment.name,
                "query": _spelt(segment),
                "is_active": segment.is_active,
                "version": segment.version,
            }


@require_safe
@open_to(SET_UP)
def index(request: HttpRequest) -> HttpResponse:
    lines = [(row, _spelt(row)) for row in Segment.objects.all()]
    return render(request, "workspace/settings/segments.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(SET_UP)
def edit(request: HttpRequest, segment_id: int | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    segment = get_object_or_404(Segment, pk=segment_id) if segment_id is not None else None
    form = SegmentForm(request.POST or None, segment=segment)
    index_url = reverse("settings_screens:segments")

    def act() -> None:
        given = form.cleaned_data
        if segment is None:
            create_segment(
                actor,
                name=given["name"],
                query=given["query"],
                of=given["of"],
                is_active=given["is_active"],
            )
        else:
            change_segment(
                actor,
                segment,
                name=given["name"],
                query=given["query"],
                is_active=given["is_active"],
                version=given["version"],
            )

    if request.method == "POST" and form.is_valid() and saved(form, act):
        return done(request, index_url, _("Saved"))
    context = {
        "form": form,
        "segment": segment,
        "title": segment.name if segment else _("New segment"),
        "crumb_url": index_url,
        "crumb": _("Segments"),
        **builder_context(
            request.POST, of=segment.of if segment else "", query=_spelt(segment) if segment else ""
        ),
        "query_errors": form.errors.get("query"),
        "words": [
            (each.names[0], each.names[1], each.label)
            for each in list_conditions(segment.of if segment else SegmentOf.PERSON)
        ],
    }
    return render(request, "workspace/settings/segment.html", context, status=status_of(form))


@require_POST
@open_to(SET_UP)
def drop(request: HttpRequest, segment_id: int) -> HttpResponseBase:
    remove_segment(actor_of(request), get_object_or_404(Segment, pk=segment_id))
    return done(request, reverse("settings_screens:segments"), _("The segment is gone"))


def _spelt(segment: Segment) -> str:
    try:
        return spell_segment(segment)
    except Invalid:
        return ""
