"""The words rules, views and templates are written in. Low rooms register, high rooms use."""

from otklik.core.vocabulary.conditions import (
    OPERATOR_LABELS,
    Condition,
    Operator,
    Type,
    get_condition,
    list_conditions,
    register_condition,
)
from otklik.core.vocabulary.effects import Effect, get_effect, list_effects, register_effect
from otklik.core.vocabulary.placeholders import (
    Placeholder,
    list_placeholders,
    names_in,
    register_placeholder,
    render_html,
    render_text,
)

__all__ = [
    "OPERATOR_LABELS",
    "Condition",
    "Effect",
    "Operator",
    "Placeholder",
    "Type",
    "get_condition",
    "get_effect",
    "list_conditions",
    "list_effects",
    "list_placeholders",
    "names_in",
    "register_condition",
    "register_effect",
    "register_placeholder",
    "render_html",
    "render_text",
]
