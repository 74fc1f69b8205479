from concurrent.futures import ThreadPoolExecutor

import pytest

from otklik.kit.language import guess_language
from otklik.kit.stemming import stem, stems
from otklik.kit.text import clean_line, clean_text, slug, snippet, sort_key, tokenise


def test_equal_names_have_equal_sort_keys():
    assert sort_key("  ЁЛКА  и\tКо ") == sort_key("елка и ко") == "елка и ко"
    assert sort_key("ﬁle Ｆｕｌｌ") == "file full"
    assert sort_key("Straße") == sort_key("STRASSE")
    assert sort_key("е\u0308лка") == "елка"
    assert len(sort_key("x" * 500)) == 200


def test_cleaning_removes_what_readers_cannot_see():
    assert clean_text("a\r\nb\rc\x00\u202ed\te") == "a\nb\ncd\te"
    assert clean_line("  a \n b  ", 3) == "a b"
    assert clean_text("и\u0306") == "й"


def test_marks_stacked_without_end_are_cut_and_those_of_languages_kept():
    stacked = "a" + "\u0301\u0316" * 200_000 + " кот\u0301 নমস্কার \u05e9\u05bc\u05c1"

    cleaned = clean_text(stacked)

    assert len(cleaned) < 100
    assert cleaned.endswith(clean_text("кот\u0301 নমস্কার \u05e9\u05bc\u05c1"))
    assert next(iter(tokenise(stacked))) == "á"
    assert clean_text("!" * 2000 + "—" * 50 + "👍" * 50) == "!" * 2000 + "—" * 50 + "👍" * 50


def test_words_are_letters_and_digits():
    assert list(tokenise("Заказ №1024, Ёлка-2: marina_k@demo.example!")) == [
        "заказ", "no1024", "елка", "2", "marina", "k", "demo", "example",
    ]  # fmt: skip


def test_a_snippet_ends_at_a_word():
    assert snippet("Здравствуйте,\n\nне приходит чек", 40) == "Здравствуйте, не приходит чек"
    cut = snippet("Здравствуйте, не приходит чек об оплате заказа", 30)
    assert cut == "Здравствуйте, не приходит чек…"
    assert len(snippet("x" * 1000, 20)) == 20
    assert len(snippet("ab " * 1_000_000, 140)) <= 140


def test_slugs_are_ascii():
    assert slug("Как вернуть товар?") == "kak-vernut-tovar"
    assert slug("Café № 5") == "cafe-no-5"
    assert slug("中文") == ""


@pytest.mark.parametrize(
    ("first", "second"),
    [("доставка", "доставку"), ("заказы", "заказа"), ("returns", "returned"), ("Ёлка", "елки")],
)
def test_forms_of_a_word_share_a_stem(first, second):
    assert list(stems(first)) == list(stems(second))


def test_numbers_codes_and_other_scripts_are_left_alone():
    assert stem("a1024s") == "a1024s"
    assert stem("中文") == "中文"
    assert len(stem("x" * 900)) == 40


def test_stemming_in_threads_mixes_nothing_up():
    words = [f"{beginning}{ending}" for beginning in "абвгдежз" for ending in ("оставками", "ение")]
    expected = [stem(word) for word in words]
    stem.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        rounds = pool.map(lambda _: [stem.__wrapped__(word) for word in words], range(50))
        assert all(found == expected for found in rounds)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "Здравствуйте! Не пришёл чек по заказу, подскажите, когда ждать?"),
        ("en", "Hello, I have not received the receipt for my order."),
        ("uk", "Добрий день, дякую, чек ще не прийшов, коли він буде?"),
        ("be", "Добры дзень, калі прыйдзе мой заказ? Дзякуй, я ў Мінску."),
        ("de", "Guten Tag, ich habe die Rechnung nicht erhalten, bitte um Hilfe."),
        ("fr", "Bonjour, je ne trouve pas la facture, merci de votre aide."),
        ("es", "Hola, no me llega el recibo de la compra, gracias."),
        ("", "42"),
        ("", "ok"),
        ("", "中文中文中文中文"),
        ("", ""),
    ],
)
def test_a_language_is_guessed_or_left_open(language, text):
    assert guess_language(text) == language
