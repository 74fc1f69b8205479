"""What customers fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desk.accounts import find_account_for
from otklik.kit.addresses import normalise_email
from otklik.kit.text import clean_line, clean_text
from otklik.portal.fields import AskingForm
from otklik.portal.limits import MAX_TEXT
from otklik.portal.uploads import find_problem

_EMPTY = {"required": gettext_lazy("Nothing is written yet.")}


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Any number of files; empty ones are left out."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        kept = [file for file in given if file and file.size]
        problem = find_problem([file.size or 0 for file in kept])
        if problem:
            raise forms.ValidationError(problem)
        return kept


class AddressForm(forms.Form):
    """Where the link to sign in goes."""

    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        error_messages={"required": gettext_lazy("Write your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "portal-short"}),
    )
    next = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)


class AnswerText(forms.CharField):
    """Not marked as optional, yet empty beside files: the form decides."""

    def validate(self, value: str) -> None:
        """Emptiness is judged in `AnswerForm.clean`."""


class AnswerForm(forms.Form):
    use_required_attribute = False

    text = AnswerText(
        label=gettext_lazy("Your answer"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    attachments = FilesField(label=gettext_lazy("Files"), required=False)
    client_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    is_emptiness_allowed = False

    def clean_text(self) -> str:
        return clean_text(self.cleaned_data["text"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        is_empty = not cleaned.get("text") and not cleaned.get("attachments")
        if is_empty and not self.is_emptiness_allowed and not self.errors:
            self.add_error("text", _("Nothing is written yet."))
        return cleaned


class SolutionForm(AnswerForm):
    """Solving may come with last words, or without."""

    is_emptiness_allowed = True


class RequestForm(AskingForm):
    """A new request of somebody who has signed in."""

    subject = forms.CharField(
        label=gettext_lazy("What is it about"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say in a few words what it is about.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    text = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=MAX_TEXT,
        error_messages=_EMPTY,
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    attachments = FilesField(label=gettext_lazy("Files"), required=False)
    token = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)
    # People do not see it; machines that fill in everything do.
    website = forms.CharField(max_length=300, required=False)

    def clean_subject(self) -> str:
        subject = clean_line(self.cleaned_data["subject"], 300)
        if not subject:
            raise forms.ValidationError(_("Say in a few words what it is about."))
        return subject

    def clean_text(self) -> str:
        text = clean_text(self.cleaned_data["text"]).strip()
        if not text:
            raise forms.ValidationError(_("Nothing is written yet."))
        return text


class StrangerForm(RequestForm):
    """The same of somebody who only says who they are."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        label=gettext_lazy("Your e-mail"),
        max_length=254,
        error_messages={"required": gettext_lazy("Write the address where we can answer you.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=gettext_lazy("We answer there."),
    )

    field_order = ("name", "email", "subject", "text", "attachments")

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"], 200)

    def clean_email(self) -> str:
        try:
            address = normalise_email(self.cleaned_data["email"])
        except ValueError:
            raise forms.ValidationError(
                _("This is no e-mail address such as name@example.com.")
            ) from None
        if find_account_for("email", address) is not None:
            raise forms.ValidationError(
                _("This is our own address. Write the one where you read mail.")
            )
        return address
