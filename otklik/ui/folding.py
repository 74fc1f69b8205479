"""Templates written out as far as they are the same each time.

A page of the desk is some 1,400 nodes, and half the time of a request goes into asking each for its
part. What cannot differ between two renderings in one language (translated words, icons, tags
that only load libraries) becomes text when a template is loaded, neighbouring texts become one,
and plain variables and addresses take the short way. The loader keeps a template per language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

from django.conf import settings
from django.template import Template
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    TextNode,
    Variable,
    VariableDoesNotExist,
    VariableNode,
    render_value_in_context,
)
from django.template.context import Context
from django.template.defaulttags import CommentNode, CsrfTokenNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import IncludeNode
from django.template.loaders import base, cached
from django.templatetags.i18n import TranslateNode
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from otklik.ui import marks
from otklik.ui.lookups import shorten

# Tags that say the same for the same words.
_STEADY = {marks.icon, marks.status_mark, marks.priority_mark}


class Loader(cached.Loader):
    """Django's cached loader with a folded template per language; whole ones while debugging,
    since only those know the line of an error."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        key = self.cache_key(template_name, skip)
        known: Template | None = self.get_template_cache.get(key)
        if known is None:
            known = base.Loader.get_template(self, template_name, skip)
            if not self.engine.debug:
                known.nodelist = fold(known.nodelist)
            self.get_template_cache[key] = known
        return known


class Folded(NodeList):
    """Nodes that are asked without a note of which one failed: that is for debugging."""

    def render(self, context: Context) -> SafeString:
        return SafeString("".join([node.render(context) for node in self]))


def fold(nodes: Iterable[Node]) -> Folded:
    """The same nodes, in the language of now. Nodes are changed in place: fold what is only
    being loaded."""
    folded = Folded()
    for node in nodes:
        one = _short(node)
        if isinstance(one, TextNode) and folded and isinstance(folded[-1], TextNode):
            folded[-1] = TextNode(folded[-1].s + one.s)
        elif not isinstance(one, TextNode) or one.s:
            folded.append(one)
    return folded


def _short(node: Any) -> Node:
    kind = type(node)
    if kind in (LoadNode, CommentNode):
        return TextNode("")
    shorten(vars(node))
    if kind is TranslateNode and _is_plain(node):
        return TextNode(node.render(Context()))
    if kind is SimpleNode and _is_steady(node):
        return TextNode(node.render(Context()))
    if kind is VariableNode:
        return _Value(node)
    if kind is URLNode and node.asvar is None and isinstance(node.view_name.var, str):
        return _Address(node)
    if kind is CsrfTokenNode:
        return _Token()
    if kind is IncludeNode and (name := _literal(node.template)) is not None:
        node.template = Part(name)
    if kind is IfNode:
        node.conditions_nodelists = [
            (condition, fold(nodes)) for condition, nodes in node.conditions_nodelists
        ]
        return node
    for name in node.child_nodelists:
        children = getattr(node, name, None)
        if children is not None:
            setattr(node, name, fold(children))
    return node


def _is_plain(node: Any) -> bool:
    said = node.filter_expression
    is_literal = isinstance(said.var, Variable) and said.var.literal is not None
    return is_literal and not (said.filters or node.asvar or node.message_context)


def _is_steady(node: Any) -> bool:
    if node.func not in _STEADY or node.target_var is not None:
        return False
    given = [*node.args, *node.kwargs.values()]
    return not any(one.is_var or one.filters for one in given)


class _Value(Node):
    """``{{ name }}``: strings, which most are, without what numbers and times are asked."""

    child_nodelists = ()

    def __init__(self, node: VariableNode) -> None:
        said: Any = node.filter_expression
        self._expression: FilterExpression = said
        is_bare = said.is_var and not said.filters and said.var.lookups is not None
        self._variable: Any = said.var if is_bare and not said.var.translate else None
        self._are_numbers_plain = not settings.USE_THOUSAND_SEPARATOR

    def render(self, context: Context) -> str:
        if self._variable is None:
            value = self._expression.resolve(context)
        else:
            try:
                value = self._variable._resolve_lookup(context)
            except VariableDoesNotExist:
                value = self._expression.resolve(context)
        if context.autoescape:
            if type(value) is SafeString:
                return value
            if type(value) is str:
                return SafeString(escape(value))
            if type(value) is int and self._are_numbers_plain:
                return str(value)
        return render_value_in_context(value, context)


class Part:
    """The template that ``{% include "name" %}`` always means, in each language. Found when it is
    first drawn: a template may include itself."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[str | None, Template] = {}

    def resolve(self, context: Context) -> Template:
        language = get_language()
        found = self._found.get(language)
        if found is None:
            assert context.template is not None
            found = self._found[language] = context.template.engine.get_template(self._name)
        return found


class _Token(Node):
    """``{% csrf_token %}``, of which a page has one in each form."""

    child_nodelists = ()

    def render(self, context: Context) -> str:
        token = context.get("csrf_token")
        if not token or token == "NOTPROVIDED":
            return ""
        return f'<input type="hidden" name="csrfmiddlewaretoken" value="{escape(str(token))}">'


class _Address(Node):
    """``{% url %}`` of a named page: numbers are put into the address that was found once, with
    the words that the template itself says."""

    child_nodelists = ()

    def __init__(self, node: URLNode) -> None:
        self._node = node
        self._view: str = node.view_name.var
        given: list[FilterExpression] = [*node.args, *node.kwargs.values()]
        # None: a number that is not known before a page is asked for.
        self._said = tuple(_literal(value) for value in given)
        self._values = [
            value for value, word in zip(given, self._said, strict=True) if word is None
        ]
        self._names = tuple(node.kwargs)

    def render(self, context: Context) -> str:
        values = [value.resolve(context) for value in self._values]
        if all(type(value) is int and value >= 0 for value in values):
            pattern = _pattern(self._view, self._said, self._names)
            if pattern is not None:
                return pattern % tuple(values)
        return self._node.render(context)


def _literal(said: FilterExpression) -> str | None:
    """The word that a template gives as it is, None for anything that must be looked up."""
    is_plain = not said.filters and not isinstance(said.var, Variable)
    return str(said.var) if is_plain and isinstance(said.var, str) else None


@lru_cache(maxsize=2048)
def _pattern(view: str, said: tuple[str | None, ...], names: tuple[str, ...]) -> str | None:
    """The escaped address with ``%d`` for each number; None where it takes no numbers."""
    numbers = [10**9 + at for at in range(said.count(None))]
    rest = iter(numbers)
    given: list[int | str] = [next(rest) if word is None else word for word in said]
    places = len(said) - len(names)
    try:
        address = escape(
            reverse(
                view,
                args=given[:places],
                kwargs=dict(zip(names, given[places:], strict=True)),
            )
        )
    except NoReverseMatch:
        return None
    pattern = address.replace("%", "%%")
    if not numbers:
        return pattern
    found = re.compile("|".join(map(str, numbers)))
    in_order = found.findall(pattern) == [str(number) for number in numbers]
    return found.sub("%d", pattern) if in_order else None
