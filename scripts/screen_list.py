"""The screens whose pictures are taken, who sees them, and what is done there first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scripts.screen_acts import (
    Act,
    click,
    each,
    fill,
    palette,
    plain_solve,
    press,
    release,
    require,
    scroll,
    shown,
    side,
    solve_card,
    tick,
    to_list,
    wait,
    words,
    write,
)

NOBODY, AGENT, ADMINISTRATOR, CUSTOMER = "nobody", "agent", "administrator", "customer"
COLLEAGUE, ABROAD = "colleague", "abroad"
ADDRESSES = {
    AGENT: "marina@demo.example",
    ADMINISTRATOR: "admin@demo.example",
    COLLEAGUE: "ilya@demo.example",
    ABROAD: "nino@demo.example",
    CUSTOMER: "o.nesterova@polden.example",
}
LIST, TICKET = "/tickets/?list=all", "/tickets/{ticket}/?list=mine"


@dataclass(frozen=True, slots=True)
class Screen:
    """``path`` may name {ticket}, {person}, {mailbox} and {request}. ``act`` is done on the page
    before its picture is taken, ``after`` puts right what that changed. ``beside``: a colleague
    writes in the same ticket meanwhile. ``answers``: the statuses that are as they should be."""

    name: str
    path: str
    who: str
    act: Act | None = None
    after: Act | None = None
    beside: str = ""
    answers: tuple[int, ...] = (200,)


def _menu(name: str) -> str:
    return f"[popovertarget={name}]"


def _acted() -> Iterator[Screen]:
    """What only shows when something is done."""
    reply = write("public", "Ольга, мастер приедет сегодня до 18:00, датчик у него с собой.")
    script = each(
        click(_menu("menu-ticket"), "[data-dialog-url$='/scripts/']", "button.macro-line"), side
    )
    acts: tuple[tuple[str, str, Act, Act | None], ...] = (
        ("query-names", LIST, fill("#list-query", "при"), None),
        ("query-values", LIST, fill("#list-query", "status:"), None),
        ("sort-menu", LIST, click(_menu("menu-sort")), None),
        ("view-menu", LIST, click(_menu("menu-view")), None),
        ("filters-dialog", LIST, click(".list-query [data-dialog-url]"), None),
        ("bulk-bar", LIST, tick(3), None),
        ("bulk-dialog", LIST, each(tick(3), click("[data-bulk-open]")), None),
        (
            "bulk-report",
            LIST,
            each(
                tick(3),
                click("[data-bulk-open]"),
                fill("#bulk-tag", "на контроле"),
                click("#bulk-form .button-primary"),
                wait(2500),
            ),
            None,
        ),
        ("composer-reply", TICKET, reply, None),
        ("composer-note", TICKET, write("note", "Датчик заказан, ждём до среды."), None),
        ("composer-canned", TICKET, write("public", "Ольга, /"), None),
        ("composer-mention", TICKET, write("note", "Посмотри, @"), None),
        (
            "composer-checks",
            TICKET,
            each(write("public", "Анна, прилагаю памятку."), press("Control+Enter")),
            None,
        ),
        ("composer-later", TICKET, each(reply, click(_menu("menu-later"))), None),
        ("composer-status", TICKET, each(reply, click(_menu("menu-send"))), None),
        ("composer-held", TICKET, each(reply, press("Control+Enter"), wait(1200)), press("z")),
        (
            "draft-handover",
            TICKET,
            each(reply, click(".composer-top [data-dialog-url]")),
            None,
        ),
        (
            "later-own",
            TICKET,
            each(reply, click(_menu("menu-later"), "[data-dialog=later-own]")),
            None,
        ),
        ("ticket-menu", TICKET, click(_menu("menu-ticket")), None),
        (
            "remind-dialog",
            TICKET,
            click(_menu("menu-ticket"), "[data-dialog-url$='/reminders/']"),
            None,
        ),
        ("scripts", TICKET, click(_menu("menu-ticket"), "[data-dialog-url$='/scripts/']"), None),
        ("transfer", TICKET, each(side, click("[data-dialog=transfer]")), None),
        ("board-move", LIST + "&layout=board", click(".board-move"), None),
        ("macros-many", LIST, each(tick(3), click("[data-bulk-url*=macro]")), None),
        ("merge-many", LIST, each(tick(3), click("[data-bulk-url*=merge]")), None),
        ("status-menu", TICKET, click(_menu("menu-status")), None),
        ("snooze-dialog", TICKET, click("#ticket-head [data-key=s]"), None),
        ("macros", TICKET, click(_menu("menu-ticket"), "[data-dialog-url$='/macros/']"), None),
        (
            "macro-preview",
            TICKET,
            click(
                _menu("menu-ticket"),
                "[data-dialog-url$='/macros/']",
                "li:nth-child(2) > .macro-line",
            ),
            None,
        ),
        ("script", TICKET, script, click("[name=do][value=drop]")),
        ("merge-dialog", TICKET, click(_menu("menu-ticket"), "[data-dialog-url*='/merge/']"), None),
        ("split-dialog", TICKET, click(_menu("menu-ticket"), "[data-dialog-url$='/split/']"), None),
        ("customer", TICKET, side, None),
        ("customer-more", TICKET, each(side, click("#person-more summary")), None),
        ("customer-talk", TICKET, each(side, click("[data-dialog-class=dialog-talk]")), None),
        ("checklist", TICKET, each(side, scroll("#checklists")), None),
        ("palette", "/tickets/?list=mine", each(palette, words("фил")), None),
        ("keys", TICKET, press("?"), None),
        (
            "bell",
            "/tickets/?list=mine",
            click(".nav-bell, .tabbar-item[href^='/notifications']"),
            None,
        ),
        ("tour", "/tickets/?list=mine#tour", wait(900), None),
    )
    for name, path, act, after in acts:
        yield Screen(name, path, AGENT, act, after)
    yield Screen("collision", TICKET, AGENT, reply, beside=COLLEAGUE)


# Pages that show as they are.
_OTHERS = {
    NOBODY: (("portal-stranger-new", "/portal/new/"), ("portal-embed", "/portal/embed/1/")),
    CUSTOMER: (
        ("portal-solved", "/portal/requests/?state=solved"),
        ("portal-search", "/portal/requests/?q=фильтр"),
        ("portal-empty", "/portal/requests/?q=xyzzy"),
    ),
    AGENT: (
        ("inbox-people", LIST + "&layout=people"),
        ("inbox-week", LIST + "&layout=month&span=week"),
        ("inbox-full", LIST + "&layout=full"),
        ("ticket-full", "/tickets/{ticket}/?list=all&layout=full"),
        ("inbox-view", "/tickets/?view=1"),
        ("view", "/tickets/views/1/"),
        ("snoozed", "/tickets/?list=snoozed"),
        ("remind", "/tickets/{ticket}/reminders/"),
        ("account", "/account/"),
        ("account-canned", "/account/canned-replies/"),
        ("account-macros", "/account/macros/"),
        ("account-scripts", "/account/scripts/"),
        ("organisation", "/organisations/1/"),
        ("organisation-new", "/organisations/new/"),
        ("person-new", "/people/new/"),
        ("person-change", "/people/{person}/change/"),
        ("help-topic", "/help/lists/"),
    ),
    ADMINISTRATOR: (
        ("settings-brand", "/settings/brands/1/"),
        ("settings-calendar", "/settings/calendars/1/"),
        ("settings-agent", "/settings/agents/2/"),
        ("settings-agent-new", "/settings/agents/new/"),
        ("settings-mentor", "/settings/agents/2/mentor/"),
        ("settings-team", "/settings/teams/1/"),
        ("settings-roles", "/settings/roles/"),
        ("settings-role-new", "/settings/roles/new/"),
        ("settings-status-new", "/settings/statuses/new/"),
        ("settings-category", "/settings/categories/1/"),
        ("settings-tag", "/settings/tags/1/"),
        ("settings-canned-reply", "/settings/canned-replies/1/"),
        ("settings-macro", "/settings/macros/1/"),
        ("settings-script", "/settings/scripts/1/"),
        ("settings-field", "/settings/fields/1/"),
        ("settings-checklist-list", "/settings/checklists/"),
        ("settings-consent-new", "/settings/consents/new/"),
        ("settings-text", "/settings/texts/mail.acknowledgement/"),
        ("failed-jobs", "/settings/health/jobs/"),
        ("deliveries", "/settings/health/deliveries/"),
        ("quarantine", "/settings/health/quarantine/"),
        ("mailbox-new", "/channel-email/mailboxes/new/"),
    ),
}

SCREENS = (
    Screen("sign-in", "/sign-in/", NOBODY),
    Screen("password-forgotten", "/password/forgotten/", NOBODY),
    Screen("portal-sign-in", "/portal/sign-in/", NOBODY),
    Screen("portal-stranger", "/portal/", NOBODY),
    Screen("inbox", "/tickets/?list=mine", AGENT),
    Screen("inbox-all", "/tickets/?list=all", AGENT),
    Screen("inbox-unassigned", "/tickets/?list=unassigned", AGENT),
    Screen("inbox-search", "/tickets/?q=фильтр", AGENT),
    Screen("inbox-empty", "/tickets/?q=xyzzy", AGENT),
    Screen(
        "inbox-filters",
        "/tickets/filters/?list=all&q=status:open,new (priority>=high or tag:гарантия)",
        AGENT,
    ),
    Screen("inbox-query", "/tickets/?list=all&q=status:open", AGENT),
    Screen("inbox-table", "/tickets/?list=all&layout=table&group=priority", AGENT),
    Screen("view-new", "/tickets/views/new/?list=all&q=priority:high", AGENT),
    Screen("inbox-board", "/tickets/?list=all&layout=board", AGENT),
    Screen("inbox-calendar", "/tickets/?list=all&layout=month", AGENT),
    Screen("inbox-day", "/tickets/?list=all&layout=month&span=day", AGENT),
    Screen("ticket", "/tickets/{ticket}/?list=mine", AGENT),
    Screen("ticket-side", "/tickets/{ticket}/?write=side", AGENT),
    Screen("ticket-forward", "/tickets/{ticket}/?write=side&forward=all", AGENT),
    Screen("unsent", "/unsent/", AGENT),
    Screen("settings-mentors", "/settings/mentors/", ADMINISTRATOR),
    Screen("ticket-merge", "/tickets/merge/?tickets=1,2", AGENT),
    Screen("ticket-split", "/tickets/{ticket}/split/", AGENT),
    Screen("tickets-change", "/tickets/bulk/?whole=list%3Dall", AGENT),
    Screen("macro-new", "/account/macros/new/", AGENT),
    Screen("script-new", "/account/scripts/new/", AGENT),
    Screen("settings-macros", "/settings/macros/", ADMINISTRATOR),
    Screen("settings-scripts", "/settings/scripts/", ADMINISTRATOR),
    Screen("ticket-new", "/tickets/new/", AGENT),
    Screen("snooze", "/tickets/{ticket}/snooze/", AGENT),
    Screen("reminders", "/reminders/", AGENT),
    Screen("people", "/people/", AGENT),
    Screen("person", "/people/{person}/", AGENT),
    Screen("person-merge", "/people/{person}/merge/", AGENT),
    Screen("organisations", "/organisations/", AGENT),
    Screen("notifications", "/notifications/?all", AGENT),
    Screen("notifications-own", "/notifications/settings/", AGENT),
    Screen("settings-notifications", "/settings/notifications/", ADMINISTRATOR),
    Screen("personal-data", "/people/{person}/personal-data/", ADMINISTRATOR),
    Screen("erasure", "/people/{person}/erasure/", ADMINISTRATOR),
    Screen("retention", "/settings/retention/", ADMINISTRATOR),
    Screen("retention-brand", "/settings/retention/1/", ADMINISTRATOR),
    Screen("audit", "/settings/events/", ADMINISTRATOR),
    Screen("settings", "/settings/", ADMINISTRATOR),
    Screen("settings-company", "/settings/company/", ADMINISTRATOR),
    Screen("settings-brands", "/settings/brands/", ADMINISTRATOR),
    Screen("settings-calendars", "/settings/calendars/", ADMINISTRATOR),
    Screen("settings-agents", "/settings/agents/", ADMINISTRATOR),
    Screen("settings-teams", "/settings/teams/", ADMINISTRATOR),
    Screen("settings-statuses", "/settings/statuses/", ADMINISTRATOR),
    Screen("settings-status", "/settings/statuses/2/", ADMINISTRATOR),
    Screen("settings-categories", "/settings/categories/", ADMINISTRATOR),
    Screen("settings-canned", "/settings/canned-replies/", ADMINISTRATOR),
    Screen("canned-new", "/account/canned-replies/new/", AGENT),
    Screen("settings-reply-checks", "/settings/reply-checks/", ADMINISTRATOR),
    Screen("settings-fields", "/settings/fields/ticket/", ADMINISTRATOR),
    Screen("settings-segment-new", "/settings/segments/new/", ADMINISTRATOR),
    Screen("settings-field-new", "/settings/fields/ticket/new/", ADMINISTRATOR),
    Screen("settings-checklists", "/settings/checklists/new/", ADMINISTRATOR),
    Screen("settings-texts", "/settings/texts/", ADMINISTRATOR),
    Screen("settings-screening", "/settings/screening/", ADMINISTRATOR),
    Screen("mailboxes", "/channel-email/mailboxes/", ADMINISTRATOR),
    Screen("mailbox", "/channel-email/mailboxes/{mailbox}/", ADMINISTRATOR),
    Screen("tray", "/channel-email/tray/", ADMINISTRATOR),
    Screen("health", "/settings/health/", ADMINISTRATOR),
    Screen("portal-home", "/portal/", CUSTOMER),
    Screen("portal-requests", "/portal/requests/", CUSTOMER),
    Screen("portal-ticket", "/portal/requests/{request}/", CUSTOMER),
    Screen("portal-new", "/portal/new/", CUSTOMER),
    Screen("portal-details", "/portal/requests/{request}/details/", CUSTOMER),
    Screen("views", "/tickets/views/", AGENT),
    Screen("help", "/help/", AGENT),
    Screen("checklist-items", "/checklist-items/", AGENT),
    Screen("segments", "/settings/segments/", ADMINISTRATOR),
    Screen("settings-consents", "/settings/consents/", ADMINISTRATOR),
    Screen("settings-tags", "/settings/tags/", ADMINISTRATOR),
    *(Screen(name, path, who) for who, found in _OTHERS.items() for name, path in found),
    *_acted(),
    Screen("inbox-nonsense", LIST + "&q=priority:soon (", AGENT, answers=(422,)),
    Screen("bulk-acts", "/bulk/", AGENT),
    Screen(
        "solve-refused",
        TICKET,
        ADMINISTRATOR,
        each(require, click("#ticket-head [data-key=e]"), shown("#ticket-head .banner-warn")),
        release,
    ),
    Screen(
        "solve-card",
        TICKET,
        ADMINISTRATOR,
        each(require, to_list("&layout=board"), solve_card),
        release,
    ),
    Screen(
        "solve-many",
        TICKET,
        ADMINISTRATOR,
        each(require, to_list(""), tick(1), click("[data-bulk-open]")),
        release,
    ),
    Screen(
        "solve-reply",
        TICKET,
        ADMINISTRATOR,
        each(
            require,
            write("public", "Ольга, мастер был у вас, датчик заменён."),
            click(_menu("menu-send"), "#menu-send [value=solved]"),
            shown("#composer-notice .banner-warn"),
        ),
        release,
    ),
    Screen("solve-anyway", TICKET, ADMINISTRATOR, each(require, plain_solve), release),
    Screen("not-found", "/tickets/999999/", AGENT, answers=(404,)),
    Screen("portal-not-found", "/portal/requests/999999/", CUSTOMER, answers=(404,)),
)

# The most used, which are looked at on the narrowest phone as well.
NARROW = """
    sign-in inbox inbox-search inbox-filters inbox-table inbox-board inbox-calendar filters-dialog
    bulk-bar bulk-dialog ticket ticket-side ticket-menu status-menu composer-reply composer-note
    composer-canned composer-later composer-checks collision macros macro-preview merge-dialog
    split-dialog snooze-dialog customer customer-more checklist palette keys bell notifications
    notifications-own tour settings settings-canned settings-fields people person views account
    solve-refused solve-anyway solve-card solve-many solve-reply later-own remind-dialog scripts
    transfer board-move macros-many merge-many draft-handover customer-talk
    portal-stranger portal-sign-in portal-home portal-new portal-ticket
    portal-requests
""".split()  # noqa: SIM905  a list of names is read as words
