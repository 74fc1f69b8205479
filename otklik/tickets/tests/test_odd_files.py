"""Files of no bytes, of far too many, and with names that turn round."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from otklik.core.settings import config
from otklik.core.web.spool import BodyRefused, Spool, SpoolLimits
from otklik.people.tests.factories import make_agent, user_of
from otklik.tickets.models import Upload
from otklik.ui.marks import file_name
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_an_empty_file_is_kept_and_said_to_be_empty_a_turned_name_shows_its_ending() -> None:
    marina = make_agent("Marina")
    client = Client()
    client.force_login(user_of(marina))
    empty = client.post("/uploads/", {"file": SimpleUploadedFile("empty.txt", b"")})
    assert empty.status_code == 201
    assert "empty file" in empty.content.decode()
    turned = SimpleUploadedFile("фото\u202egpj.exe", b"MZ")
    page = client.post("/uploads/", {"file": turned}).content.decode()
    assert "\u202e" not in page
    assert '<bdi dir="ltr" aria-hidden="true">.exe</bdi>' in page
    assert '<span class="visually-hidden">фотоgpj.exe</span>' in page
    assert Upload.objects.get(size=2).name == "фотоgpj.exe"
    assert program_of(marina).upload("empty.csv", b"").json()["size"] == 0


def test_a_name_of_any_length_and_direction_keeps_its_ending_in_sight() -> None:
    assert file_name("a" * 300 + ".pdf").endswith(".pdf</bdi></span>")
    assert "<script>" not in file_name("<script>.js")
    hebrew = file_name("\u200fתמונה\u202e.exe")
    assert "\u202e" not in hebrew
    assert hebrew.count("<bdi") == 2
    assert file_name("README").count("<bdi") == 1


def test_a_gigabyte_is_refused_before_it_is_read() -> None:
    asked = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    spool = Spool(SpoolLimits(config().max_upload))
    with pytest.raises(BodyRefused) as refused:
        asyncio.run(spool.take(1 << 30, receive))
    assert (refused.value.status, asked) == (413, 0)
