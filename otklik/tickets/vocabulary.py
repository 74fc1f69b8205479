"""What can be asked of a ticket and done to it, for views, rules and macros."""

from __future__ import annotations

from otklik.core.vocabulary import register_condition, register_effect
from otklik.tickets import placeholders
from otklik.tickets.checklist_effect import ADD_CHECKLIST
from otklik.tickets.conditions import CONDITIONS
from otklik.tickets.effects import EFFECTS


def wire() -> None:
    for condition in CONDITIONS:
        register_condition(condition)
    for effect in (*EFFECTS, ADD_CHECKLIST):
        register_effect(effect)
    placeholders.wire()
