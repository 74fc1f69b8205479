"""A working day in Chromium: Marina and Ilya at the desk, Olga in the portal, all at once.

What each part does in every case has tests of its own; here the parts meet, live, in real browsers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.fields.tests.factories import make_field
from otklik.notify.models import Notification
from otklik.people.models import Person
from otklik.people.tests.factories import actor_of, make_agent, make_customer, make_team, user_of
from otklik.portal.tests.factories import browser_of, furnish_desk
from otklik.tickets.actions import assign_ticket
from otklik.tickets.actions.checklist_templates import save_template
from otklik.tickets.actions.habits import change_habit
from otklik.tickets.actions.releasing import release_overdue
from otklik.tickets.actions.reviewing import set_mentor
from otklik.tickets.models import Message, Reminder, Status, Ticket, WaitingReply
from otklik.tickets.tasks import remind
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.actions import create_canned_reply, create_macro, create_script
from otklik.workspace.canned import prepare_texts
from tests.services.front import front
from tests.services.seeing import becomes, choose_file, loses, menu, sees, write

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


@pytest.fixture
def day(chromium: Browser) -> Iterator[SimpleNamespace]:
    """The desk before its first hour: three agents, one customer, three tickets of hers."""
    with front() as served:
        furnish_desk()
        service = make_team("Service", line=2)
        marina, ilya = (
            make_agent(name, teams=[service]) for name in ("Marina Kostina", "Ilya Vetrov")
        )
        for agent in (marina, ilya):
            change_habit(actor_of(agent), undo_seconds=0)
        olga = make_customer("Olga Nesterova")
        subjects = ("The machine does not heat", "Invoice for October", "A filter every month")
        tickets = [make_ticket(olga, subject, team=service) for subject in subjects]
        dispatch_pending()
        Notification.objects.all().delete()
        contexts = []

        def enter(who: Any, path: str, **device: Any) -> Page:
            client = browser_of(who) if isinstance(who, Person) else Client()
            if not isinstance(who, Person):
                client.force_login(user_of(who))
            shape = device or {"viewport": {"width": 1440, "height": 900}}
            context = chromium.new_context(locale="en-GB", **shape)
            contexts.append(context)
            for name, cookie in client.cookies.items():
                context.add_cookies([{"name": name, "value": cookie.value, "url": served.url}])
            page = context.new_page()
            page.set_default_timeout(30_000)
            page.on("pageerror", lambda error: pytest.fail(str(error)))
            page.goto(served.url + path)
            return page

        yield SimpleNamespace(
            url=served.url,
            service=service,
            marina=marina,
            ilya=ilya,
            olga=olga,
            tickets=tickets,
            enter=enter,
        )
        for context in contexts:
            context.close()


def test_a_question_is_taken_talked_over_checked_and_answered(day: SimpleNamespace) -> None:
    first = day.tickets[0]
    words = prepare_texts(actor_of(day.ilya), {"en": "<p>Hello {{person.first_name}},</p>"})
    create_canned_reply(actor_of(day.ilya), name="Greeting", words=words, hint="Begins a reply")
    set_mentor(SYSTEM, day.ilya, day.marina)
    olga = day.enter(day.olga, f"/portal/requests/{first.number}/")
    marina = day.enter(day.marina, "/tickets/?list=all")
    ilya = day.enter(day.ilya, "/tickets/?list=unassigned")

    # The most urgent one is Ilya's by one key; Marina's list says so by itself.
    ilya.keyboard.press("g")
    expect(ilya.locator("#ticket-head .subject")).to_have_text(first.subject)
    sees(marina.locator(f"#row-{first.pk}"), "Ilya")
    sees(ilya.locator("#nav-lists"), re.compile(r"Unassigned\s*2"))

    # A colleague is named in a note: her bell rings, and is silent when she has read it elsewhere.
    write(ilya, "@mar", "note")
    expect(ilya.locator(".completion")).to_contain_text("Marina Kostina")
    ilya.keyboard.press("Enter")
    ilya.keyboard.type(" is it the sensor?")
    ilya.keyboard.press("Control+Enter")
    expect(ilya.locator("#timeline .said-note")).to_contain_text("is it the sensor?")
    bell = marina.locator("a[data-bell] .bell-count:not([hidden])")
    sees(bell, "1")
    second = marina.context.new_page()
    second.goto(f"{day.url}/tickets/{first.number}/")
    sees(second.locator("#presence li"), "Ilya Vetrov")
    loses(bell)

    # A learner's reply: put together from a canned one, looked over, then waits for the mentor.
    write(ilya, "/gre")
    expect(ilya.locator(".completion")).to_contain_text("Begins a reply")
    ilya.keyboard.press("Enter")
    expect(ilya.locator("#composer .ProseMirror")).to_contain_text("Hello Olga")
    ilya.keyboard.type("the plan is attached.")
    sees(second.locator("#collision"), "Ilya Vetrov is writing a reply")
    ilya.keyboard.press("Control+Enter")
    expect(ilya.locator("#composer-notice")).to_contain_text("A look before it leaves")
    ilya.keyboard.press("Control+Enter")
    expect(ilya.locator("#toasts")).to_contain_text("Your mentor sees it first")
    assert not Message.objects.filter(kind="public", direction="out", is_automatic=False).exists()
    card = second.locator(".said-waiting")
    sees(card, "the plan is attached")
    card.get_by_role("button", name="Approve and send").click()
    sees(olga.locator("#request"), "the plan is attached")
    sees(ilya.locator("#timeline .said-own").last, "the plan is attached")
    set_mentor(SYSTEM, day.ilya, None)

    # What is asked of a third party and what is noted never shows to the customer.
    second.locator("#composer [data-write=public]").first.click()
    second.get_by_role("link", name="Third party").click()
    expect(second.locator("#composer")).to_have_attribute("data-mode", "side")
    second.locator("#composer-to").fill("parts@gidromash.example")
    second.locator("#composer-to").press("Enter")
    second.locator("#composer-subject").fill("Price of a valve")
    second.locator("#composer .ProseMirror").click()
    second.keyboard.type("We would charge them 4000")
    second.keyboard.press("Control+Enter")
    expect(second.locator("#timeline .said-side")).to_contain_text("charge them 4000")

    # Marina begins a reply and hands it over; Ilya goes on with it; Olga's words cross it.
    second.goto(f"{day.url}/tickets/{first.number}/")
    write(second, "A mechanic comes")
    expect(second.locator("[data-draft-state]")).to_contain_text("saved")
    second.get_by_role("button", name="Hand over the draft").click()
    second.locator("#handover-to").select_option(label="Ilya Vetrov")
    second.locator("#dialog").get_by_role("button", name="Hand over").click()
    sees(ilya.locator("#timeline"), "gave you a draft")
    ilya.get_by_role("button", name="Go on with it").click()
    editor = ilya.locator("#composer .ProseMirror")
    expect(editor).to_contain_text("A mechanic comes")
    # The talk itself is in focus, as after opening a ticket: it grows all the same.
    ilya.locator("#timeline").focus()
    olga.get_by_label("Your answer").fill("It is warm again by itself")
    olga.get_by_role("button", name="Send", exact=True).click()
    sees(ilya.locator("#timeline"), "warm again by itself")
    editor.click()
    ilya.keyboard.press("Control+End")
    ilya.keyboard.type(" at four")
    ilya.locator("#composer button[data-send]").click()
    expect(ilya.locator("#composer-notice .crossing")).to_have_count(2)
    ilya.locator("#composer-notice").get_by_role("button", name="Send anyway").click()
    sees(olga.locator("#request"), "A mechanic comes at four")

    # Later: the customer sees nothing of it until its time has come.
    sees(second.locator("#timeline"), "A mechanic comes at four")
    write(second, "All is well")
    second.locator("[popovertarget=menu-later]").click()
    second.locator("#menu-later").get_by_role("menuitem").first.click()
    expect(second.locator(".said-waiting")).to_contain_text("All is well")
    expect(olga.locator("#request")).not_to_contain_text("All is well")
    WaitingReply.objects.filter(state="waiting").update(
        due_at=timezone.now() - timedelta(seconds=6)
    )
    release_overdue()
    sees(olga.locator("#request"), "All is well")
    for secret in ("4000", "sensor", "gidromash"):
        expect(olga.locator("body")).not_to_contain_text(secret)
    # Solved by a key: in every list at once, and for her.
    second.locator("#timeline").focus()
    second.keyboard.press("e")
    sees(second.locator("#ticket-head .ticket-state"), "Solved")
    loses(marina.locator(f"#row-{first.pk}"))
    sees(olga.locator("#request"), "marked as solved")


def test_lists_are_asked_dragged_merged_split_and_changed_together(day: SimpleNamespace) -> None:
    first, second, third = day.tickets
    tagging = [
        {"effect": "ticket.set_priority", "params": {"priority": 30}},
        {"effect": "ticket.tag", "params": {"tag": "heating"}},
    ]
    create_macro(actor_of(day.marina), name="Heating", steps=tagging)
    asking = [
        {
            "key": "q1",
            "question": "Does it leak?",
            "kind": "choice",
            "options": [{"label": "yes", "next": "q2"}, {"label": "no", "next": "end"}],
        },
        {"key": "q2", "question": "How much?", "kind": "text"},
    ]
    create_script(actor_of(day.marina), name="Leaks", steps=asking)
    marina = day.enter(day.marina, "/tickets/?list=all")
    ilya = day.enter(day.ilya, "/tickets/?list=all&layout=board")
    olga = day.enter(day.olga, f"/portal/requests/{second.number}/")

    # A query, completed while typed, kept as a view that is in the navigation with its count.
    field = marina.locator("#list-query")
    field.press_sequentially("prio")
    expect(marina.get_by_role("option", name=re.compile("priority")).first).to_be_visible()
    field.fill("priority>=high")
    field.press("Enter")
    loses(marina.locator("#rows .row"))
    marina.locator("[popovertarget=menu-view]").click()
    marina.get_by_role("menuitem", name="Keep as a new view").click()
    marina.get_by_label("Name", exact=True).fill("Hot ones")
    marina.locator("main form").get_by_role("button", name=re.compile("Save|Keep")).first.click()
    sees(marina.locator("#nav-lists"), "Hot ones")

    # A macro is foreseen, run, and is in the view at once; Ilya's board has what he drags.
    marina.goto(f"{day.url}/tickets/{first.number}/?list=all")
    menu(marina, "Macro…")
    marina.locator("#dialog").get_by_role("link", name="Heating").click()
    expect(marina.locator("#dialog .foreseen")).to_contain_text("High")
    marina.locator("#dialog").get_by_role("button", name="Run").click()
    sees(marina.locator("#ticket-head .ticket-state"), "High")
    sees(marina.locator("#nav-lists"), re.compile(r"Hot ones\s*1"))
    opened = Status.objects.get(code="open")
    ilya.locator(f"#card-{first.pk}").drag_to(ilya.locator(f"#column-{opened.pk}"))
    # What his page asked for before he let go of the card may come after the answer.
    sees(ilya.locator(f"#column-{opened.pk}"), first.subject)
    sees(marina.locator("#ticket-head .ticket-state"), "Open")

    # A script asks, and its answers are the beginning of the reply.
    menu(marina, "Script…")
    marina.locator("#dialog").get_by_role("button", name="Leaks").click()
    run = marina.locator(".script-run")
    run.get_by_label("yes").check()
    run.get_by_role("button", name="Next question").click()
    run.get_by_label("How much?").fill("a cup a day")
    run.get_by_role("button", name="Next question").click()
    run.get_by_role("button", name="Into the reply").click()
    expect(marina.locator("#composer .ProseMirror")).to_contain_text("a cup a day")

    # Two become one: the customer's old address leads on; a message of it goes its own way.
    marina.goto(f"{day.url}/tickets/?list=all")
    for ticket in (first, second):
        marina.locator(f"#row-{ticket.pk}").hover()
        marina.locator(f"#row-{ticket.pk} .row-tick input").check()
    marina.locator("[data-bulk-bar]").get_by_role("button", name="Merge…").click()
    dialog = marina.locator("#dialog")
    dialog.locator(f"input[name=target][value='{first.pk}']").check()
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(marina.locator("#ticket-head .subject")).to_have_text(first.subject)
    loses(ilya.locator(f"#card-{second.pk}"))
    sees(ilya.locator(".list-count"), "2")
    olga.reload()
    expect(olga).to_have_url(re.compile(f"/portal/requests/{first.number}/"))
    menu(marina, "Split…")
    dialog.locator(".split-message").last.click()
    dialog.get_by_label("Subject of the new ticket").fill("A cup a day")
    dialog.get_by_role("button", name="Move to a new ticket").click()
    expect(marina.locator("#ticket-head .subject")).to_have_text("A cup a day")

    # All of a list at once, and back by one key.
    marina.goto(f"{day.url}/tickets/?list=all")
    marina.keyboard.press("j")
    marina.keyboard.press("x")
    marina.get_by_role("button", name="All shown").click()
    marina.get_by_role("button", name="Change…").click()
    dialog.get_by_label("Priority").select_option("40")
    dialog.get_by_role("button", name="Change", exact=True).click()
    expect(marina.locator("#toasts")).to_contain_text("tickets changed")
    assert set(Ticket.objects.filter(merged_into=None).values_list("priority", flat=True)) == {40}
    marina.keyboard.press("z")
    becomes(lambda: Ticket.objects.get(pk=third.pk).priority, 20)
    # What is due stands on its day.
    Ticket.objects.filter(pk=third.pk).update(next_due_at=timezone.now())
    marina.goto(f"{day.url}/tickets/?list=all&layout=month")
    expect(marina.locator("#calendar")).to_contain_text(third.subject)


def test_what_is_put_off_filled_in_and_done_by_keys_and_on_a_phone(
    day: SimpleNamespace, tmp_path: Path
) -> None:
    first, second, _third = day.tickets
    for ticket in day.tickets:
        assign_ticket(SYSTEM, ticket, day.marina)
    make_field("cause", labels={"en": "Cause"})
    save_template(SYSTEM, None, name="Going out", items=[{"text": "Call before"}])
    twin = make_customer("Olga N.", "olga.n@elsewhere.example")
    marina = day.enter(day.marina, f"/tickets/{first.number}/?list=mine")
    ilya = day.enter(day.ilya, "/tickets/?list=all", **PHONE)
    olga = day.enter(day.olga, f"/portal/requests/{first.number}/")

    # Off the list until she answers; she does, and it is back on Ilya's phone.
    sees(ilya.locator("#rows"), first.subject)
    marina.keyboard.press("s")
    marina.get_by_role("button", name="Until the customer answers").click()
    sees(marina.locator("#ticket-head"), "snoozed")
    loses(ilya.locator(f"#row-{first.pk}"))
    olga.get_by_label("Your answer").fill("Any news?")
    olga.get_by_role("button", name="Send", exact=True).click()
    sees(marina.locator("#timeline"), "Any news?")
    sees(ilya.locator("#rows"), first.subject)

    # A field, a checklist that holds back, a pin, a follower, a reminder.
    marina.get_by_label("Cause").fill("the sensor")
    marina.get_by_label("Cause").press("Tab")
    sees(marina.locator("#timeline"), "Cause")
    marina.get_by_text("Add a checklist").click()
    marina.locator("#checklist-template + button").click()
    lists = marina.get_by_role("region", name="Checklists")
    expect(lists).to_contain_text("Call before")
    lists.get_by_role("button", name="Require before solving").click()
    expect(lists.get_by_role("button", name="Not required")).to_be_visible()
    marina.locator("#ticket-head button[value=solved]").click()
    expect(marina.locator("#properties, #toasts").filter(has_text="Call before")).not_to_have_count(
        0
    )
    assert Ticket.objects.get(pk=first.pk).status_kind != "solved"
    lists.get_by_label("Call before").first.check()
    expect(lists.locator(".checklist-done")).to_have_count(1)
    marina.locator("#timeline .said-pin button").first.click()
    expect(marina.locator(".pin")).to_have_count(1)
    menu(marina, "Follow")
    expect(marina.get_by_role("region", name="Followers")).to_contain_text("Marina")
    menu(marina, "Remind me")
    marina.get_by_label("Of what").fill("Call Olga")
    marina.locator("#dialog .later-choices button").first.click()
    sees(marina.locator("#ticket-head"), "Call Olga")
    Reminder.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    remind()
    dispatch_pending()
    marina.goto(f"{day.url}/notifications/?all")
    expect(marina.locator("main")).to_contain_text("Call Olga")
    marina.goto(f"{day.url}/tickets/{first.number}/?list=mine")

    # Anything in a few letters; every key is told; the next ticket is a key away.
    marina.keyboard.press("Control+k")
    marina.keyboard.type("assign ilya")
    expect(marina.locator("#palette").get_by_role("option").first).to_contain_text("Ilya")
    marina.keyboard.press("Enter")
    expect(marina.get_by_label("Assignee")).to_have_value(str(day.ilya.pk))
    marina.locator("#timeline").focus()
    marina.keyboard.press("?")
    expect(marina.get_by_role("dialog", name="Keyboard")).to_be_visible()
    marina.keyboard.press("Escape")
    marina.keyboard.press("e")
    expect(marina.locator("#rows .row-title:focus")).to_have_count(1)

    # On the move: the list, the ticket, a reply with a photo; Marina sees it come.
    marina.goto(f"{day.url}/tickets/{second.number}/")
    ilya.locator(f"#row-{second.pk} .row-title").tap()
    expect(ilya.locator("#ticket-head .subject")).to_have_text(second.subject)
    photo = tmp_path / "invoice.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 60)
    choose_file(ilya, "Attach a photo or a file", photo)
    expect(ilya.locator(".upload-chip")).to_contain_text("invoice.png")
    ilya.locator("#composer .ProseMirror").tap()
    ilya.keyboard.type("Here is the invoice")
    ilya.locator("#composer button[data-send]").tap()
    sees(marina.locator("#timeline"), "Here is the invoice")
    expect(marina.get_by_role("link", name="invoice.png").first).to_be_visible()
    assert not ilya.evaluate("document.documentElement.scrollWidth > innerWidth")

    # Two who are one: her panel leads there, and it can be taken apart again.
    marina.goto(f"{day.url}/people/{day.olga.pk}/merge/?with={twin.pk}")
    marina.get_by_role("button", name="Merge", exact=True).click()
    expect(marina.locator("#merges")).to_contain_text("Olga N.")
    assert Person.objects.get(pk=twin.pk).merged_into_id == day.olga.pk
    # The first hour: help and a tour that is left.
    marina.goto(f"{day.url}/tickets/?list=mine#tour")
    expect(marina.locator("#tour")).to_be_focused()
    marina.keyboard.press("Escape")
    loses(marina.locator("#tour"))
