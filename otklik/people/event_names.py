"""What happens in this room, as a person reads it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from otklik.core.events import name_events

name_events(
    {
        "agent.activated": pgettext_lazy("event", "Agent activated"),
        "agent.changed": pgettext_lazy("event", "Agent changed"),
        "agent.deactivated": pgettext_lazy("event", "Agent deactivated"),
        "agent.invited": pgettext_lazy("event", "Agent invited"),
        "agent.joined": pgettext_lazy("event", "Agent accepted the invitation"),
        "role.changed": pgettext_lazy("event", "Role changed"),
        "role.created": pgettext_lazy("event", "Role added"),
        "role.removed": pgettext_lazy("event", "Role removed"),
        "team.changed": pgettext_lazy("event", "Team changed"),
        "team.created": pgettext_lazy("event", "Team added"),
        "team.joined": pgettext_lazy("event", "Agent joined a team"),
        "team.left": pgettext_lazy("event", "Agent left a team"),
        "token.created": pgettext_lazy("event", "Token made"),
        "token.revoked": pgettext_lazy("event", "Token revoked"),
        "user.password_changed": pgettext_lazy("event", "Password changed"),
        "user.preferences_changed": pgettext_lazy("event", "Own settings changed"),
        "user.signed_in": pgettext_lazy("event", "Signed in"),
    },
    group=pgettext_lazy("events", "Agents and access"),
)
name_events(
    {
        "consent.given": pgettext_lazy("event", "Consent given"),
        "consent.withdrawn": pgettext_lazy("event", "Consent withdrawn"),
        "consent_kind.changed": pgettext_lazy("event", "Kind of consent changed"),
        "consent_kind.created": pgettext_lazy("event", "Kind of consent added"),
        "customer_note.added": pgettext_lazy("event", "Note about a customer added"),
        "customer_note.changed": pgettext_lazy("event", "Note about a customer changed"),
        "customer_note.removed": pgettext_lazy("event", "Note about a customer removed"),
        "identity.added": pgettext_lazy("event", "Address of a person added"),
        "identity.made_primary": pgettext_lazy("event", "Main address of a person changed"),
        "identity.marked_automated": pgettext_lazy("event", "Address marked as a machine’s"),
        "identity.reachable": pgettext_lazy("event", "Address can be reached again"),
        "identity.unreachable": pgettext_lazy("event", "Address cannot be reached"),
        "identity.verified": pgettext_lazy("event", "Address verified"),
        "organisation.changed": pgettext_lazy("event", "Organisation changed"),
        "organisation.created": pgettext_lazy("event", "Organisation added"),
        "person.blocked": pgettext_lazy("event", "Person blocked"),
        "person.changed": pgettext_lazy("event", "Person changed"),
        "person.created": pgettext_lazy("event", "Person added"),
        "person.erased": pgettext_lazy("event", "Person erased"),
        "person.erasure_began": pgettext_lazy("event", "Erasure of a person began"),
        "person.export_asked": pgettext_lazy("event", "Export of a person asked for"),
        "person.export_taken": pgettext_lazy("event", "Export of a person downloaded"),
        "person.hold_lifted": pgettext_lazy("event", "Legal hold on a person lifted"),
        "person.hold_placed": pgettext_lazy("event", "Legal hold placed on a person"),
        "person.joined_organisation": pgettext_lazy("event", "Person joined an organisation"),
        "person.merged": pgettext_lazy("event", "People merged"),
        "person.requests_shared": pgettext_lazy("event", "Requests of merged people shared"),
        "person.told_apart": pgettext_lazy("event", "People told apart"),
        "person.twins_recalled": pgettext_lazy("event", "People no longer told apart"),
        "person.unblocked": pgettext_lazy("event", "Person unblocked"),
        "person.unmerged": pgettext_lazy("event", "People taken apart again"),
        "segment.changed": pgettext_lazy("event", "Segment changed"),
        "segment.created": pgettext_lazy("event", "Segment added"),
        "segment.removed": pgettext_lazy("event", "Segment removed"),
    },
    group=pgettext_lazy("events", "People and organisations"),
)
