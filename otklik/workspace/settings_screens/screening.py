"""Spam and senders: what the desk asks and believes, and who is kept out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from otklik.channels.actions import block_sender, unblock_sender
from otklik.channels.models import BlockedSender
from otklik.channels.permissions import BLOCK
from otklik.channels.screening.lessons import count_letters
from otklik.channels.screening.settings import PREFIX
from otklik.channels.screening.words import LEAST
from otklik.core.access import Forbidden
from otklik.core.db import write
from otklik.core.settings import get_many, list_declared, put
from otklik.workspace.settings_screens.doors import (
    actor_of,
    done,
    open_to,
    saved,
    show_refusal,
    status_of,
)

CHANGE_SETTINGS = "settings.change"
_SHOWN = 200


class ScreeningForm(forms.Form):
    """One field for each setting of screening, whichever room declared it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        found = [one for one in list_declared() if one.key.startswith(PREFIX)]
        # What is switched first, then what is named.
        self._declared = sorted(found, key=lambda one: (one.type is list, one.key))
        present = get_many(*(one.key for one in self._declared))
        for one in self._declared:
            name = one.key.removeprefix(PREFIX)
            if one.type is bool:
                self.fields[name] = forms.BooleanField(required=False, initial=present[one.key])
            else:
                self.fields[name] = forms.CharField(
                    required=False,
                    max_length=4000,
                    initial=" ".join(present[one.key]),
                )
            self.fields[name].label = str(one.label)
            self.fields[name].help_text = str(one.help)

    def values(self) -> dict[str, Any]:
        """Key → value for `core.settings.put`."""
        found: dict[str, Any] = {}
        for one in self._declared:
            given = self.cleaned_data[one.key.removeprefix(PREFIX)]
            is_list = one.type is list
            found[one.key] = given.lower().replace(",", " ").split() if is_list else given
        return found

    def names(self) -> dict[str, str]:
        return {one.key: one.key.removeprefix(PREFIX) for one in self._declared}


class BlockForm(forms.Form):
    pattern = forms.CharField(
        label=gettext_lazy("Address or domain"),
        help_text=gettext_lazy("A domain stands for everything below it as well."),
        max_length=320,
    )
    note = forms.CharField(label=gettext_lazy("Why"), max_length=200, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(CHANGE_SETTINGS, BLOCK)
def screening(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    form = ScreeningForm(request.POST or None)
    if request.method == "POST":
        if not actor.can(CHANGE_SETTINGS):
            raise Forbidden(_("Only an administrator may change settings."))
        form = ScreeningForm(request.POST)
        if form.is_valid():

            def act() -> None:
                with write():
                    for key, value in form.values().items():
                        put(actor, key, value)

            if _saved(form, act):
                return done(request, reverse("settings_screens:screening"), _("Saved"))
    return _page(request, form, BlockForm())


@require_POST
@open_to(BLOCK)
def block(request: HttpRequest) -> HttpResponseBase:
    actor, form = actor_of(request), BlockForm(request.POST)
    made: list[BlockedSender] = []
    if form.is_valid() and saved(
        form,
        lambda: made.append(
            block_sender(
                actor, form.cleaned_data["pattern"], note=form.cleaned_data.get("note", "")
            )
        ),
    ):
        words = _("Nothing is taken from %(name)s any more") % {"name": made[0].pattern}
        undo = reverse("settings_screens:unblock_sender", args=[made[0].pk])
        return done(request, reverse("settings_screens:screening"), words, undo=undo)
    return _page(request, ScreeningForm(), form)


@require_POST
@open_to(BLOCK)
def unblock(request: HttpRequest, row_id: int) -> HttpResponseBase:
    row = get_object_or_404(BlockedSender, pk=row_id)
    unblock_sender(actor_of(request), row)
    words = _("Letters from %(name)s are taken again") % {"name": row.pattern}
    return done(request, reverse("settings_screens:screening"), words)


def _saved(form: ScreeningForm, act: Any) -> bool:
    from otklik.core.access import ActionError

    try:
        act()
    except ActionError as refusal:
        show_refusal(form, refusal, form.names())
        return False
    return True


def _page(request: HttpRequest, form: ScreeningForm, block_form: BlockForm) -> HttpResponse:
    actor, letters = actor_of(request), count_letters()
    rows = list(BlockedSender.objects.select_related("created_by")[: _SHOWN + 1])
    context = {
        "form": form,
        "block_form": block_form,
        "rows": rows[:_SHOWN],
        "has_more": len(rows) > _SHOWN,
        "letters": letters,
        "least": LEAST,
        "is_learning": min(letters.spam, letters.other) < LEAST,
        "may_change": actor.can(CHANGE_SETTINGS),
        "may_block": actor.can(BLOCK),
        "title": _("Spam and senders"),
    }
    status = max(status_of(form), status_of(block_form))
    return render(request, "workspace/settings/screening.html", context, status=status)
