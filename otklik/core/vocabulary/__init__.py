"""Words that rules, views, macros and texts are made of; rooms above bring them."""

from otklik.core.vocabulary.conditions import (
    Condition,
    ValueType,
    find_condition,
    list_conditions,
    register_condition,
)
from otklik.core.vocabulary.effects import (
    Effect,
    Foreseen,
    apply_effect,
    find_effect,
    list_effects,
    register_effect,
)
from otklik.core.vocabulary.matching import Match, read_match
from otklik.core.vocabulary.placeholders import (
    Placeholder,
    find_placeholder,
    list_placeholders,
    register_placeholder,
)
from otklik.core.vocabulary.rendering import (
    Target,
    names_in,
    render,
    unknown_placeholders,
)

__all__ = [
    "Condition",
    "Effect",
    "Foreseen",
    "Match",
    "Placeholder",
    "Target",
    "ValueType",
    "apply_effect",
    "find_condition",
    "find_effect",
    "find_placeholder",
    "list_conditions",
    "list_effects",
    "list_placeholders",
    "names_in",
    "read_match",
    "register_condition",
    "register_effect",
    "register_placeholder",
    "render",
    "unknown_placeholders",
]
