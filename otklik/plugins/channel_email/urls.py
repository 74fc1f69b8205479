"""Pages of the e-mail channel, under ``/channel-email/``."""

from django.urls import path

from . import key_pages, mailbox_pages, oauth_pages, tray_pages

app_name = "channel_email"

urlpatterns = [
    path("mailboxes/", mailbox_pages.mailboxes, name="mailboxes"),
    path("mailboxes/new/", mailbox_pages.mailbox, name="mailbox_new"),
    path("mailboxes/<int:pk>/", mailbox_pages.mailbox, name="mailbox"),
    path("mailboxes/<int:pk>/activity/", mailbox_pages.mailbox_activity, name="mailbox_activity"),
    path("mailboxes/<int:pk>/imports/", mailbox_pages.mailbox_imports, name="mailbox_imports"),
    path(
        "mailboxes/<int:pk>/round-trips/",
        mailbox_pages.mailbox_round_trips,
        name="mailbox_round_trips",
    ),
    path("mailboxes/<int:pk>/domain/", mailbox_pages.mailbox_domain, name="mailbox_domain"),
    path("mailboxes/<int:pk>/departure/", oauth_pages.departure, name="departure"),
    path("authorisation/", oauth_pages.authorisation, name="authorisation"),
    path("keys/", key_pages.keys, name="keys"),
    path("keys/<int:pk>/removal/", key_pages.removal, name="key_removal"),
    path("tray/", tray_pages.tray, name="tray"),
    path("tray/<int:pk>/", tray_pages.letter, name="tray_letter"),
    path("tray/<int:pk>/html/", tray_pages.letter_html, name="tray_letter_html"),
    path("tray/<int:pk>/raw/", tray_pages.letter_raw, name="tray_letter_raw"),
]
