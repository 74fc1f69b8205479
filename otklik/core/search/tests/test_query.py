import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otklik.core.search.query import MOST_WORDS, Query, Term, parse_query


def test_words_are_stemmed_and_the_last_one_may_be_unfinished():
    assert parse_query("Чеки по заказам") == Query(
        (Term(("чек",)), Term(("по",)), Term(("заказ",), "заказам"))
    )


@pytest.mark.parametrize(
    "typed", ['"два чека" возврат', "«два чека» возврат", "“два чека” возврат"]
)
def test_quotes_of_any_kind_make_a_phrase(typed):
    assert parse_query(typed) == Query((Term(("два", "чек")), Term(("возврат",), "возврат")))


def test_a_quote_at_the_end_is_finished_and_an_open_one_closes_itself():
    assert parse_query('чек "два чека"').terms[-1] == Term(("два", "чек"))
    assert parse_query('чек "два чека').terms[-1] == Term(("два", "чек"))
    assert parse_query('""') == parse_query("  — !") == parse_query("") == Query()


def test_a_repeated_word_counts_once():
    assert parse_query("чек чек").terms == (Term(("чек",)), Term(("чек",), "чек"))
    assert parse_query("a b a b c").terms == parse_query("a b c").terms


@given(st.text(max_size=400))
def test_any_text_is_a_bounded_query(text):
    parsed = parse_query(text)
    assert sum(len(term.words) for term in parsed.terms) <= MOST_WORDS
    for term in parsed.terms:
        for word in (*term.words, term.prefix):
            assert word.isalnum() or not word


def test_a_huge_query_is_cut():
    begun = time.thread_time()
    assert len(parse_query('"a ' * 1_000_000).terms) <= MOST_WORDS
    assert time.thread_time() - begun < 0.5
