"""The desk's keys for signed and encrypted mail: a list, one way in, one way out."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from otklik.desk.permissions import MANAGE_ACCOUNTS
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved

from .protection.actions import import_keys, remove_key
from .protection.keys import MAX_FILE
from .protection.rows import DeskKey


class KeyForm(forms.Form):
    """A key file and the passphrase that opens it."""

    file = forms.FileField(
        label=gettext_lazy("Key or certificate"),
        help_text=gettext_lazy("PEM, DER, PKCS #12 (.p12, .pfx) or OpenPGP (.asc, .gpg)."),
    )
    passphrase = forms.CharField(
        label=gettext_lazy("Passphrase"),
        required=False,
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_file(self) -> bytes:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_FILE:
            raise forms.ValidationError(_("The file is too large for a key."))
        content: bytes = upload.read()
        return content


@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE_ACCOUNTS)
def keys(request: HttpRequest) -> HttpResponseBase:
    """GET the list, POST a key file."""
    if request.method != "POST":
        return _page(request, KeyForm())
    form = KeyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    found: list[DeskKey] = []

    def act() -> None:
        data = form.cleaned_data
        found.extend(import_keys(actor_of(request), data["file"], passphrase=data["passphrase"]))

    if not saved(form, act):
        return _page(request, form, status=422)
    words = ngettext("%(n)d key is kept", "%(n)d keys are kept", len(found)) % {"n": len(found)}
    return done(request, reverse("channel_email:keys"), words)


@require_POST
@open_to(MANAGE_ACCOUNTS)
def removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    remove_key(actor_of(request), get_object_or_404(DeskKey, pk=pk))
    return done(request, reverse("channel_email:keys"), _("The key is gone"))


def _page(request: HttpRequest, form: KeyForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "rows": DeskKey.objects.order_by("name", "id")[:500]}
    return render(request, "channel_email/keys.html", context, status=status)
