"""The desk as an installed app."""

from __future__ import annotations

import json

import pytest
from django.contrib.staticfiles import finders
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "name"), [("en", "Otklik"), ("ru", "Отклик")])
def test_the_manifest_says_how_to_install_and_nothing_of_the_desk(language: str, name: str) -> None:
    answer = Client().get("/app.webmanifest", headers={"Accept-Language": language})
    assert answer.headers["Content-Type"] == "application/manifest+json"
    said = json.loads(answer.content)
    assert (said["name"], said["lang"], said["display"]) == (name, language, "standalone")
    assert said["start_url"].startswith("/tickets/")
    sizes = {(icon["sizes"], icon["purpose"]) for icon in said["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    for icon in said["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/")), icon["src"]
