"""What an administrator changes on the settings' pages, and what is refused there."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from otklik.core.files.models import Blob
from otklik.core.jobs.models import Job
from otklik.core.outbox.models import Delivery, Status
from otklik.desk import builtin_texts
from otklik.desk.brands import default_brand
from otklik.desk.company import company_name
from otklik.desk.models import Brand, Calendar, TextTemplate
from otklik.desk.texts import find_wording
from otklik.people.models import Agent, Role, SignInLink, Team
from otklik.people.tests import factories as people
from otklik.tickets.models import Category, Tag
from otklik.tickets.models import Status as TicketStatus
from otklik.workspace.settings_screens.tests.cast import browser_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]

# 1 × 1, from the specification's own example chunks.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


def at(name: str, *arguments: object) -> str:
    return reverse(f"settings_screens:{name}", args=arguments)


def test_the_companys_name_is_changed_by_an_administrator_only() -> None:
    given = {"name": "Зерно и Пар", "language": "ru", "time_zone": "Europe/Moscow"}
    assert browser_of(people.make_agent("Marina")).post(at("company"), given).status_code == 403
    assert company_name() == ""
    assert browser_of(people.make_administrator()).post(at("company"), given).status_code == 302
    assert company_name() == "Зерно и Пар"


def test_a_brand_takes_a_picture_as_its_logo_and_nothing_else() -> None:
    dasha, brand = browser_of(people.make_administrator()), default_brand()
    given = {
        "name": "Zerno",
        "language": "en",
        "languages": ["en"],
        "calendar": brand.calendar_id,
        "color": "#8a3b22",
        "corner": 8,
        "first_reply_minutes": 240,
        "close_after_days": 7,
    }
    script = SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>", "image/png")
    refused = dasha.post(at("brand", brand.pk), given | {"logo": script})
    assert refused.status_code == 422
    assert "no picture" in refused.content.decode()
    picture = SimpleUploadedFile("logo.png", PNG, "image/png")
    assert dasha.post(at("brand", brand.pk), given | {"logo": picture}).status_code == 302
    blob = Blob.objects.get(sha256=Brand.objects.get(pk=brand.pk).logo_sha256)
    assert blob.refs == 1
    shown = dasha.get(at("brand_logo", brand.pk))
    assert shown.headers["Content-Type"] == "image/png"
    assert b"".join(shown.streaming_content) == PNG
    dasha.post(at("brand", brand.pk), given | {"forget_logo": "on"})
    assert Blob.objects.get(pk=blob.pk).refs == 0
    assert dasha.get(at("brand_logo", brand.pk)).status_code == 404


def test_a_calendar_is_written_with_several_spans_and_crossing_hours_are_refused() -> None:
    dasha = browser_of(people.make_administrator())
    given = {"name": "Shop", "time_zone": "Europe/Moscow", "holiday_country": "RU"}
    overlapping = dasha.post(at("new_calendar"), given | {"monday": "09:00-13:00, 12:00-18:00"})
    assert overlapping.status_code == 422
    assert "overlap" in overlapping.content.decode()
    dasha.post(at("new_calendar"), given | {"monday": "09:00-13:00, 14:00-18:00"})
    shop = Calendar.objects.get(name="Shop")
    assert shop.spans.count() == 2
    page = dasha.get(at("calendar", shop.pk)).content.decode()
    assert "09:00" in page
    assert "Closed now" in page or "Open now" in page
    crossed = dasha.post(at("calendar", shop.pk), given | {"monday": "10:00-12:00", "version": 0})
    assert crossed.status_code == 409


def test_an_agent_is_invited_changed_and_let_go_but_never_the_last_administrator() -> None:
    administrator = people.make_administrator()
    dasha, team = browser_of(administrator), people.make_team()
    given = {"name": "Ilya", "email": "ilya@desk.example", "roles_held": ["agent"]}
    assert dasha.post(at("invite_agent"), given | {"teams": [team.pk]}).status_code == 302
    ilya = Agent.objects.get(person__name="Ilya")
    assert list(ilya.teams.all()) == [team]
    assert SignInLink.objects.filter(user__person=ilya.person, purpose="invitation").exists()
    twice = dasha.post(at("invite_agent"), given)
    assert twice.status_code == 422
    assert "exists already" in twice.content.decode()

    assert dasha.post(at("deactivate_agent", ilya.pk)).status_code == 302
    assert not Agent.objects.get(pk=ilya.pk).is_active
    assert dasha.post(at("deactivate_agent", ilya.pk) + "?undo=1").status_code == 302
    assert Agent.objects.get(pk=ilya.pk).is_active
    last = dasha.post(at("deactivate_agent", administrator.pk))
    assert last.status_code == 422
    assert "only administrator" in last.content.decode()
    assert Agent.objects.get(pk=administrator.pk).is_active


def test_a_role_gives_no_more_than_its_maker_has_and_stays_while_it_is_held() -> None:
    dasha = browser_of(people.make_administrator())
    given = {"name": "Shift lead", "permissions": ["agents.manage", "tickets.view"]}
    assert dasha.post(at("new_role"), given).status_code == 302
    lead = Role.objects.get(name="Shift lead")
    ilya = people.make_agent("Ilya", roles_held=(lead.code,))
    more = browser_of(ilya).post(
        at("new_role"), {"name": "Everything", "permissions": ["settings.change"]}
    )
    assert more.status_code == 422
    assert not Role.objects.filter(name="Everything").exists()
    held = dasha.post(at("drop_role", lead.pk))
    assert held.status_code == 422
    assert "1 agent has this role" in held.content.decode()
    builtin = Role.objects.get(code="agent")
    assert dasha.post(at("drop_role", builtin.pk)).status_code == 404


def test_a_team_is_made_and_rested_with_a_way_back() -> None:
    dasha = browser_of(people.make_administrator())
    dasha.post(at("new_team"), {"name": "Service", "line": 2})
    team = Team.objects.get()
    assert team.line == 2
    dasha.post(at("rest_team", team.pk))
    assert not Team.objects.get().is_active
    dasha.post(at("rest_team", team.pk) + "?undo=1")
    assert Team.objects.get().is_active


def test_a_text_is_said_in_own_words_previewed_and_set_back() -> None:
    dasha, key = browser_of(people.make_administrator()), builtin_texts.ACKNOWLEDGEMENT
    url = at("text", key) + "?language=en"
    wrong = dasha.post(url, {"subject": "Hi", "body": "{{ ticket.colour }}"})
    assert wrong.status_code == 422
    assert "no placeholder" in wrong.content.decode()
    given = {"subject": "Got it", "body": "Number {{ ticket.number }} <b>"}
    preview = dasha.post(url, given | {"do": "preview"})
    assert "Number 4812 &lt;b&gt;" in preview.content.decode()
    assert not TextTemplate.objects.exists()
    dasha.post(url, given)
    assert find_wording(key, None, "en").subject == "Got it"
    dasha.post(url, {"do": "reset"})
    assert not find_wording(key, None, "en").is_own


def test_categories_tags_and_statuses_are_renamed_and_a_tree_has_no_loops() -> None:
    dasha = browser_of(people.make_administrator())
    dasha.post(at("new_category"), {"name": "Machines", "is_active": "on", "label-ru": "Машины"})
    machines = Category.objects.get()
    dasha.post(at("new_category"), {"name": "Heating", "parent": machines.pk, "is_active": "on"})
    heating = Category.objects.get(name="Heating")
    assert heating.path == f"/{machines.pk}/{heating.pk}/"
    looped = dasha.post(
        at("category", machines.pk), {"name": "Machines", "parent": heating.pk, "is_active": "on"}
    )
    assert looped.status_code == 422
    tag = Tag.objects.create(name="warranty", key="warranty")
    Tag.objects.create(name="urgent", key="urgent")
    assert dasha.post(at("tag", tag.pk), {"name": "Urgent"}).status_code == 422
    assert dasha.post(at("tag", tag.pk), {"name": "guarantee"}).status_code == 302
    assert dasha.post(at("drop_tag", tag.pk)).status_code == 302
    status = TicketStatus.objects.get(code="new")
    dasha.post(at("status", status.pk), {"label-en": "Fresh", "follow": "any"})
    assert TicketStatus.objects.get(pk=status.pk).label("en") == "Fresh"
    own = {"label-en": "Waits for a part", "kind": "on_hold", "follow": "chosen"}
    assert dasha.post(at("new_status"), own).status_code == 422, "something has to follow"
    assert dasha.post(at("new_status"), own | {"next": [status.pk]}).status_code == 302
    assert "Waits for a part" in dasha.get(at("statuses")).content.decode()


def test_failed_work_is_tried_again_or_dropped_by_an_administrator_only() -> None:
    dead = [Job.objects.create(name=f"a.{n}", dead_at=timezone.now()) for n in range(2)]
    marina, dasha = browser_of(people.make_agent("Marina")), browser_of(people.make_administrator())
    assert marina.post(at("failed_job", dead[0].pk), {"do": "drop"}).status_code == 403
    dasha.post(at("failed_job", dead[0].pk), {"do": "retry"})
    assert Job.objects.get(pk=dead[0].pk).dead_at is None
    dasha.post(at("failed_job", dead[1].pk), {"do": "drop"})
    assert not Job.objects.filter(pk=dead[1].pk).exists()
    assert dasha.post(at("failed_job", dead[1].pk), {"do": "drop"}).status_code == 404


def test_an_uncertain_delivery_waits_for_somebody_to_say_what_became_of_it() -> None:
    now = timezone.now()
    delivery = Delivery.objects.create(
        key="k",
        kind="letter",
        lane="l",
        status=Status.UNCERTAIN,
        next_attempt_at=None,
        give_up_at=now,
    )
    dasha = browser_of(people.make_administrator())
    assert "May have been sent" in dasha.get(at("deliveries")).content.decode()
    dasha.post(at("delivery", delivery.pk), {"do": "sent"})
    assert Delivery.objects.get().status == Status.SENT
    assert browser_of(people.make_agent("Marina")).get(at("deliveries")).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_quarantined_message_is_read_raw_and_dropped() -> None:
    from otklik.channels.quarantine import quarantine

    row = quarantine("email", b"Subject: <b>x", account=None, reason="no text could be read")
    dasha, marina = browser_of(people.make_administrator()), browser_of(people.make_agent("Marina"))
    assert "Subject: &lt;b&gt;x" in dasha.get(at("quarantined", row.pk)).content.decode()
    assert marina.post(at("resolve", row.pk), {"do": "drop"}).status_code == 403
    assert dasha.post(at("resolve", row.pk), {"do": "drop"}).status_code == 302
    assert dasha.get(at("quarantined", row.pk)).status_code == 404


def test_a_segment_is_built_of_rows_or_text_and_says_what_makes_no_sense() -> None:
    dasha, marina = browser_of(people.make_administrator()), browser_of(people.make_agent())
    url, fragment = "/settings/segments/conditions/", {"HTTP_HX_REQUEST": "true"}
    assert marina.get(url).status_code == 403
    typed = dasha.get(url, {"of": "person", "query": "vip:yes language:ru"}, **fragment)
    page = typed.content.decode()
    assert 'name="row-1-condition"' in page
    rows = {
        "of": "person",
        "rows": "1",
        "add": "all",
        "row-0-group": "all",
        "row-0-condition": "person.vip",
        "row-0-operator": "is",
        "row-0-value": "yes",
    }
    built = dasha.get(url, rows, **fragment).content.decode()
    assert 'value="vip:yes"' in built
    assert 'name="row-1-condition"' in built  # the row that was added
    assert "ticket.status" not in built
    wrong = dasha.get(url, {"of": "person", "query": "colour:red"}, **fragment).content.decode()
    assert 'aria-invalid="true"' in wrong
    # Completion speaks of people, to those who see them.
    offered = dasha.get("/tickets/filters/completions/", {"of": "person", "q": "vi"}, **fragment)
    assert 'data-text="vip:"' in offered.content.decode()
    strange = {"of": "secrets", "q": "vi"}
    assert dasha.get("/tickets/filters/completions/", strange).status_code == 404
    form = {"name": "Large", "of": "person", "query": "vip:yes", "is_active": "on"}
    assert dasha.post("/settings/segments/new/", form).status_code == 302
    refused = dasha.post("/settings/segments/new/", form | {"query": "colour:red"})
    assert refused.status_code == 422
    assert 'value="colour:red"' in refused.content.decode()
