"""How much strangers may send. Generous to an office behind one address, short with floods."""

from __future__ import annotations

from otklik.people.limits import Limit, take

REQUESTS_FROM_PLACE = Limit("portal-requests-place", 20, 3600)
REQUESTS_OF_ADDRESS = Limit("portal-requests-address", 10, 3600)
ANSWERS_OF_PERSON = Limit("portal-answers", 60, 3600)

MAX_TEXT = 50_000  # characters
MAX_FILES = 10


def take_request(place: str, address: str) -> None:
    """Raises `people.limits.TooManyTries`, whose words say when to come back."""
    take(REQUESTS_FROM_PLACE, place)
    take(REQUESTS_OF_ADDRESS, address)


def take_answer(person_id: int) -> None:
    take(ANSWERS_OF_PERSON, str(person_id))
