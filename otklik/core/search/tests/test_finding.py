from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otklik.core import search
from otklik.core.search import rebuilding
from otklik.core.search.models import SearchDocument

pytestmark = [pytest.mark.django_db, pytest.mark.data]

START = datetime(2026, 11, 1, tzinfo=UTC)
STAFF = ["staff"]


def put(object_id, title, body="", scopes=("staff",), kind="ticket", day=0):
    search.index(
        kind, object_id, title=title, body=body, scopes=scopes, at=START + timedelta(days=day)
    )


def found(query, scopes=("staff",), kind="ticket", **options):
    return [hit.object_id for hit in search.find(kind, query, scopes=scopes, **options)]


@pytest.fixture(autouse=True)
def nothing_known_yet(monkeypatch):
    """Rows of the test before are gone."""
    monkeypatch.setattr("otklik.core.search.postgresql._begin", (0.0, 0))


@pytest.fixture
def first_ids():
    """As in a new desk: PostgreSQL's sequences outlive the tests before this one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('search_searchdocument', 'id'), 1, false)"
            )


@pytest.fixture
def desk():
    put(1, "Не пришёл чек", "Добрый день! Оплатили заказ 1024, чека нет.", ["staff", "person:9"])
    put(2, "Возврат кофемашины", "Хотим вернуть, чек сохранился.", ["staff", "org:7"], day=1)
    put(3, "Receipt is missing", "We were charged twice for order 1024.", ["staff"], day=2)
    put(4, "Ёлка в витрине", "Чек чек чек чек чек", ["staff", "public"], day=3)
    put(9, "Olga Nesterova", "olga@polden.example Кофейня «Полдень»", kind="person")


def test_forms_of_words_are_found_in_both_languages(desk):
    assert found("заказы") == [1]
    assert found("кофемашину вернуть") == [2]
    assert found("charging orders") == [3]
    assert found("елки") == found("ЁЛКА") == [4]
    assert found("1024") == [3, 1]
    assert found("самовар") == []


def test_all_words_must_be_there(desk):
    assert set(found("чек заказ")) == {1}
    assert found("чек самовар") == []


def test_a_title_beats_any_number_of_mentions(desk):
    assert found("чек") == [1, 4, 2]


def test_the_last_word_may_be_unfinished(desk):
    assert found("кофем") == [2]
    assert found("не приш") == [1]
    assert found("кофем вернуть") == []
    assert found("polden.ex", kind="person") == [9]


def test_a_phrase_stands_together_and_never_across_title_and_body(desk):
    assert found('"оплатили заказ"') == [1]
    assert found('"заказ оплатили"') == []
    assert found('"чек добрый"') == []
    assert found("«оплаченный заказ»") == found('"оплаченный заказ"')


def test_nobody_finds_what_is_not_theirs(desk):
    assert found("чек", ["person:9"]) == [1]
    assert found("чек", ["org:7"]) == [2]
    assert found("чек", ["person:9", "org:7", "public"]) == [1, 4, 2]
    assert found("чек", ["person:99", "org:77", "team:9"]) == []
    assert found("чек", ["person:90"]) == []
    assert found("чек", []) == []
    assert found("чек", kind="person") == []


@pytest.mark.parametrize(
    "query",
    ["staff", "s:staff", "k:ticket", "person:9", "keys:staff", "title:чек OR body:x", "чек NOT чек",
     "чек*", "^чек", "чек')--", 'NEAR("a b", 3)', "чек & | !", "'чек':A", "\x00чек", "{keys}: x"],
)  # fmt: skip
def test_the_language_of_the_database_is_nobodys(desk, query):
    assert found(query, ["person:404"]) == []
    assert set(found(query)) <= {1, 2, 4}


def test_a_malformed_scope_or_kind_is_refused(desk):
    for scope in ("staff OR 1", "", "S", 'a"', "person:9'", "a:b:c"):
        with pytest.raises(ValueError, match="scope"):
            found("чек", [scope])
    with pytest.raises(ValueError, match="kind"):
        put(1, "x", kind="a b")
    with pytest.raises(ValueError, match="kind"):
        found("чек", kind="ticket' OR")


def test_what_changes_is_found_anew_and_what_is_removed_is_not(desk):
    put(1, "Самовар", "сломался", ["staff"])
    assert found("самовар") == [1]
    assert 1 not in found("чек")
    assert found("самовар", ["person:9"]) == []
    search.remove("ticket", 1)
    search.remove("ticket", 1)
    assert found("самовар") == []
    assert SearchDocument.objects.filter(kind="ticket").count() == 3


def test_an_undone_transaction_leaves_no_words(desk):
    with transaction.atomic():
        put(50, "Самовар")
        search.remove("ticket", 1)
        transaction.set_rollback(True)
    assert found("самовар") == []
    assert 1 in found("чек")


def test_newer_comes_first_among_equals_and_the_limit_holds():
    for number in range(1, 30):
        put(number, "Чек", day=number % 7)
    hits = found("чек", limit=10)
    assert hits[:4] == [27, 20, 13, 6]
    assert len(hits) == 10


@pytest.mark.parametrize("window", [1, 3, 1000])
def test_the_newest_are_found_however_far_back_they_are(monkeypatch, window):
    monkeypatch.setattr("otklik.core.search.postgresql.FIRST_WINDOW", window)
    monkeypatch.setattr("otklik.core.search.finding.MOST_CANDIDATES", 4)
    for number in range(1, 61):
        put(number, "Редкое чек" if number % 12 == 0 else "Частое чек")
    assert found("редкое") == [60, 48, 36, 24]
    assert found("частое") == [59, 58, 57, 56]
    assert found("редкое чек") == [60, 48, 36, 24]
    assert found("нет такого") == []


def test_who_must_not_miss_any_looks_farther_back(monkeypatch):
    for number in range(1, 900):
        put(number, "Чек")
    assert len(found("чек", limit=2000)) < 899
    assert len(found("чек", limit=2000, candidates=1000)) == 899


def test_old_titles_are_found_among_many_mentions(monkeypatch):
    monkeypatch.setattr("otklik.core.search.finding.MOST_CANDIDATES", 5)
    put(1, "Чек за кофе")
    for number in range(2, 20):
        put(number, "Другое", "чек")
    hits = found("чек")
    assert hits[0] == 1
    assert set(hits[1:]) == {15, 16, 17, 18, 19}
    put(20, "Другое чека", "за кофе")
    assert found("чек кофе") == [1, 20]
    # However many are asked for, the best of them are the same ones.
    for limit in (1, 2, 3, 6):
        assert found("чек", limit=limit) == found("чек", limit=9)[:limit]


def test_long_texts_are_bounded(first_ids, django_assert_max_num_queries):
    put(1, "слово " * 1000, "x" * 500_000 + " конец")
    put(2, "a", " ".join(f"w{number}" for number in range(20_000)))
    put(3, "b", "повтор " * 20_000)
    assert found("w11999") == [2]
    assert found("w12001") == []
    assert found("повтор") == [3]
    # Candidates, their titles, their bodies; PostgreSQL asks for the newest id first.
    with django_assert_max_num_queries(4):
        found("слово")


def test_searching_writes_nothing(first_ids, desk):
    with connection.execute_wrapper(_only_reads):
        found("чек")


def _only_reads(execute, sql, params, many, context):
    assert sql.lstrip().upper().startswith(("SELECT", "WITH"))
    return execute(sql, params, many, context)


WORDS = st.sampled_from(["чек", "заказ", "заказы", "кофе", "order", "orders", "1024", "ёж", "ежа"])
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(TEXTS, TEXTS, st.sampled_from(["staff", "public"])), max_size=6), TEXTS)
def test_a_document_is_found_exactly_when_it_has_all_words_and_a_scope(documents, query):
    stem_of = {"заказы": "заказ", "orders": "order", "ёж": "еж", "ежа": "еж"}
    with transaction.atomic():
        for number, (title, body, scope) in enumerate(documents, 1):
            put(number, title, body, [scope])
        wanted = [stem_of.get(word, word) for word in query.split()]
        expected = {
            number
            for number, (title, body, scope) in enumerate(documents, 1)
            if wanted
            and scope == "staff"
            and {stem_of.get(word, word) for word in f"{title} {body}".split()} >= set(wanted)
        }
        assert set(found(query)) == expected
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_restores_what_is_missing_and_drops_what_is_stale(monkeypatch):
    monkeypatch.setattr(rebuilding, "_sources", {})
    documents = [
        (number, {"title": f"Заявка {number}", "body": "чек", "scopes": ["staff"], "at": START})
        for number in range(1, 26)
    ]

    def iterate():
        return iter(documents)

    search.register_source("ticket", iterate)
    search.register_source("ticket", iterate)
    put(1, "Старое")
    put(77, "Чужое")
    put(77, "Чужое", kind="person")
    heard: list[int] = []
    assert search.rebuild("ticket", heard.append) == 25
    assert heard == [20, 25]
    assert len(found("чек")) == 25
    assert found("старое") == found("чужое") == []
    assert found("чужое", kind="person") == [77]
    assert search.list_kinds() == ["ticket"]
    with pytest.raises(KeyError):
        search.rebuild("person")
    with pytest.raises(ValueError, match="already"):
        search.register_source("ticket", list)
