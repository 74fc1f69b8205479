"""What tickets are sorted by: the tree of categories, tags."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.access import Actor, Invalid
from otklik.core.db import write
from otklik.desk.texts import list_languages
from otklik.kit.text import sort_key
from otklik.tickets.actions.sorting import (
    change_category,
    create_category,
)
from otklik.tickets.actions.tag_merging import (
    describe_tag,
    merge_tags,
    remove_tag,
    rename_tag,
)
from otklik.tickets.models import Category, Tag, Ticket
from otklik.tickets.permissions import MANAGE
from otklik.tickets.queries import count_bounded
from otklik.tickets.twins import find_near
from otklik.workspace.queries.navigation import spell_count
from otklik.workspace.settings_screens.by_language import add_words, read_words
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of
from otklik.workspace.web.staff import last_operation, undo_url

_TAGS = 100


class CategoryForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    parent = forms.ModelChoiceField(
        Category.objects.none(),
        label=gettext_lazy("Below"),
        required=False,
        empty_label=gettext_lazy("At the top"),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Offered for tickets"),
        help_text=gettext_lazy("Tickets that have it keep it either way."),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, category: Category | None = None) -> None:
        initial: dict[str, Any] = {}
        if category is not None:
            initial = {
                "name": category.name,
                "parent": category.parent_id,
                "is_active": category.is_active,
            }
        super().__init__(*args, initial=initial)  # type: ignore[misc]
        parents = Category.objects.order_by("path")
        if category is not None:
            parents = parents.exclude(path__contains=f"/{category.pk}/")
        self.fields["parent"].queryset = parents  # type: ignore[attr-defined]
        for code, language in list_languages():
            self.fields[f"label-{code}"] = forms.CharField(
                label=_("Name, %(language)s") % {"language": language},
                max_length=100,
                required=False,
                initial=category.labels.get(code, "") if category else "",
            )

    def labels(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"label-{code}"] for code, _name in settings.LANGUAGES}


class TagForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    hint = forms.CharField(label=gettext_lazy("When to use it"), max_length=300, required=False)

    def __init__(self, data: Any, tag: Tag) -> None:
        super().__init__(data, initial={"name": tag.name, "hint": tag.hint})
        add_words(self, "hint", 300, tag.hints)


@require_safe
@open_to(MANAGE)
def categories(request: HttpRequest) -> HttpResponse:
    language = (get_language() or "").partition("-")[0]
    lines = [(row, row.label(language), depth) for row, depth in _tree()]
    return render(request, "workspace/settings/categories.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def category(request: HttpRequest, category_id: int | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    found = get_object_or_404(Category, pk=category_id) if category_id else None
    form = CategoryForm(request.POST or None, category=found)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: _save_category(actor, found, form))
    ):
        return done(request, reverse("settings_screens:categories"), _("Saved"))
    context = {
        "form": form,
        "title": found.name if found else _("New category"),
        "crumb": _("Categories"),
        "crumb_url": reverse("settings_screens:categories"),
    }
    return render(request, "workspace/settings/form.html", context, status=status_of(form))


@require_safe
@open_to(MANAGE)
def tags(request: HttpRequest) -> HttpResponse:
    """The first ones that begin with what is asked for."""
    query = request.GET.get("q", "").strip()[:60]
    rows = list(Tag.objects.filter(key__startswith=sort_key(query, 60))[: _TAGS + 1])
    context = {"rows": rows[:_TAGS], "has_more": len(rows) > _TAGS, "q": query}
    return render(request, "workspace/settings/tags.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def tag(request: HttpRequest, tag_id: int) -> HttpResponseBase:
    actor, found = actor_of(request), _standing(tag_id)
    form = TagForm(request.POST or None, found)

    def act() -> None:
        with write():
            rename_tag(actor, found, form.cleaned_data["name"])
            hints = read_words(form, "hint")
            describe_tag(actor, found, form.cleaned_data["hint"], hints=hints)

    if request.method == "POST" and form.is_valid() and saved(form, act):
        return done(request, reverse("settings_screens:tags"), _("Saved"))
    return _tag_page(request, found, form)


@require_POST
@open_to(MANAGE)
def drop_tag(request: HttpRequest, tag_id: int) -> HttpResponseBase:
    actor, found = actor_of(request), _standing(tag_id)
    before = last_operation(actor)
    remove_tag(actor, found)
    words = _("The tag %(name)s is gone") % {"name": found}
    undo = undo_url(actor, before)
    return done(request, reverse("settings_screens:tags"), words, undo=undo)


@require_POST
@open_to(MANAGE)
def merge_tag(request: HttpRequest, tag_id: int) -> HttpResponseBase:
    """``into`` is the name of another tag."""
    actor, found = actor_of(request), _standing(tag_id)
    name = request.POST.get("into", "").strip()[:60]
    into = Tag.objects.filter(key=sort_key(name, 60)).first()
    before = last_operation(actor)
    try:
        if into is None:
            raise Invalid(_("There is no tag called “%(name)s”.") % {"name": name})
        merge_tags(actor, found, into)
    except Invalid as refusal:
        form = TagForm(None, found)
        return _tag_page(request, found, form, str(refusal))
    words = _("“%(name)s” is “%(into)s” from now on; tickets follow") % {
        "name": found.name,
        "into": into.name,
    }
    undo = undo_url(actor, before)
    return done(request, reverse("settings_screens:tags"), words, undo=undo)


def _standing(tag_id: int) -> Tag:
    return get_object_or_404(Tag.objects.all(), pk=tag_id)


def _tag_page(request: HttpRequest, found: Tag, form: TagForm, refused: str = "") -> HttpResponse:
    context = {
        "form": form,
        "tag": found,
        "worn": spell_count(count_bounded(Ticket.objects.filter(tags=found))),
        "near": find_near(found.name, 5),
        "refused": refused,
        "title": found.name,
        "crumb": _("Tags"),
        "crumb_url": reverse("settings_screens:tags"),
    }
    status = 422 if refused else status_of(form)
    return render(request, "workspace/settings/tag.html", context, status=status)


def _save_category(actor: Actor, found: Category | None, form: CategoryForm) -> None:
    values = form.cleaned_data
    if found is None:
        create_category(actor, name=values["name"], parent=values["parent"], labels=form.labels())
        return
    change_category(
        actor,
        found,
        name=values["name"],
        parent=values["parent"],
        labels=form.labels(),
        is_active=values["is_active"],
    )


def _tree() -> list[tuple[Category, int]]:
    """Every category below its parent, with its depth from 0."""
    below: dict[int | None, list[Category]] = {}
    for row in Category.objects.all():
        below.setdefault(row.parent_id, []).append(row)
    found: list[tuple[Category, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for row in below.get(parent, ()):
            found.append((row, depth))
            walk(row.pk, depth + 1)

    walk(None, 0)
    return found
