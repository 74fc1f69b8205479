"""The texts and letters the desk sends, in the company's own words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from otklik.desk.actions import forget_text, write_text
from otklik.desk.brands import default_brand
from otklik.desk.models import Brand, TextTemplate
from otklik.desk.permissions import MANAGE
from otklik.desk.placeholders import Kind, Rich
from otklik.desk.texts import (
    Rendered,
    Text,
    Wording,
    fill_wording,
    find_wording,
    get_text,
    list_languages,
    list_texts,
)
from otklik.kit.numbers import whole_number
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of


class TextForm(forms.Form):
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200, required=False)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 12})
    )


@require_safe
@open_to(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    own = set(TextTemplate.objects.visible_to(actor_of(request)).values_list("key", flat=True))
    lines = [(text, text.key in own) for text in list_texts()]
    return render(request, "workspace/settings/texts.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def edit(request: HttpRequest, key: str) -> HttpResponseBase:
    """One text in one language, for one brand or (``brand`` empty) for all.

    POST with ``do=preview`` shows it filled, ``do=reset`` goes back to the words before.
    """
    text, brand, language = _asked(request, key)
    actor, wording = actor_of(request), find_wording(key, brand, language)
    form = TextForm(
        request.POST or None, initial={"subject": wording.subject, "body": wording.body}
    )
    here = f"{reverse('settings_screens:text', args=[key])}?{_query(brand, language)}"
    asked = request.POST.get("do", "")
    if asked == "reset":
        forget_text(actor, key, language, brand=brand)
        return done(request, here, _("The words that stood before are back"))
    preview = None
    if request.method == "POST" and form.is_valid():
        written = Wording(form.cleaned_data["subject"], form.cleaned_data["body"], language, True)
        preview = _fill(text, written, brand)
        if asked != "preview" and saved(
            form,
            lambda: write_text(
                actor, key, language, subject=written.subject, body=written.body, brand=brand
            ),
        ):
            return done(request, here, _("Saved"))
    context = {
        "form": form,
        "text": text,
        "here": here,
        "brand": brand,
        "language": language,
        "brands": Brand.objects.visible_to(actor),
        "languages": [(code, name, f"?{_query(brand, code)}") for code, name in list_languages()],
        "placeholders": [(f"{{{{ {each.name} }}}}", each) for each in text.placeholders],
        "preview": preview or _fill(text, wording, brand),
        "is_own": _has_own(key, brand, language),
        "title": text.label,
        "crumb": _("Texts and letters"),
        "crumb_url": reverse("settings_screens:texts"),
    }
    return render(request, "workspace/settings/text.html", context, status=status_of(form))


def _asked(request: HttpRequest, key: str) -> tuple[Text, Brand | None, str]:
    try:
        text = get_text(key)
    except LookupError:
        raise Http404 from None
    language = request.GET.get("language") or default_brand().language
    if language not in dict(list_languages()):
        raise Http404
    brand_id = request.GET.get("brand", "")
    rows = Brand.objects.visible_to(actor_of(request)).select_related("calendar")
    brand = get_object_or_404(rows, pk=whole_number(brand_id)) if brand_id else None
    return text, brand, language


def _query(brand: Brand | None, language: str) -> str:
    return f"language={language}&brand={brand.pk}" if brand else f"language={language}"


def _has_own(key: str, brand: Brand | None, language: str) -> bool:
    return TextTemplate.objects.filter(key=key, brand=brand, language=language).exists()


def _fill(text: Text, wording: Wording, brand: Brand | None) -> Rendered:
    """With the examples of its placeholders."""
    shown = brand or default_brand()
    context = {
        each.name: _example(each.name, each.kind, each.example, shown) for each in text.placeholders
    }
    return fill_wording(text, wording, shown, context)


def _example(name: str, kind: Kind, example: Any, brand: Brand) -> Any:
    if name == "brand.name":
        return brand.name
    if kind is Kind.MOMENT:
        return timezone.now() + timedelta(hours=4)
    if kind is Kind.RICH and not isinstance(example, Rich):
        words = _("Here stands the answer.")
        return Rich(words, f"<p>{words}</p>")
    return example
