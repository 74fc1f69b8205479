"""The write doors of this room. `invite_agent` is in `people.invitations`: it sends a letter."""

from otklik.people.actions.agents import (
    activate_agent,
    change_agent,
    create_agent,
    deactivate_agent,
)
from otklik.people.actions.consents import (
    change_consent_kind,
    create_consent_kind,
    record_consent,
)
from otklik.people.actions.erasing import erase_person, lift_person_hold, place_person_hold
from otklik.people.actions.identities import (
    add_identity,
    find_or_create_identity,
    make_primary,
    mark_automated,
    verify_identity,
)
from otklik.people.actions.merging import merge_people, share_requests
from otklik.people.actions.notes import (
    change_customer_note,
    remove_customer_note,
    write_customer_note,
)
from otklik.people.actions.organisations import change_organisation, create_organisation
from otklik.people.actions.persons import (
    block_person,
    change_person,
    create_person,
    unblock_person,
)
from otklik.people.actions.roles import change_role, create_role, remove_role
from otklik.people.actions.segments import change_segment, create_segment, remove_segment
from otklik.people.actions.teams import change_team, create_team, join_team, leave_team
from otklik.people.actions.troubles import forget_trouble, note_trouble
from otklik.people.actions.twins import recall_twins, tell_apart
from otklik.people.actions.users import change_preferences, hash_password, set_password

__all__ = [
    "activate_agent",
    "add_identity",
    "block_person",
    "change_agent",
    "change_consent_kind",
    "change_customer_note",
    "change_organisation",
    "change_person",
    "change_preferences",
    "change_role",
    "change_segment",
    "change_team",
    "create_agent",
    "create_consent_kind",
    "create_organisation",
    "create_person",
    "create_role",
    "create_segment",
    "create_team",
    "deactivate_agent",
    "erase_person",
    "find_or_create_identity",
    "forget_trouble",
    "hash_password",
    "join_team",
    "leave_team",
    "lift_person_hold",
    "make_primary",
    "mark_automated",
    "merge_people",
    "note_trouble",
    "place_person_hold",
    "recall_twins",
    "record_consent",
    "remove_customer_note",
    "remove_role",
    "remove_segment",
    "set_password",
    "share_requests",
    "tell_apart",
    "unblock_person",
    "verify_identity",
    "write_customer_note",
]
