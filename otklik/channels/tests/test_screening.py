"""Spam by words: what agents' marks teach, and what is never judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from otklik.channels.intake import take_in
from otklik.channels.models import SpamLesson, SpamVerdict, SpamWord
from otklik.channels.screening.by_words import WORDS, forget
from otklik.channels.screening.lessons import count_letters
from otklik.channels.screening.words import Counts, guess, hash_word, read_words
from otklik.channels.tests.factories import make_inbound
from otklik.core.access import SYSTEM, Forbidden
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.jobs.models import Job
from otklik.core.jobs.running import run_job
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.models import Operation
from otklik.core.settings import put
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import actor_of, make_agent
from otklik.tickets.actions import mark_as_spam, reply_to_ticket, unmark_spam
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Message, Ticket
from otklik.tickets.queries import Filters, list_tickets

pytestmark = [pytest.mark.django_db, pytest.mark.data]

SPAM = (
    "Лучшее казино, бонус за регистрацию, фриспины и быстрый вывод денег",
    "Casino bonus: free spins, fast payout, register now and win money",
    "Выиграй миллион: казино дарит бонус каждому, ставки и слоты онлайн",
)
LETTERS = (
    "Кофемашина не греет воду, на экране ошибка E5, что делать",
    "Пришлите счёт на обслуживание кофемашины за ноябрь",
    "The grinder makes a noise and the coffee is cold, please send a technician",
    "Когда приедет мастер? Помпа шумит, вода не идёт",
)


@pytest.fixture(autouse=True)
def fresh() -> None:
    forget()


@pytest.fixture
def mailbox() -> Account:
    return make_mailbox("support@demo.example")


def work() -> None:
    forget()
    while dispatch_pending() or Job.objects.exists():
        for job in Job.objects.order_by("id"):
            assert run_job(job).error == ""
            job.delete()
    forget()


def post(mailbox: Account, text: str, sender: str) -> Ticket:
    result = take_in(mailbox, make_inbound(sender, text, subject=text[:30]))
    return Ticket.objects.get(number=result.ticket)


def ask(mailbox: Account, text: str, sender: str) -> Ticket:
    ticket = post(mailbox, text, sender)
    work()
    ticket.refresh_from_db()
    return ticket


def teach(mailbox: Account, count: int = 12) -> None:
    """Marina calls some letters spam and answers the others."""
    marina = actor_of(make_agent("Marina"))
    for number in range(count):
        junk = post(mailbox, f"{SPAM[number % 3]} {number}", f"win{number}@casino{number}.example")
        mark_as_spam(marina, junk)
        good = post(
            mailbox, f"{LETTERS[number % 4]} {number}", f"guest{number}@cafe{number}.example"
        )
        assert good.requester_identity is not None
        reply_to_ticket(
            marina,
            good,
            words=written_by_hand(text="We are on it."),
            recipients=Recipients(to=[good.requester_identity]),
        )
    work()


def test_what_agents_call_spam_is_found_again_shown_with_why_and_answered_by_nobody(
    mailbox: Account,
) -> None:
    teach(mailbox)
    letters = count_letters()
    assert min(letters.spam, letters.other) >= 10
    spam = ask(mailbox, "Казино: бонус и фриспины, вывод денег за час", "new@roulette.example")
    assert spam.spam_at is not None
    verdict = SpamVerdict.objects.get(ticket=spam)
    assert verdict.score > 0.97
    assert {"казин", "бонус"} & set(verdict.reasons[0]["words"])
    assert not Message.objects.filter(ticket=spam, is_automatic=True).exists()
    letter = ask(mailbox, "Кофемашина шумит, помпа не качает воду", "olga@polden.example")
    assert letter.spam_at is None
    assert Message.objects.filter(ticket=letter, is_automatic=True).exists()
    marina = actor_of(make_agent("Ilya"))
    assert spam not in list_tickets(marina, Filters(list="all"))
    assert spam not in list_tickets(marina, Filters(list="any"))
    assert spam in list_tickets(marina, Filters(list="spam"))
    assert letter not in list_tickets(marina, Filters(list="spam"))


def test_before_ten_letters_of_each_kind_nothing_is_judged(mailbox: Account) -> None:
    teach(mailbox, 4)
    assert ask(mailbox, SPAM[0], "new@roulette.example").spam_at is None


def test_somebody_who_was_answered_before_is_not_judged_by_words(mailbox: Account) -> None:
    teach(mailbox)
    known = ask(mailbox, "Шутка: казино, бонус, фриспины, ставки", "guest0@cafe0.example")
    assert known.spam_at is None


def test_switched_off_it_judges_nobody(mailbox: Account) -> None:
    teach(mailbox)
    put(SYSTEM, WORDS, False)
    forget()
    assert ask(mailbox, SPAM[0], "new@roulette.example").spam_at is None


def test_a_change_of_mind_is_unlearnt_exactly(mailbox: Account) -> None:
    marina = actor_of(make_agent("Marina"))
    ticket = ask(mailbox, SPAM[0], "win@casino.example")
    mark_as_spam(marina, ticket)
    work()
    assert SpamLesson.objects.get(ticket=ticket).is_spam
    word = SpamWord.objects.get(word=hash_word("казин"))
    assert (word.spam, word.other) == (1, 0)
    unmark_spam(marina, ticket)
    work()
    word.refresh_from_db()
    assert (word.spam, word.other) == (0, 1)
    assert count_letters() == Counts(0, 1)
    assert not SpamWord.objects.filter(spam__gt=0).exists()


def test_a_mark_can_be_undone_and_only_those_who_may_change_tickets_make_it(
    mailbox: Account,
) -> None:
    ticket = ask(mailbox, LETTERS[0], "olga@polden.example")
    marina = actor_of(make_agent("Marina"))
    with pytest.raises(Forbidden):
        mark_as_spam(replace(marina, permissions=frozenset({"tickets.view"})), ticket)
    mark_as_spam(marina, ticket)
    ticket.refresh_from_db()
    assert (ticket.spam_at is not None, ticket.is_unfinished) == (True, False)
    undo_operation(marina, Operation.objects.latest("id"))
    ticket.refresh_from_db()
    assert (ticket.spam_at, ticket.is_unfinished) == (None, True)


def test_the_desks_own_verdict_teaches_it_nothing(mailbox: Account) -> None:
    teach(mailbox)
    before = count_letters()
    assert ask(mailbox, SPAM[1], "new@roulette.example").spam_at is not None
    assert count_letters() == before


def test_no_text_is_kept_of_what_was_learnt(mailbox: Account) -> None:
    teach(mailbox, 3)
    kept = list(SpamLesson.objects.values_list("words", flat=True))
    assert kept
    assert all(isinstance(word, int) for words in kept for word in words)


def test_nothing_in_a_letter_brings_the_model_down() -> None:
    words = read_words("", "ж" * 100_000 + "\x00 😀 " * 1000, "x@y.example")
    assert 1 <= len(words) <= 300
    everything = {word: Counts(10_000, 0) for word in words}
    sure = guess(words, everything, Counts(10_000, 10))
    assert sure is not None
    assert 0.0 <= sure.score <= 1.0
    assert guess({}, {}, Counts(10, 10)) is not None
    assert guess(words, everything, Counts(9, 100)) is None
