"""What I am told of: topics, quiet hours, digests. One page, one form for each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.notify.actions import choose_hours, choose_topics
from otklik.notify.models import Device, Pace, Preference
from otklik.notify.topics import list_topics
from otklik.notify.wanting import read_table
from otklik.workspace.notify_screens.forms import HoursForm, TopicsForm
from otklik.workspace.settings_screens.doors import done, saved, status_of
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, staff_view


@staff_view("GET", "HEAD", "POST")
def own(request: HttpRequest) -> HttpResponseBase:
    """``do`` says which form was sent: topics or hours."""
    actor = actor_of(request)
    sent = request.POST.get("do", "") if request.method == "POST" else ""
    topics = _topics_form(actor, request.POST if sent == "topics" else None)
    hours = HoursForm(request.POST if sent == "hours" else None, _pace(actor))
    url = reverse("notify_screens:own")
    if sent == "topics" and topics.is_valid() and saved(topics, lambda: _choose(actor, topics)):
        return done(request, url, _("Saved"))
    if (
        sent == "hours"
        and hours.is_valid()
        and saved(hours, lambda: choose_hours(actor, hours.hours()))
    ):
        return done(request, url, _("Saved"))
    context: dict[str, Any] = {
        "topics": topics,
        "hours": hours,
        "devices": Device.objects.filter(person_id=actor.person_id or 0),
        "title": _("What I am told of"),
        "zone": read_table().hearers.get(actor.person_id or 0),
    }
    status = max(status_of(topics), status_of(hours))
    page = shell_context(request) | context
    return render(request, "workspace/notices/own.html", page, status=status)


def _topics_form(actor: Actor, data: Any) -> TopicsForm:
    table = read_table()
    chosen = Preference.objects.filter(person_id=actor.person_id or 0)
    present = {topic.code: table.default(topic.code) for topic in list_topics()}
    own = {row.topic: row.ways for row in chosen}
    return TopicsForm(data, present | own, frozenset(own))


def _choose(actor: Actor, form: TopicsForm) -> None:
    """What is as the desk says follows the desk; only what differs is a choice."""
    table = read_table()
    given = form.ways()
    choose_topics(
        actor,
        {code: None if ways == table.default(code) else ways for code, ways in given.items()},
    )


def _pace(actor: Actor) -> Pace:
    found = Pace.objects.filter(person_id=actor.person_id or 0).first()
    return found or Pace(digest_times=[9 * 60])
