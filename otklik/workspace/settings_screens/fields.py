"""Custom fields: what there is of each thing, in which order, and the editor of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.fields.actions import (
    archive_field,
    change_field,
    create_field,
    order_fields,
    restore_field,
)
from otklik.core.fields.models import (
    FILLED,
    REFERENCES,
    WITH_OPTIONS,
    CustomerAccess,
    Field,
    FieldKind,
    Required,
)
from otklik.core.fields.owners import Owner, find_owner, list_owners
from otklik.core.fields.permissions import MANAGE
from otklik.core.fields.queries import is_required, is_visible, list_missing, match_of
from otklik.core.vocabulary.language import QueryProblem, read_query, spell_query
from otklik.core.vocabulary.language.reading import Query
from otklik.kit.numbers import whole_number
from otklik.kit.text import slug
from otklik.people.models import Team
from otklik.tickets.models import Ticket
from otklik.workspace.queries.custom import encode
from otklik.workspace.settings_screens.by_language import add_words, read_words
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of
from otklik.workspace.settings_screens.field_options import read_options, spell_options
from otklik.workspace.web.staff import last_operation, undo_url


class FieldForm(forms.Form):
    """``options``: one a line, as `field_options` reads them; a line left out stays on tickets
    that have it and is offered no more. Conditions are queries, as lists are asked."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    kind = forms.ChoiceField(label=pgettext_lazy("field", "Kind"), choices=FieldKind.choices)
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=40,
        required=False,
        help_text=gettext_lazy(
            "By it lists, rules and programs find the field. It cannot be changed later; "
            "left empty, it is made from the name."
        ),
    )
    hint = forms.CharField(
        label=gettext_lazy("Hint"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Stands below the field, for customers who fill it in, too."),
    )
    options = forms.CharField(
        label=gettext_lazy("Options"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=80_000,
        help_text=gettext_lazy(
            "One on each line, its name in a language after a bar: name | ru: name. "
            "A line taken out is offered no more; tickets that have it keep it."
        ),
    )
    decimals = forms.TypedChoiceField(
        label=gettext_lazy("Digits after the point"),
        choices=[(number, str(number)) for number in range(4)],
        coerce=int,
        initial=0,
    )
    default = forms.CharField(
        label=gettext_lazy("Filled in at first with"), max_length=2000, required=False
    )
    required = forms.ChoiceField(
        label=gettext_lazy("Needed"), choices=Required.choices, initial=Required.NEVER
    )
    visible_when = forms.CharField(
        label=gettext_lazy("Shown when"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("A query such as kind:incident. Empty: always."),
    )
    required_when = forms.CharField(
        label=gettext_lazy("Needed when"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("Narrows the time above. Empty: whenever the field is shown."),
    )
    customer_access = forms.ChoiceField(
        label=gettext_lazy("Customers"),
        choices=CustomerAccess.choices,
        initial=CustomerAccess.HIDDEN,
        help_text=gettext_lazy(
            "In the portal, in forms on your sites and by REST, under the conditions above. "
            "Teams do not matter to it."
        ),
    )
    is_filterable = forms.BooleanField(
        label=gettext_lazy("Lists and rules can ask for it"), required=False, initial=True
    )
    see_teams = forms.MultipleChoiceField(
        label=gettext_lazy("Seen by teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: by every agent."),
    )
    edit_teams = forms.MultipleChoiceField(
        label=gettext_lazy("Filled in by teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: by everybody who sees it."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, thing: str, field: Field | None = None) -> None:
        super().__init__(*args, initial=_initial(field) if field else {})  # type: ignore[misc]
        self.thing, self.field = thing, field
        teams = [(str(team.pk), team.name) for team in Team.objects.active()]
        for name in ("see_teams", "edit_teams"):
            if teams:
                self.fields[name].choices = teams  # type: ignore[attr-defined]
            else:
                del self.fields[name]
        named = add_words(self, "label", 100, field.labels if field else None)
        called = gettext_lazy("Hint, %(language)s")
        known = field.hints if field else None
        hinted = add_words(self, "hint", 300, known, called=called)
        self.order_fields(["name", "kind", "key", *named, "hint", *hinted])
        unused = [] if field is None else ["kind", "key"]
        owner = find_owner(thing)
        if owner is None or not owner.is_for_customers:
            unused.append("customer_access")
        elif field is not None and field.kind in REFERENCES:
            access = self.fields["customer_access"]
            assert isinstance(access, forms.ChoiceField)
            access.choices = [each for each in CustomerAccess.choices if each[0] not in FILLED]
        if field is not None and field.kind not in WITH_OPTIONS:
            unused.append("options")
        if field is not None and field.kind != FieldKind.NUMBER:
            unused.append("decimals")
        for name in unused:
            del self.fields[name]

    def clean_options(self) -> list[dict[str, Any]]:
        return read_options(self.cleaned_data["options"], self.field)

    def clean_visible_when(self) -> Any:
        return self._query("visible_when")

    def clean_required_when(self) -> Any:
        return self._query("required_when")

    def _query(self, name: str) -> Any:
        try:
            asked = read_query(self.thing, self.cleaned_data[name])
        except QueryProblem as problem:
            raise forms.ValidationError(str(problem)) from None
        if asked.words:
            raise forms.ValidationError(
                _("Words alone cannot be asked here; say what they are about.")
            )
        return asked.match.as_json()

    def details(self) -> dict[str, Any]:
        """What the actions take by name."""
        data = self.cleaned_data
        names = ("name", "hint", "required", "visible_when", "required_when", "is_filterable")
        found = {name: data[name] for name in names}
        found |= {"labels": read_words(self, "label"), "hints": read_words(self, "hint")}
        if "customer_access" in data:
            found["customer_access"] = data["customer_access"]
        if "decimals" in data:
            found["decimals"] = data["decimals"]
        for name in ("see_teams", "edit_teams"):
            found[name] = [int(pk) for pk in data.get(name, ())]
        if "options" in data:
            found["options"] = data["options"]
        found["default"] = _read_default(data["default"], found.get("options"), self.field)
        return found


@require_safe
@open_to(MANAGE)
def index(request: HttpRequest, thing: str = "ticket") -> HttpResponse:
    owner = _owner(thing)
    rows = list(Field.objects.filter(thing=thing))
    context = {
        "section_path": _url("ticket"),
        "owner": owner,
        "owners": list_owners(),
        "rows": [row for row in rows if row.archived_at is None],
        "archived": [row for row in rows if row.archived_at is not None],
    }
    return render(request, "workspace/settings/fields.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def new(request: HttpRequest, thing: str) -> HttpResponseBase:
    owner, actor = _owner(thing), actor_of(request)
    form = FieldForm(request.POST or None, thing=thing)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        key = data["key"] or slug(data["name"], 40).replace("-", "_")

        def act() -> None:
            create_field(actor, thing=thing, key=key, kind=data["kind"], **form.details())

        if saved(form, act):
            return done(request, _url(thing), _("Saved"))
    return _editor(request, form, owner, title=_("New field"))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def edit(request: HttpRequest, field_id: int) -> HttpResponseBase:
    actor, found = actor_of(request), get_object_or_404(Field, pk=field_id)
    form = FieldForm(request.POST or None, thing=found.thing, field=found)

    def act() -> None:
        version = form.cleaned_data.get("version")
        change_field(actor, found, version=version, **form.details())

    if request.method == "POST" and form.is_valid() and saved(form, act):
        return done(request, _url(found.thing), _("Saved"))
    title = found.label_now()
    return _editor(request, form, _owner(found.thing), title=title, field=found)


@require_POST
@open_to(MANAGE)
def act(request: HttpRequest, field_id: int) -> HttpResponseBase:
    """``value``: up, down, archive or restore."""
    actor, found = actor_of(request), get_object_or_404(Field, pk=field_id)
    value, before, words, undo = request.POST.get("value"), last_operation(actor), "", ""
    if value in ("up", "down"):
        rows = Field.objects.filter(thing=found.thing, archived_at=None)
        ids = list(rows.values_list("pk", flat=True))
        at = ids.index(found.pk)
        to = max(0, min(len(ids) - 1, at + (-1 if value == "up" else 1)))
        ids.insert(to, ids.pop(at))
        order_fields(actor, found.thing, ids)
        words = _("“%(name)s” moved") % {"name": found.label_now()}
    elif value == "restore":
        restore_field(actor, found)
        words = _("“%(name)s” is in use again") % {"name": found.label_now()}
    else:
        archive_field(actor, found)
        words = _("“%(name)s” is archived; its values stay") % {"name": found.label_now()}
        undo = undo_url(actor, before)
    return done(request, _url(found.thing), words, undo=undo)


def _editor(
    request: HttpRequest, form: FieldForm, owner: Owner, *, title: str, field: Field | None = None
) -> HttpResponse:
    context = {
        "section_path": _url("ticket"),
        "form": form,
        "field": field,
        "title": title,
        "crumb": _("Custom fields"),
        "crumb_url": _url(owner.thing),
        "asked": request.GET.get("ticket", "")[:20],
        "preview": _preview(request, field),
    }
    return render(request, "workspace/settings/field.html", context, status=status_of(form))


def _preview(request: HttpRequest, field: Field | None) -> dict[str, Any] | None:
    """What the stored conditions say of one ticket."""
    number = whole_number(request.GET.get("ticket", "").lstrip("№# "))
    if field is None or field.thing != "ticket" or number is None:
        return None
    ticket = Ticket.objects.visible_to(actor_of(request)).filter(number=number).first()
    if ticket is None:
        return {"is_missing": True}
    missing = {each.pk for each in list_missing(ticket, "solving")}
    return {
        "ticket": ticket,
        "is_visible": is_visible(field, ticket),
        "is_required": any(is_required(field, ticket, moment) for moment in ("opening", "solving")),
        "is_empty": field.pk in missing,
        "value": encode((ticket.custom or {}).get(field.key)),
    }


def _initial(field: Field) -> dict[str, Any]:
    def spell(stored: Any) -> str:
        match = match_of(field.thing, stored)
        return spell_query(field.thing, Query(match)) if match is not None else ""

    names = ("name", "hint", "decimals", "required", "customer_access", "is_filterable", "version")
    found: dict[str, Any] = {name: getattr(field, name) for name in names}
    found["visible_when"] = spell(field.visible_when)
    found["required_when"] = spell(field.required_when)
    found["options"] = spell_options(field)
    found["default"] = encode(field.default)
    found["see_teams"] = [str(pk) for pk in field.see_teams]
    found["edit_teams"] = [str(pk) for pk in field.edit_teams]
    return found


def _read_default(text: str, options: Any, field: Field | None) -> Any:
    """Options by code or by name; several by commas."""
    if not text or options is None:
        return text
    by_name = {each["name"].casefold(): each["code"] or slug(each["name"]) for each in options}
    parts = [part.strip() for part in text.split(",") if part.strip()]
    codes = [by_name.get(part.casefold(), part) for part in parts]
    return codes if len(codes) > 1 or (field and field.kind == FieldKind.MULTI) else codes[0]


def _owner(thing: str) -> Owner:
    found = find_owner(thing)
    if found is None:
        raise Http404
    return found


def _url(thing: str) -> str:
    return reverse("settings_screens:fields", args=[thing])
