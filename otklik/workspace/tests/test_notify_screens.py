"""What one is told of, as a page without script; how one chooses; who may say it for everybody."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

from django.test import Client
from django.utils import timezone

from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.realtime.catch_up import list_changed
from otklik.notify.models import Notification, Pace, Preference
from otklik.notify.topics import Mail, list_topics
from otklik.notify.wanting import read_table
from otklik.people.tests.factories import make_administrator, user_of
from otklik.tickets.actions import assign_ticket
from otklik.tickets.tests.factories import customer_writes
from otklik.workspace.settings_screens.tests.cast import browser_of

URL = "/notifications/settings/"
_SEVEN = " ".join(f"{hour}:00" for hour in range(7))


def test_a_page_tells_and_reads_without_script(at_desk: Client, cast: SimpleNamespace) -> None:
    assign_ticket(SYSTEM, cast.ticket, cast.marina)
    customer_writes(cast.ticket, "<b>Any</b> news?")
    dispatch_pending()
    page = at_desk.get("/notifications/").content.decode()
    assert page.count('class="notice is-unread"') == 1
    assert "&lt;b&gt;Any&lt;/b&gt; news?" in page
    assert "data-bell-count>2<" in page
    latest = at_desk.get("/notifications/latest/", HTTP_HX_REQUEST="true").content.decode()
    assert f'data-things="ticket:{cast.ticket.pk}"' in latest
    assert latest.count("data-notice=") == 2
    read = {"thing": f"ticket:{cast.ticket.pk}"}
    for other in (browser_of(cast.ilya), at_desk):
        assert other.post("/notifications/reading/", read).status_code == 302
    assert "notice is-unread" not in at_desk.get("/notifications/?all").content.decode()
    assert at_desk.get("/notifications/?before=x&all").status_code == 200
    for wrong in ({"thing": "ticket:x"}, {"up_to": "9" * 40}, {}):
        assert at_desk.post("/notifications/reading/", wrong).status_code == 302
    assert Client().get("/notifications/").status_code == 302


def test_a_page_that_connects_is_told_of_what_was_read_before_its_socket_was_up(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    assign_ticket(SYSTEM, cast.ticket, cast.marina)
    dispatch_pending()
    topic = f"person:{cast.marina.person_id}"
    long_ago = timezone.now() - timedelta(minutes=5)
    Notification.objects.update(created_at=long_ago)
    page = at_desk.get("/tickets/").content.decode()
    (shown,) = re.findall(rf'data-live="{topic}" data-version="(\d+)"', page)
    told = list_changed({topic: int(shown)}, None)
    assert (told[topic] or 0) <= int(shown)  # nothing is newer than what it shows
    at_desk.post("/notifications/reading/", {"thing": f"ticket:{cast.ticket.pk}"})
    now = list_changed({topic: int(shown)}, None)[topic]
    assert now is not None
    assert now > int(shown)


def test_one_chooses_by_topic_and_follows_the_desk_in_the_rest(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    table = read_table()
    form = {"do": "topics"}
    for topic in list_topics():
        ways = table.default(topic.code)
        form |= {
            f"{topic.code}.{name}": "on" for name in ("screen", "sound") if getattr(ways, name)
        }
        form[f"{topic.code}.mail"] = ways.mail.value
    form["ticket.assigned.mail"] = "digest"
    assert at_desk.post(URL, form).status_code == 302
    chosen = Preference.objects.get(person_id=cast.marina.person_id, topic="ticket.assigned")
    assert (chosen.mail, chosen.push) == (Mail.DIGEST, False)
    # What differs from the desk is a choice, here the push that was not ticked; no more than that.
    pushed = {topic.code for topic in list_topics() if table.default(topic.code).push}
    assert set(Preference.objects.values_list("topic", flat=True)) == pushed
    form["ticket.assigned.mail"] = "pigeon"
    assert at_desk.post(URL, form).status_code == 422


def test_quiet_hours_are_kept_as_written_or_refused_beside_the_field(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    given = {
        "do": "hours",
        "quiet_from": "22:30",
        "quiet_until": "07:00",
        "quiet_days": ["5", "6"],
        "digest": "times",
        "digest_times": "9:00, 18.30",
    }
    assert at_desk.post(URL, given).status_code == 302
    pace = Pace.objects.get(person_id=cast.marina.person_id)
    assert (pace.quiet_from, pace.quiet_until, pace.quiet_days) == (1350, 420, [5, 6])
    assert pace.digest_times == [540, 1110]
    assert "18:30" in at_desk.get(URL).content.decode()
    for wrong in ({"digest_times": "25:00"}, {"quiet_until": ""}, {"digest_times": _SEVEN}):
        answer = at_desk.post(URL, {**given, **wrong})
        kept = Pace.objects.get(person_id=cast.marina.person_id)
        assert (answer.status_code, kept.digest_times) == (422, [540, 1110])


def test_administrators_say_it_for_those_who_did_not(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    url = "/settings/notifications/"
    dasha = Client()
    dasha.force_login(user_of(make_administrator()))
    form = {f"{topic.code}.mail": "off" for topic in list_topics()}
    form |= {"keep_days": "30", "letter_after": "10", "ticket.assigned.screen": "on"}
    assert at_desk.get(url).status_code == at_desk.post(url, form).status_code == 403
    assert dasha.post(url, {**form, "keep_days": "0"}).status_code == 422
    assert dasha.post(url, form).status_code == 302
    assign_ticket(SYSTEM, cast.ticket, cast.marina)
    customer_writes(cast.ticket, "Any news?")
    dispatch_pending()
    rows = Notification.objects.filter(person_id=cast.marina.person_id)
    assert [(row.topic, row.mail) for row in rows] == [("ticket.assigned", "")]
