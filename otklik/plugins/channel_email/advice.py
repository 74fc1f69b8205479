"""What to do when a mailbox refuses: the settings page of each large provider, in plain words."""

from __future__ import annotations

from django.utils.translation import gettext as _

_PROVIDERS = {
    "gmail": ("gmail.com", "googlemail.com", "google.com"),
    "yandex": ("yandex.ru", "yandex.com", "ya.ru", "yandex.net", "yandex.by", "yandex.kz"),
    "mail_ru": ("mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "vk.com"),
    "microsoft": ("office365.com", "outlook.com", "hotmail.com", "live.com", "microsoft.com"),
    "icloud": ("icloud.com", "me.com", "mac.com"),
}


def provider_of(host: str, address: str = "") -> str:
    """The provider's key by server name or address, "" for any other."""
    for name in (host.lower().rstrip("."), address.rpartition("@")[2].lower()):
        for provider, domains in _PROVIDERS.items():
            if any(name == domain or name.endswith("." + domain) for domain in domains):
                return provider
    return ""


def login_advice(provider: str) -> tuple[str, ...]:
    """Steps after a refused name or password, in order."""
    press = _("Enter it in the field “App password” and test again.")
    if provider == "gmail":
        return (
            _("Turn on 2-Step Verification in the Google account."),
            _("Open myaccount.google.com/apppasswords and create an app password for mail."),
            press,
            _("In a company account the administrator has to allow IMAP and app passwords."),
        )
    if provider == "yandex":
        return (
            _("In Yandex Mail open Settings → Email clients and allow IMAP with app passwords."),
            _("Open id.yandex.ru/security/app-passwords and create a password for mail."),
            press,
        )
    if provider == "mail_ru":
        return (
            _("Open account.mail.ru/user/2-step-auth/passwords and add a password for an app."),
            _("Give it full access to mail: IMAP, POP and SMTP."),
            press,
        )
    if provider == "microsoft":
        return (
            _("Microsoft 365 takes no passwords over IMAP since 2022, only OAuth sign-in."),
            _("Choose the sign-in “Microsoft 365” in the mailbox, or forward the mail here."),
            _("For sending, the administrator may allow “Authenticated SMTP” for this mailbox."),
        )
    if provider == "icloud":
        return (
            _("Open account.apple.com → Sign-In and Security and create an app-specific password."),
            press,
        )
    return (
        _("Check the user name: most servers want the whole address."),
        _("If the mailbox uses sign-in in two steps, create an app password in its settings."),
        press,
    )


def unreachable_advice(port: int) -> tuple[str, ...]:
    return (
        _("Check the server name and port %(port)d for typing mistakes.") % {"port": port},
        _("Ask whoever runs the network whether this machine may connect to that port."),
    )


def tls_advice(kind: str) -> tuple[str, ...]:
    if kind == "certificate":
        return (
            _("Use the server name that its certificate was made for."),
            _("If the server belongs to you, renew its certificate or add its authority here."),
        )
    return (
        _("Choose TLS for port 993 or 465, STARTTLS for port 143, 587 or 25."),
        _("Ask the provider which kind of protection the server offers."),
    )
