"""How those are told who chose nothing: administrators decide."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from otklik.core.access import Actor
from otklik.core.db import write
from otklik.core.settings import get_many, put
from otklik.notify.actions import set_defaults
from otklik.notify.settings import KEEP_DAYS, LETTER_AFTER, MAIL_SHOWS_TEXT
from otklik.notify.topics import list_topics
from otklik.notify.wanting import read_defaults
from otklik.workspace.notify_screens.forms import DeskForm, TopicsForm
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of

CHANGE_SETTINGS = "settings.change"
_SETTINGS = {
    "keep_days": KEEP_DAYS,
    "letter_after": LETTER_AFTER,
    "mail_shows_text": MAIL_SHOWS_TEXT,
}


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(CHANGE_SETTINGS)
def desk(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    data = request.POST if request.method == "POST" else None
    known = read_defaults()
    present = {topic.code: known.get(topic.code, topic.ways) for topic in list_topics()}
    topics = TopicsForm(data, present, frozenset(known))
    kept = get_many(*_SETTINGS.values())
    initial = {name: kept[key] for name, key in _SETTINGS.items()}
    more = DeskForm(data, initial=initial)
    if (
        data is not None
        and topics.is_valid()
        and more.is_valid()
        and saved(topics, lambda: _keep(actor, topics, more))
    ):
        return done(request, reverse("notify_screens:desk"), _("Saved"))
    context = {"topics": topics, "more": more, "title": _("Notifications")}
    status = max(status_of(topics), status_of(more))
    return render(request, "workspace/notices/desk.html", context, status=status)


def _keep(actor: Actor, topics: TopicsForm, more: DeskForm) -> None:
    with write():
        set_defaults(actor, topics.ways())
        for name, key in _SETTINGS.items():
            put(actor, key, more.cleaned_data[name])
