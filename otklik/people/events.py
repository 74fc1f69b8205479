"""What happens to persons, organisations, agents and those who sign in. Ids and codes only."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("person.created", forgets=False)
@dataclass(frozen=True, slots=True)
class PersonCreated:
    person_id: int


@event("person.changed")
@dataclass(frozen=True, slots=True)
class PersonChanged:
    """``fields`` are the names of what changed, never the values."""

    person_id: int
    fields: tuple[str, ...] = ()


@event("person.blocked")
@dataclass(frozen=True, slots=True)
class PersonBlocked:
    person_id: int


@event("person.unblocked")
@dataclass(frozen=True, slots=True)
class PersonUnblocked:
    person_id: int


@event("person.joined_organisation")
@dataclass(frozen=True, slots=True)
class PersonJoinedOrganisation:
    """``how``: domain (a proven address there) or staff."""

    person_id: int
    organisation_id: int
    how: str


@event("identity.added", forgets=False)
@dataclass(frozen=True, slots=True)
class IdentityAdded:
    person_id: int
    identity_id: int
    kind: str


@event("identity.verified")
@dataclass(frozen=True, slots=True)
class IdentityVerified:
    person_id: int
    identity_id: int
    how: str


@event("identity.made_primary")
@dataclass(frozen=True, slots=True)
class IdentityMadePrimary:
    person_id: int
    identity_id: int


@event("identity.marked_automated")
@dataclass(frozen=True, slots=True)
class IdentityMarkedAutomated:
    person_id: int
    identity_id: int
    is_automated: bool


@event("identity.unreachable")
@dataclass(frozen=True, slots=True)
class IdentityUnreachable:
    """Letters to an address do not arrive. ``trouble``: hard, soft, refused or complaint."""

    person_id: int
    identity_id: int
    trouble: str


@event("identity.reachable")
@dataclass(frozen=True, slots=True)
class IdentityReachable:
    person_id: int
    identity_id: int


@event("organisation.created")
@dataclass(frozen=True, slots=True)
class OrganisationCreated:
    organisation_id: int


@event("organisation.changed")
@dataclass(frozen=True, slots=True)
class OrganisationChanged:
    organisation_id: int
    fields: tuple[str, ...] = ()


@event("agent.invited")
@dataclass(frozen=True, slots=True)
class AgentInvited:
    person_id: int
    agent_id: int


@event("agent.joined")
@dataclass(frozen=True, slots=True)
class AgentJoined:
    """An invitation was accepted: the agent has a password now."""

    person_id: int
    agent_id: int


@event("agent.changed")
@dataclass(frozen=True, slots=True)
class AgentChanged:
    person_id: int
    agent_id: int
    fields: tuple[str, ...] = ()


@event("agent.deactivated")
@dataclass(frozen=True, slots=True)
class AgentDeactivated:
    person_id: int
    agent_id: int


@event("agent.activated")
@dataclass(frozen=True, slots=True)
class AgentActivated:
    person_id: int
    agent_id: int


@event("team.created")
@dataclass(frozen=True, slots=True)
class TeamCreated:
    team_id: int


@event("team.changed")
@dataclass(frozen=True, slots=True)
class TeamChanged:
    team_id: int
    fields: tuple[str, ...] = ()


@event("team.joined")
@dataclass(frozen=True, slots=True)
class TeamJoined:
    team_id: int
    agent_id: int
    person_id: int


@event("team.left")
@dataclass(frozen=True, slots=True)
class TeamLeft:
    team_id: int
    agent_id: int
    person_id: int


@event("user.signed_in")
@dataclass(frozen=True, slots=True)
class UserSignedIn:
    """``how``: password or link."""

    person_id: int
    user_id: int
    how: str


@event("user.password_changed")
@dataclass(frozen=True, slots=True)
class UserPasswordChanged:
    person_id: int
    user_id: int


@event("user.preferences_changed")
@dataclass(frozen=True, slots=True)
class UserPreferencesChanged:
    person_id: int
    user_id: int
    fields: tuple[str, ...] = ()


@event("token.created")
@dataclass(frozen=True, slots=True)
class TokenCreated:
    person_id: int
    token_id: int


@event("token.revoked")
@dataclass(frozen=True, slots=True)
class TokenRevoked:
    person_id: int
    token_id: int


@event("role.created")
@dataclass(frozen=True, slots=True)
class RoleCreated:
    role_id: int


@event("role.changed")
@dataclass(frozen=True, slots=True)
class RoleChanged:
    role_id: int
    fields: tuple[str, ...] = ()


@event("role.removed")
@dataclass(frozen=True, slots=True)
class RoleRemoved:
    role_id: int


@event("customer_note.added")
@dataclass(frozen=True, slots=True)
class CustomerNoteAdded:
    """About a person or an organisation; also when a removed one comes back."""

    note_id: int
    person_id: int | None = None
    organisation_id: int | None = None


@event("customer_note.changed")
@dataclass(frozen=True, slots=True)
class CustomerNoteChanged:
    note_id: int
    person_id: int | None = None
    organisation_id: int | None = None
    fields: tuple[str, ...] = ()


@event("customer_note.removed")
@dataclass(frozen=True, slots=True)
class CustomerNoteRemoved:
    note_id: int
    person_id: int | None = None
    organisation_id: int | None = None


@event("consent.given")
@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """``is_last_word``: no later answer of theirs was known."""

    person_id: int
    consent_id: int
    kind_id: int
    is_last_word: bool = True


@event("consent.withdrawn")
@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    person_id: int
    consent_id: int
    kind_id: int
    is_last_word: bool = True


@event("consent_kind.created")
@dataclass(frozen=True, slots=True)
class ConsentKindCreated:
    kind_id: int


@event("consent_kind.changed")
@dataclass(frozen=True, slots=True)
class ConsentKindChanged:
    kind_id: int
    fields: tuple[str, ...] = ()


@event("segment.created")
@dataclass(frozen=True, slots=True)
class SegmentCreated:
    segment_id: int


@event("segment.changed")
@dataclass(frozen=True, slots=True)
class SegmentChanged:
    segment_id: int
    fields: tuple[str, ...] = ()


@event("segment.removed")
@dataclass(frozen=True, slots=True)
class SegmentRemoved:
    segment_id: int


@event("person.erasure_began")
@dataclass(frozen=True, slots=True)
class PersonErasureBegan:
    """Name and addresses are gone; ``reason`` is a code."""

    person_id: int
    erasure_id: int
    reason: str


@event("person.erased")
@dataclass(frozen=True, slots=True)
class PersonErased:
    """What they left in other rooms is gone, too."""

    person_id: int
    erasure_id: int


@event("person.hold_placed")
@dataclass(frozen=True, slots=True)
class PersonHoldPlaced:
    """They are kept for a court or a dispute."""

    person_id: int


@event("person.hold_lifted")
@dataclass(frozen=True, slots=True)
class PersonHoldLifted:
    person_id: int


@event("person.export_asked")
@dataclass(frozen=True, slots=True)
class PersonExportAsked:
    person_id: int
    export_id: int


@event("person.export_taken")
@dataclass(frozen=True, slots=True)
class PersonExportTaken:
    person_id: int
    export_id: int
