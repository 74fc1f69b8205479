"""The texts the desk comes with, in English and Russian.

Acknowledgements quote nothing of the request: whoever writes in another's name must not be able
to send words of their own through the desk.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from otklik.desk.placeholders import Kind
from otklik.desk.texts import Placeholder, register_text

ACKNOWLEDGEMENT = "mail.acknowledgement"
FOLLOW_UP = "mail.follow_up"
REPLY = "mail.reply"
SIGN_IN = "mail.sign_in"
INVITATION = "mail.invitation"
PASSWORD_RESET = "mail.password_reset"

_BRAND = Placeholder("brand.name", _("Name of the brand"), example="Demo")
_NUMBER = Placeholder("ticket.number", _("Number of the ticket"), example=4812)
_TICKET_URL = Placeholder(
    "ticket.url",
    _("Address of the ticket in the portal"),
    Kind.LINK,
    "https://help.example.com/portal/requests/4812/",
)
_PROMISED = Placeholder("promised", _("Time of the first answer at the latest"), Kind.MOMENT)
_LINK = Placeholder(
    "link", _("Address that the reader opens"), Kind.LINK, "https://help.example.com/link/…"
)
_LASTS = Placeholder(
    "lasts", _("How long the link works"), Kind.DURATION, example=timedelta(hours=1)
)


def register() -> None:
    _register_requests()
    _register_letters()


def _register_requests() -> None:
    register_text(
        ACKNOWLEDGEMENT,
        _("A new request was received"),
        (_NUMBER, _TICKET_URL, _PROMISED, _BRAND),
        {
            "en": (
                "We have received your request",
                "Hello,\n\n"
                "your request has reached us. Its number is {{ ticket.number }}.\n"
                "We will answer by {{ promised }}.\n\n"
                "To add something, reply to this message. You can follow the request here:\n"
                "{{ ticket.url }}\n\n"
                "{{ brand.name }}",
            ),
            "ru": (
                "Мы получили вашу заявку",
                "Здравствуйте!\n\n"
                "Мы получили вашу заявку, её номер — {{ ticket.number }}.\n"
                "Ответим не позже {{ promised }}.\n\n"
                "Если хотите что-то добавить, ответьте на это письмо. Следить за заявкой можно "
                "здесь:\n"
                "{{ ticket.url }}\n\n"
                "{{ brand.name }}",
            ),
        },
    )
    register_text(
        FOLLOW_UP,
        _("An answer to a closed request opened a new one"),
        (_NUMBER, _TICKET_URL, _PROMISED, _BRAND),
        {
            "en": (
                "We have opened a new request",
                "Hello,\n\n"
                "your earlier request was closed already, so we have opened a new one that is "
                "linked to it. Its number is {{ ticket.number }}.\n"
                "We will answer by {{ promised }}.\n\n"
                "You can follow the request here:\n"
                "{{ ticket.url }}\n\n"
                "{{ brand.name }}",
            ),
            "ru": (
                "Мы открыли новую заявку",
                "Здравствуйте!\n\n"
                "Прежняя заявка уже закрыта, поэтому мы открыли новую и связали её с прежней. "
                "Её номер — {{ ticket.number }}.\n"
                "Ответим не позже {{ promised }}.\n\n"
                "Следить за заявкой можно здесь:\n"
                "{{ ticket.url }}\n\n"
                "{{ brand.name }}",
            ),
        },
    )
    register_text(
        REPLY,
        _("Frame around an agent's reply"),
        (
            Placeholder("reply", _("The agent's words"), Kind.RICH),
            Placeholder("agent.name", _("Name of the agent"), example="Marina"),
            Placeholder("agent.signature", _("Signature of the agent"), Kind.TEXT),
            _NUMBER,
            _TICKET_URL,
            _BRAND,
        ),
        {
            "en": (
                "",
                "{{ reply }}\n\n"
                "{{ agent.signature }}\n\n"
                "{{ brand.name }}, request No. {{ ticket.number }}",
            ),
            "ru": (
                "",
                "{{ reply }}\n\n"
                "{{ agent.signature }}\n\n"
                "{{ brand.name }}, заявка №\u00a0{{ ticket.number }}",
            ),
        },
        required=("reply",),
    )


def _register_letters() -> None:
    register_text(
        SIGN_IN,
        _("Link to sign in"),
        (_LINK, _LASTS, _BRAND),
        {
            "en": (
                "Your link to sign in",
                "Hello,\n\n"
                "open this address to sign in. It works once, within {{ lasts }}:\n"
                "{{ link }}\n\n"
                "If you did not ask for it, ignore this message: nobody gets in without it.\n\n"
                "{{ brand.name }}",
            ),
            "ru": (
                "Ссылка для входа",
                "Здравствуйте!\n\n"
                "Чтобы войти, откройте эту ссылку. Она сработает один раз, срок "
                "действия — {{ lasts }}:\n"
                "{{ link }}\n\n"
                "Если вы её не запрашивали, ничего не делайте: без неё никто не войдёт.\n\n"
                "{{ brand.name }}",
            ),
        },
        required=("link",),
    )
    register_text(
        INVITATION,
        _("Invitation of an agent"),
        (
            _LINK,
            _LASTS,
            Placeholder("inviter.name", _("Who invites"), example="Dasha"),
            Placeholder("company.name", _("Name of the company"), example="Demo"),
        ),
        {
            "en": (
                "You are invited to the help desk",
                "Hello,\n\n"
                "{{ inviter.name }} invites you to work at the help desk.\n"
                "Choose a password here. The address works once, within {{ lasts }}:\n"
                "{{ link }}\n\n"
                "{{ company.name }}",
            ),
            "ru": (
                "Приглашение в службу поддержки",
                "Здравствуйте!\n\n"
                "Вас приглашает в службу поддержки {{ inviter.name }}.\n"
                "Задайте пароль по этой ссылке. Она сработает один раз, срок "
                "действия — {{ lasts }}:\n"
                "{{ link }}\n\n"
                "{{ company.name }}",
            ),
        },
        required=("link",),
    )
    register_text(
        PASSWORD_RESET,
        _("Link to choose a new password"),
        (_LINK, _LASTS, Placeholder("company.name", _("Name of the company"), example="Demo")),
        {
            "en": (
                "Choose a new password",
                "Hello,\n\n"
                "choose a new password here. The address works once, within {{ lasts }}:\n"
                "{{ link }}\n\n"
                "If you did not ask for it, ignore this message: your password stays as it is.\n\n"
                "{{ company.name }}",
            ),
            "ru": (
                "Новый пароль",
                "Здравствуйте!\n\n"
                "Задать новый пароль можно по этой ссылке. Она сработает один раз, срок "
                "действия — {{ lasts }}:\n"
                "{{ link }}\n\n"
                "Если вы этого не запрашивали, ничего не делайте: пароль останется прежним.\n\n"
                "{{ company.name }}",
            ),
        },
        required=("link",),
    )
