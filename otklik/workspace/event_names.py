"""What happens in this room, as a person reads it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from otklik.core.events import name_events

name_events(
    {
        "canned_reply.changed": pgettext_lazy("event", "Canned reply changed"),
        "canned_reply.created": pgettext_lazy("event", "Canned reply added"),
        "canned_reply.removed": pgettext_lazy("event", "Canned reply removed"),
        "canned_reply.restored": pgettext_lazy("event", "Canned reply restored"),
        "macro.changed": pgettext_lazy("event", "Macro changed"),
        "macro.created": pgettext_lazy("event", "Macro added"),
        "macro.removed": pgettext_lazy("event", "Macro removed"),
        "macro.restored": pgettext_lazy("event", "Macro restored"),
        "macro.run": pgettext_lazy("event", "Macro run"),
        "script.changed": pgettext_lazy("event", "Script changed"),
        "script.created": pgettext_lazy("event", "Script added"),
        "script.finished": pgettext_lazy("event", "Script finished"),
        "script.removed": pgettext_lazy("event", "Script removed"),
        "script.restored": pgettext_lazy("event", "Script restored"),
        "view.changed": pgettext_lazy("event", "View changed"),
        "view.created": pgettext_lazy("event", "View added"),
        "view.removed": pgettext_lazy("event", "View removed"),
        "view.restored": pgettext_lazy("event", "View restored"),
    },
    group=pgettext_lazy("events", "Lists, macros and texts"),
)
