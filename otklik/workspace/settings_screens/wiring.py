"""What this room's settings consist of; called once from ``apps.ready()``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from otklik.channels.permissions import BLOCK
from otklik.core.access import register_permission
from otklik.core.fields.permissions import MANAGE as MANAGE_FIELDS
from otklik.core.hooks.program import register_setup_link
from otklik.core.jobs.permissions import MANAGE as MANAGE_JOBS
from otklik.core.outbox.permissions import HANDLE
from otklik.desk.permissions import MANAGE
from otklik.people.permissions import MANAGE_AGENTS, SET_UP
from otklik.tickets.permissions import MANAGE as MANAGE_SORTING
from otklik.workspace.permissions import MANAGE_CANNED, MANAGE_MACROS
from otklik.workspace.settings_screens.audit import VIEW as AUDIT
from otklik.workspace.settings_screens.sections import OWN, Section, register_section
from otklik.workspace.settings_screens.set_up import make_setup_link

CHANGE_SETTINGS = "settings.change"
# Who says how long what is kept.
KEEP = (MANAGE, CHANGE_SETTINGS)
CANNED = (MANAGE_CANNED,)
MACROS = (MANAGE_MACROS,)
WRITE = (CHANGE_SETTINGS,)
SCREEN = (CHANGE_SETTINGS, BLOCK)
LEARN = (MANAGE_AGENTS, CHANGE_SETTINGS)
# Who looks after the desk as a machine.
OPERATE = (CHANGE_SETTINGS, MANAGE_JOBS, HANDLE)


def wire() -> None:
    register_section(
        Section(
            "fields",
            "work",
            _("Custom fields"),
            "text-cursor-input",
            "settings_screens:fields",
            (MANAGE_FIELDS,),
            arguments=("ticket",),
            order=85,
        )
    )
    register_setup_link(make_setup_link)
    register_permission(AUDIT, _("See the audit trail"))
    for number, (name, group, label, icon, url, permissions) in enumerate(
        (
            ("company", "company", _("General"), "settings", "company", (CHANGE_SETTINGS,)),
            ("brands", "company", _("Brands"), "store", "brands", (MANAGE,)),
            ("calendars", "company", _("Hours and holidays"), "calendar", "calendars", (MANAGE,)),
            ("agents", "people", _("Agents"), "users", "agents", (MANAGE_AGENTS,)),
            ("mentors", "people", _("Trainees and guests"), "graduation-cap", "mentors", LEARN),
            ("teams", "people", _("Teams"), "network", "teams", (MANAGE_AGENTS,)),
            ("roles", "people", _("Roles and rights"), "lock", "roles", (MANAGE_AGENTS,)),
            ("segments", "people", _("Segments"), "filter", "segments", (SET_UP,)),
            ("consents", "people", _("Consent"), "handshake", "consents", (SET_UP,)),
            ("statuses", "work", _("Statuses"), "list", "statuses", (MANAGE_SORTING,)),
            ("categories", "work", _("Categories"), "folder-tree", "categories", (MANAGE_SORTING,)),
            ("tags", "work", _("Tags"), "tags", "tags", (MANAGE_SORTING,)),
            ("canned", "work", _("Canned replies"), "message-square-text", "canned", CANNED),
            ("checks", "work", _("Before a reply leaves"), "list-checks", "checks", WRITE),
            ("macros", "work", _("Macros"), "wand-sparkles", "macros", MACROS),
            ("checklists", "work", _("Checklists"), "list-checks", "checklists", (MANAGE_SORTING,)),
            ("scripts", "work", _("Scripts"), "list-checks", "scripts", MACROS),
            ("texts", "work", _("Texts and letters"), "file-text", "texts", (MANAGE,)),
            ("screening", "accounts", _("Spam and senders"), "ban", "screening", SCREEN),
            ("retention", "company", _("Keeping and erasing"), "hourglass", "retention", KEEP),
            ("audit", "foot", _("Audit trail"), "history", "audit", (AUDIT,)),
            ("health", "foot", _("Health of the desk"), "activity", "health", OPERATE),
        )
    ):
        register_section(
            Section(
                name,
                group,
                label,
                icon,
                f"settings_screens:{url}",
                permissions,
                order=10 * number,
            )
        )
    register_section(
        Section(
            "notifications",
            "work",
            _("Notifications"),
            "bell",
            "notify_screens:desk",
            (CHANGE_SETTINGS,),
            order=105,
        )
    )
    for number, (name, label, icon, url) in enumerate(
        (
            ("own", _("About me"), "user", "people_screens:account"),
            ("own-told", _("What I am told of"), "bell", "notify_screens:own"),
            ("own-canned", _("My canned replies"), "message-square-text", "own_canned"),
            ("own-macros", _("My macros"), "wand-sparkles", "own_macros"),
            ("own-scripts", _("My scripts"), "list-checks", "own_scripts"),
        )
    ):
        target = url if ":" in url else f"settings_screens:{url}"
        register_section(Section(name, OWN, label, icon, target, (), order=10 * number))
