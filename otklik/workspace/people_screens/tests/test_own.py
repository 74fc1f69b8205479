"""My account: agents change their own name, language and password, and nobody else's."""

from __future__ import annotations

import pytest

from otklik.core.access import all_permission_codes
from otklik.people.models import Agent, User
from otklik.people.tests import factories as people
from otklik.workspace.settings_screens.tests.cast import browser_of, customer_browser
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]

OLD, NEW = "four warm words here", "another four warm words"


def _with_password(name: str) -> Agent:
    agent = people.make_agent(name)
    user = people.user_of(agent)
    user.set_password(OLD)
    user.save()
    return agent


def test_an_agent_changes_their_name_signature_and_language_and_others_find_no_such_page() -> None:
    agent = people.make_agent("Marina")
    marina = browser_of(agent)
    assert "Marina" in marina.get("/account/").content.decode()
    given = {"do": "about", "name": "Marina K.", "signature": "Best,\nMarina", "language": "ru"}
    assert marina.post("/account/", given).status_code == 302
    agent = Agent.objects.select_related("person").get(pk=agent.pk)
    assert (agent.person.name, agent.signature) == ("Marina K.", "Best,\nMarina")
    assert people.user_of(agent).language == "ru"
    assert marina.post("/account/", given | {"name": " "}).status_code == 422
    assert customer_browser(people.make_customer("Yana")).get("/account/").status_code == 404
    assert browser_of(None).get("/account/").status_code == 302


def test_a_new_password_wants_the_present_one_and_signs_other_devices_out() -> None:
    agent = _with_password("Marina")
    here, elsewhere = browser_of(agent), browser_of(agent)
    wrong = here.post("/account/", {"do": "password", "current": "no idea", "password": NEW})
    assert wrong.status_code == 422
    assert "not your present password" in wrong.content.decode()
    weak = here.post("/account/", {"do": "password", "current": OLD, "password": "short"})
    assert weak.status_code == 422
    given = {"do": "password", "current": OLD, "password": NEW}
    assert here.post("/account/", given).status_code == 302
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert User.objects.get(person_id=agent.person_id).check_password(NEW)


def test_who_guesses_the_present_password_must_wait() -> None:
    marina = browser_of(_with_password("Marina"))
    for _try in range(8):
        marina.post("/account/", {"do": "password", "current": "guess", "password": NEW})
    late = marina.post("/account/", {"do": "password", "current": OLD, "password": NEW})
    assert late.status_code == 422
    assert "Too many attempts" in late.content.decode()


def test_a_program_sees_and_changes_the_one_whose_token_it_has() -> None:
    agent = _with_password("Marina")
    program = program_of(agent)
    assert program.get("/me").json()["name"] == "Marina"
    changed = program.patch("/me", {"name": "Marina K.", "theme": "dark", "time_zone": "UTC"})
    assert (changed.json()["name"], changed.json()["theme"]) == ("Marina K.", "dark")
    assert program.patch("/me", {"theme": "pink"}).status_code == 422
    assert program.patch("/me", {"roles": ["administrator"]}).status_code == 422
    assert program.post("/me/password", {"current": "x", "password": NEW}).status_code == 422
    assert program.post("/me/password", {"current": OLD, "password": NEW}).status_code == 204
    assert User.objects.get(person_id=agent.person_id).check_password(NEW)


def test_a_token_made_for_a_purpose_leaves_its_owner_alone() -> None:
    agent = _with_password("Marina")
    narrow = program_of(agent, scopes=sorted(all_permission_codes()))
    assert narrow.get("/me").json()["name"] == "Marina"
    assert narrow.patch("/me", {"name": "Mallory"}).status_code == 403
    assert narrow.get("/me").json()["name"] == "Marina"
    assert program_of(agent).patch("/me", {"name": "Marina K."}).status_code == 200
