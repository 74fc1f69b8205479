"""What a screen asks about a mailbox. ``account()`` is what the connection test tries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import copy
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from otklik.channels.actions import find_team_of
from otklik.channels.contract import Check
from otklik.core.access import Actor
from otklik.core.settings import secrets
from otklik.desk.models import Account, Brand
from otklik.desk.texts import list_languages
from otklik.kit.addresses import normalise_email
from otklik.people.models import Team

from . import form_fields
from .account_settings import MAX_SIGNATURE, EmailSettings, settings_of
from .mailboxes import KIND
from .oauth_providers import provider_for

_SECRETS = ("imap_password", "smtp_password", "oauth_client_secret")
_PASSWORDS = _SECRETS[:2]
_LISTS = ("aliases", "own_lists", "trusted_hosts", "dkim_selectors")
_KEPT = _("Leave empty to keep the present one.")
_TYPED = _("What you typed is kept for the next try.")


class MailboxForm(forms.Form):
    """Fields are named after ``EmailSettings``; an empty IMAP server means LMTP or the pipe."""

    name = forms.CharField(
        label=_("Name"), help_text=_("Agents see it in lists and filters."), max_length=100
    )
    address = forms.CharField(label=_("Address"), max_length=254)
    brand = forms.ModelChoiceField(Brand.objects.none(), label=_("Brand"), empty_label=None)
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=_("Team for new tickets"),
        empty_label=_("No team"),
        required=False,
    )
    sender_name = form_fields.line_field(_("Sender name"), _("Empty: the name of the brand."))
    sender_style = form_fields.choice_field(
        _("Name beside the address"),
        _("On what agents write. Letters of the desk itself bear the sender name."),
        form_fields.SENDER_STYLES,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("For answers to people whose language is not known."),
        required=False,
    )
    acknowledge = forms.BooleanField(label=_("Acknowledge new requests"), required=False)

    sign_in = form_fields.choice_field(
        _("Signs in with"),
        _("Google and Microsoft 365: in the browser, after the mailbox is saved."),
        form_fields.SIGN_IN,
    )
    oauth_client_id = form_fields.line_field(
        _("Client ID"), _("Of the application you registered with the provider for this desk.")
    )
    oauth_client_secret = form_fields.password_field(_("Client secret"))
    oauth_tenant = form_fields.line_field(
        _("Microsoft tenant"), _("Its name or number; empty: any."), longest=100
    )
    oauth_authorize_url = form_fields.address_field(_("Authorisation address"))
    oauth_token_url = form_fields.address_field(_("Token address"))
    oauth_scope = form_fields.line_field(_("Scope"))

    imap_host = form_fields.host_field(
        _("IMAP server"), _("Empty when your mail server hands mail to this desk.")
    )
    imap_port = form_fields.port_field()
    imap_security = form_fields.security_field()
    imap_user = form_fields.user_field()
    imap_password = form_fields.password_field(_("App password"))
    imap_folder = forms.CharField(label=_("Folder"), max_length=200)
    after_fetch = forms.ChoiceField(
        label=_("With a letter that was taken in"), choices=form_fields.AFTER_FETCH
    )
    move_to = form_fields.line_field(_("Folder to move it to"))

    smtp_host = form_fields.host_field(
        _("SMTP server"), _("Empty: the outgoing server of the desk.")
    )
    smtp_port = form_fields.port_field()
    smtp_security = form_fields.security_field()
    smtp_user = form_fields.user_field(_("Empty: the same as for IMAP."))
    smtp_password = form_fields.password_field(_("App password"))

    plus_addresses = forms.BooleanField(
        label=_("The server delivers plus addresses"),
        help_text=_("support+anything@ comes to support@; answers then find their ticket safely."),
        required=False,
    )
    dkim_selectors = form_fields.line_field(
        _("DKIM selectors"),
        _("Names your letters are signed under; a round-trip letter finds them out."),
        longest=500,
    )
    round_trip = form_fields.choice_field(
        _("Round-trip letter"),
        _("A letter from the mailbox to itself; it never becomes a ticket."),
        form_fields.ROUND_TRIPS,
    )
    aliases = form_fields.line_field(
        _("Further addresses"), _("Separated by spaces or commas."), longest=2000
    )
    own_lists = form_fields.line_field(
        _("Own lists"),
        _("List-Id of group addresses that only forward to this mailbox."),
        longest=2000,
    )
    trusted_hosts = form_fields.line_field(
        _("Servers whose sender checks are believed"),
        _("Names in Authentication-Results, beside those of the whole desk."),
        longest=2000,
    )

    def __init__(
        self, *args: Any, actor: Actor, account: Account | None = None, **kwargs: Any
    ) -> None:
        self._account = account
        kwargs["initial"] = _initial(account)
        super().__init__(*args, **kwargs)
        self._typed_before = _unsealed(self.data.get("kept", ""), account)
        self.fields["language"].choices = [("", _("As the brand")), *list_languages()]  # type: ignore[attr-defined]
        signatures = settings_or_default(account).signatures
        for code, name in list_languages():
            self.fields[f"signature_{code}"] = forms.CharField(
                label=_("Signature, %(language)s") % {"language": name},
                help_text=_("{{ agent.name }} and {{ agent.signature }} may stand in it."),
                max_length=MAX_SIGNATURE,
                required=False,
                initial=signatures.get(code, ""),
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        brands: Any = self.fields["brand"]
        brands.queryset = Brand.objects.order_by("-is_default", "name")
        teams: Any = self.fields["team"]
        teams.queryset = Team.objects.filter(is_active=True)
        if account is not None:
            for name in _SECRETS:
                if account.sealed.get(name):
                    self.fields[name].help_text = _KEPT
        for name in self._typed_before:
            self.fields[name].help_text = _TYPED

    def clean_address(self) -> str:
        try:
            return normalise_email(self.cleaned_data["address"])
        except ValueError:
            raise forms.ValidationError(_("This is no e-mail address.")) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("sign_in", "sender_style", "round_trip"):
            data[name] = data.get(name) or self.fields[name].initial
        if data["sign_in"] != "password" and not data.get("oauth_client_id"):
            self.add_error("oauth_client_id", _("The provider asks for it."))
        if data["sign_in"] == "oauth":
            for name in ("oauth_authorize_url", "oauth_token_url"):
                if not data.get(name):
                    self.add_error(name, _("This server is not known; enter its address."))
        if data.get("imap_host") and not data.get("imap_user"):
            self.add_error("imap_user", _("The server asks for a name."))
        if data.get("after_fetch") == "move" and not data.get("move_to"):
            self.add_error("move_to", _("Name the folder."))
        for kind in ("imap", "smtp"):
            self._demand_password(kind, data)
        try:
            EmailSettings.model_validate(self._given())
        except ValidationError as error:
            for one in error.errors():
                where = str(one["loc"][0]) if one["loc"] else ""
                words = _("This cannot be right.")
                self.add_error(where if where in self.fields else None, words)
        else:
            self._demand_client_secret(data)
        return data

    def _demand_password(self, kind: str, data: dict[str, Any]) -> None:
        """A stored password goes to the server it was typed for and to no other: else whoever may
        change a mailbox could have it sent to a server of their own and read it there."""
        if data.get("sign_in") != "password":
            return
        account, name = self._account, f"{kind}_password"
        host = str(data.get(f"{kind}_host") or "").lower()
        if account is None or not host or host == account.config.get(f"{kind}_host", "").lower():
            return
        stored = [one for one in _PASSWORDS if account.sealed.get(one)]
        if stored and not (data.get(name) or self._typed_before.get(name)):
            self.add_error(name, _("Enter the password again: the server is another one."))

    def _demand_client_secret(self, data: dict[str, Any]) -> None:
        """The same for the client secret and the address it is sent to."""
        account = self._account
        if account is None or not account.sealed.get("oauth_client_secret"):
            return
        if data.get("oauth_client_secret") or self._typed_before.get("oauth_client_secret"):
            return
        before = provider_for(settings_or_default(account))
        after = provider_for(EmailSettings.model_validate(self._given()))
        if after is not None and (before is None or before.token_url != after.token_url):
            words = _("Enter the client secret again: the provider is another one.")
            self.add_error("oauth_client_secret", words)

    def changes(self) -> dict[str, Any]:
        """Arguments for ``desk.actions.create_account`` and ``change_account``."""
        data = self.cleaned_data
        checked = EmailSettings.model_validate(self._given()).model_dump(mode="json")
        before = dict(self._account.config) if self._account else {}
        return {
            "name": data["name"],
            "address": data["address"],
            "brand": data["brand"],
            "language": data["language"],
            "config": before | checked | {"acknowledge": data["acknowledge"]},
            "secrets": self._forgotten() | self._secrets(),
        }

    def kept(self) -> str:
        """The typed passwords, sealed for the page that shows a failed test: never in clear."""
        typed = self._secrets() if self.is_bound and hasattr(self, "cleaned_data") else {}
        return _sealed(typed, self._account)

    def blame(self, checks: Sequence[Check]) -> None:
        """Put what a failed test says beside the field it is about."""
        for name in self._secrets():
            self[name].help_text = _TYPED
        steps = {
            _now("Server found"): "imap_host",
            _now("Connection protected"): "imap_security",
            _now("Signed in"): "imap_password",
            _now("Folder read"): "imap_folder",
            _now("Outgoing server found"): "smtp_host",
        }
        for check in checks:
            if check.state == "failed" and check.name in steps:
                self.add_error(steps[check.name], check.detail)

    def account(self) -> Account:
        """An unsaved account as it would be, for the test."""
        wanted = self.changes()
        tried = copy(self._account) if self._account else Account(kind=KIND)
        for name in ("name", "address", "brand", "language", "config"):
            setattr(tried, name, wanted[name])
        for name, value in wanted["secrets"].items():
            tried.set_secret(name, value)
        return tried

    def _secrets(self) -> dict[str, str]:
        typed = {name: self.cleaned_data.get(name) or "" for name in _SECRETS}
        return self._typed_before | {name: value for name, value in typed.items() if value}

    def _forgotten(self) -> dict[str, str]:
        """Passwords that rest while a provider signs in, and whose server is another one now: kept,
        they would go there as soon as passwords are used again."""
        account, data = self._account, self.cleaned_data
        if account is None or data["sign_in"] == "password":
            return {}
        hosts = ("imap_host", "smtp_host")
        is_same = all(
            str(data.get(name) or "").lower() == account.config.get(name, "").lower()
            for name in hosts
        )
        return {} if is_same else {name: "" for name in _PASSWORDS if account.sealed.get(name)}

    def _given(self) -> dict[str, Any]:
        given = {
            name: self.cleaned_data[name]
            for name in EmailSettings.model_fields
            if name in self.cleaned_data
        }
        signatures = settings_or_default(self._account).signatures
        asked = [code for code, _name in list_languages()]
        typed = {code: self.cleaned_data.get(f"signature_{code}") or "" for code in asked}
        return given | {"signatures": signatures | typed}

    @property
    def signatures(self) -> list[Any]:
        return [self[f"signature_{code}"] for code, _name in list_languages()]


class ImportForm(forms.Form):
    """How far back older mail is taken in."""

    days = forms.IntegerField(
        label=_("Days back"),
        help_text=_("Nobody is written to and no clock starts."),
        min_value=1,
        max_value=3650,
        initial=30,
    )


def settings_or_default(account: Account | None) -> EmailSettings:
    """What the row holds, or what a new mailbox starts with when that cannot be meant."""
    try:
        return settings_of(account) if account else EmailSettings()
    except ValidationError:
        return EmailSettings()


def _initial(account: Account | None) -> dict[str, Any]:
    values = settings_or_default(account).model_dump()
    values |= {name: " ".join(values[name]) for name in _LISTS}
    values["acknowledge"] = account.config.get("acknowledge", True) if account else True
    if account is not None:
        values |= {
            "name": account.name,
            "address": account.address,
            "brand": account.brand_id,
            "language": account.language,
        }
        values["team"] = find_team_of(account.pk)
    return values


def _sealed(typed: dict[str, str], account: Account | None) -> str:
    if not typed:
        return ""
    return secrets.seal(json.dumps({"account": account.pk if account else None, "typed": typed}))


def _unsealed(kept: str, account: Account | None) -> dict[str, str]:
    """Passwords that an earlier try for the same mailbox had typed; {} for anything else."""
    if not kept or len(kept) > 20_000:
        return {}
    try:
        found = json.loads(secrets.unseal(kept))
    except (secrets.SecretError, ValueError):
        return {}
    is_same = found.get("account") == (account.pk if account else None)
    return {
        name: str(found["typed"][name]) for name in _SECRETS if is_same and name in found["typed"]
    }
