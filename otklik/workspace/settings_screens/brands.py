"""Brands: the face the company shows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core import files
from otklik.core.access import Actor, Invalid
from otklik.core.db import write
from otklik.core.files.models import Blob
from otklik.core.web.downloads import SHOWN_IN_PLACE, send_file
from otklik.desk.actions import change_brand, create_brand, make_default_brand
from otklik.desk.forms import BrandForm
from otklik.desk.models import Brand
from otklik.desk.permissions import MANAGE
from otklik.ui.brand import BrandColours, derive_brand
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of

LARGEST_LOGO = 1 << 20


class BrandPageForm(BrandForm):
    """With the logo, which is a stored file."""

    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 1 MB. A square works best."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )
    forget_logo = forms.BooleanField(label=gettext_lazy("Without a logo"), required=False)

    def clean_logo(self) -> Any:
        upload = self.cleaned_data["logo"]
        if upload and upload.size > LARGEST_LOGO:
            raise forms.ValidationError(_("At most 1 MB."))
        return upload

    def changes(self) -> dict[str, Any]:
        changes = super().changes()
        del changes["logo"], changes["forget_logo"]
        return changes


@require_safe
@open_to(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    rows = Brand.objects.visible_to(actor_of(request)).select_related("calendar")
    return render(request, "workspace/settings/brands.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def edit(request: HttpRequest, brand_id: int | None = None) -> HttpResponseBase:
    """A new brand, or with ``brand_id`` one that is there."""
    actor = actor_of(request)
    rows = Brand.objects.visible_to(actor)
    brand = get_object_or_404(rows, pk=brand_id) if brand_id else None
    form = BrandPageForm(request.POST or None, request.FILES or None, actor=actor, brand=brand)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: _save(actor, brand, form))
    ):
        return done(request, reverse("settings_screens:brands"), _("Saved"))
    context = {
        "form": form,
        "brand": brand,
        "colours": _colours(str(form["color"].value() or "")),
        "title": brand.name if brand else _("New brand"),
        "crumb": _("Brands"),
        "crumb_url": reverse("settings_screens:brands"),
    }
    return render(request, "workspace/settings/brand.html", context, status=status_of(form))


@require_POST
@open_to(MANAGE)
def prefer(request: HttpRequest, brand_id: int) -> HttpResponseBase:
    """Make it the default one."""
    actor = actor_of(request)
    brand = get_object_or_404(Brand.objects.visible_to(actor), pk=brand_id)
    before = Brand.objects.filter(is_default=True).exclude(pk=brand.pk).first()
    make_default_brand(actor, brand)
    undo = reverse("settings_screens:prefer_brand", args=[before.pk]) if before else ""
    words = _("%(name)s is the default brand now") % {"name": brand.name}
    return done(request, reverse("settings_screens:brands"), words, undo=undo)


@require_safe
@open_to(MANAGE)
def colour(request: HttpRequest) -> HttpResponse:
    """The fragment that shows what becomes of a colour."""
    context = {"colours": _colours(request.GET.get("color", ""))}
    return render(request, "workspace/settings/brand_colour.html", context)


@require_safe
@open_to(MANAGE)
def logo(request: HttpRequest, brand_id: int) -> HttpResponseBase:
    brand = get_object_or_404(Brand.objects.visible_to(actor_of(request)), pk=brand_id)
    blob = Blob.objects.filter(sha256=brand.logo_sha256).first() if brand.logo_sha256 else None
    if blob is None:
        raise Http404
    return send_file(
        files.open_blob(blob), name="logo", content_type=blob.content_type, is_inline=True
    )


def _save(actor: Actor, brand: Brand | None, form: BrandPageForm) -> None:
    """The logo is stored before the transaction and held inside it."""
    changes = form.changes()
    upload = form.cleaned_data["logo"]
    blob = _stored(upload) if upload else None
    if blob is not None:
        changes["logo_sha256"] = blob.sha256
    elif form.cleaned_data["forget_logo"]:
        changes["logo_sha256"] = ""
    before = brand.logo_sha256 if brand else ""
    with write():
        saved_brand = (
            change_brand(actor, brand, **changes) if brand else create_brand(actor, **changes)
        )
        if saved_brand.logo_sha256 == before:
            return
        if blob is not None:
            files.hold(blob)
        old = Blob.objects.filter(sha256=before).first() if before else None
        if old is not None:
            files.release(old)


def _stored(upload: Any) -> Blob:
    try:
        blob = files.store_blob(upload.chunks(), max_size=LARGEST_LOGO)
    except files.StorageError as error:
        raise Invalid(str(error), fields={"logo": str(error)}) from error
    if blob.content_type not in SHOWN_IN_PLACE:
        words = _("This is no picture that browsers show. Take PNG, JPEG or WebP.")
        raise Invalid(words, fields={"logo": words})
    return blob


def _colours(asked: str) -> BrandColours | None:
    try:
        return derive_brand(asked)
    except ValueError:
        return None
