"""Pages of the e-mail channel, under ``/channel-email/``."""

from django.urls import path

from . import tray_pages

app_name = "channel_email"

urlpatterns = [
    path("tray/", tray_pages.tray, name="tray"),
    path("tray/<int:pk>/", tray_pages.letter, name="tray_letter"),
    path("tray/<int:pk>/html/", tray_pages.letter_html, name="tray_letter_html"),
    path("tray/<int:pk>/raw/", tray_pages.letter_raw, name="tray_letter_raw"),
]
