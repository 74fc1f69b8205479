"""Bytes of every charset, under true, false, misspelt and missing labels.

The bytes are made by Python's codecs, by hand where Python has none, never by our own code.
"""

from __future__ import annotations

import codecs

import pytest

from otklik.plugins.channel_email.charset_labels import codec_name
from otklik.plugins.channel_email.charsets import decode
from otklik.plugins.channel_email.reading import read_message

RUSSIAN = "Здравствуйте! Кофемашина не включается, помогите, пожалуйста. Заказ 17."
UKRAINIAN = "Доброго дня! Замовлення ще не прийшло, її немає вже тиждень. Є новини?"
GERMAN = "Sehr geehrte Damen und Herren, für Müller fehlen fünf Stück. Schöne Grüße"
FRENCH = "Bonjour, la livraison n'est pas arrivée, où est mon colis ? Très déçu, à bientôt"
POLISH = "Dzień dobry, zamówienie jeszcze nie przyszło, proszę o pomoc. Życzę miłego dnia"
CZECH = "Dobrý den, objednávka ještě nepřišla, můžete mi prosím říct, kde je? Děkuji"
TURKISH = "Merhaba, siparişim hâlâ gelmedi, yardımcı olur musunuz? Teşekkürler, iyi günler"
GREEK = "Καλημέρα, η παραγγελία μου δεν έχει έρθει ακόμα. Μπορείτε να βοηθήσετε;"
HEBREW = "שלום, ההזמנה שלי עדיין לא הגיעה, אפשר לקבל עזרה בבקשה?"
JAPANESE = "こんにちは。注文した商品がまだ届きません。確認をお願いします。"
SIMPLIFIED = "您好，我的订单还没有收到，请帮我查一下物流信息，谢谢。"
TRADITIONAL = "您好，我的訂單還沒有收到，請幫我查詢一下，謝謝。"
KOREAN = "안녕하세요. 주문한 상품이 아직 도착하지 않았습니다. 확인 부탁드립니다."


def letter(body: bytes, label: str = "", extra: str = "") -> bytes:
    charset = f"; charset={label}" if label else ""
    head = f"From: olga@polden.example\r\nContent-Type: text/plain{charset}\r\n{extra}\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "cp866", "cp866"),
        (RUSSIAN, "cp866", "IBM866"),
        (RUSSIAN, "iso8859-5", "ISO_8859-5:1988"),
        (RUSSIAN, "mac_cyrillic", "x-mac-cyrillic"),
        (UKRAINIAN, "koi8-u", "koi8-u"),
        (UKRAINIAN, "koi8-u", "koi8-r"),
        (GERMAN, "cp1252", "iso-8859-1"),
        ("Цена 5 €", "cp1251", "cp-1251"),
        ("price 5 €", "cp1252", "iso-8859-1"),
        (POLISH, "cp1250", "windows-1250"),
        (POLISH, "iso8859-2", "iso-8859-2"),
        (TURKISH, "cp1254", "iso-8859-9"),
        (GREEK, "cp1253", "windows-1253"),
        (HEBREW, "iso8859-8", "iso-8859-8-i"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        (JAPANESE, "cp932", "Shift_JIS"),
        (JAPANESE, "euc_jp", "euc-jp"),
        (SIMPLIFIED, "gb2312", "gb2312"),
        ("镕基 您好，请查收", "gbk", "gb2312"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "hz", "hz-gb-2312"),
        (TRADITIONAL, "big5", "big5"),
        (KOREAN, "euc-kr", "euc-kr"),
        (KOREAN, "cp949", "ks_c_5601-1987"),
        (RUSSIAN, "utf-7", "utf-7"),
        (RUSSIAN, "utf-7", "unicode-1-1-utf-7"),
        (RUSSIAN, "utf-8", "utf8mb4"),
        (RUSSIAN, "utf-8-sig", "utf-8"),
        (RUSSIAN, "utf-16", "utf-16"),
        (RUSSIAN, "utf-16-le", "utf-16"),
        (RUSSIAN, "utf-16-be", "utf-16"),
        (RUSSIAN, "utf-16-be", "utf-16be"),
        (RUSSIAN, "utf-32", "utf-32"),
        (RUSSIAN, "utf-32-be", "utf-32be"),
    ],
)
def test_a_true_label_is_believed_however_it_is_spelt(text: str, codec: str, label: str) -> None:
    assert decode(text.encode(codec), label)[0] == text


def test_signs_that_python_has_not_in_iso_2022_jp_are_read() -> None:
    # NEC row 13: ① is 2D 21 in JIS, 87 40 in Microsoft's Shift_JIS.
    data = b"\x1b$B-!\x1b(B and \x1b$B\x24\x22\x1b(B"

    assert decode(data, "iso-2022-jp")[0] == "① and あ"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859-5"),
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "utf-16"),
        (RUSSIAN, "utf-16-le"),
        (RUSSIAN.upper(), "cp1251"),
        (RUSSIAN.upper(), "koi8-r"),
        ("Счёт", "cp1251"),
        ("Договор на поставку", "koi8-r"),
        ("Срочно", "cp866"),
        ("ООО Ромашка", "cp1251"),
        (UKRAINIAN, "cp1251"),
        (UKRAINIAN, "koi8-u"),
        (GERMAN, "cp1252"),
        (FRENCH, "cp1252"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
        (CZECH, "cp1250"),
        (TURKISH.replace("â", "a"), "cp1254"),
        (GREEK, "cp1253"),
        (HEBREW, "cp1255"),
        (JAPANESE, "iso2022_jp"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (SIMPLIFIED, "gb18030"),
        (TRADITIONAL, "cp950"),
        (KOREAN, "cp949"),
    ],
)
@pytest.mark.parametrize("label", ["", "x-unknown", "default", "us-ascii"])
def test_without_a_label_the_bytes_are_read_the_way_that_gives_words(
    text: str, codec: str, label: str
) -> None:
    assert decode(text.encode(codec), label)[0] == text


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (RUSSIAN, "utf-8", "iso-8859-1"),
        (RUSSIAN, "utf-8", "koi8-r"),
        (RUSSIAN, "utf-8", "windows-1251"),
        (GERMAN, "utf-8", "iso-8859-1"),
        (RUSSIAN, "cp1251", "utf-8"),
        (RUSSIAN, "cp1251", "iso-8859-1"),
        (RUSSIAN, "cp1251", "koi8-r"),
        (RUSSIAN, "koi8-r", "windows-1251"),
        (RUSSIAN, "koi8-r", "utf-8"),
        (RUSSIAN, "cp866", "windows-1251"),
        (GERMAN, "cp1252", "utf-8"),
        (GERMAN, "cp1252", "us-ascii"),
        (JAPANESE, "utf-8", "iso-2022-jp"),
        (JAPANESE, "cp932", "utf-8"),
        (SIMPLIFIED, "utf-8", "gb2312"),
        (SIMPLIFIED, "gb18030", "iso-8859-1"),
        (RUSSIAN, "utf-8", "utf-16"),
        ("Plain words", "ascii", "utf-16"),
        ("Plain words", "ascii", "utf-32"),
        (RUSSIAN, "cp1251", "koi8-u"),
        (RUSSIAN, "cp1251", "utf-16"),
        (RUSSIAN, "mac_cyrillic", "windows-1251"),
        (RUSSIAN, "cp1251", "gb2312"),
        (GREEK, "cp1253", "iso-8859-1"),
        (HEBREW, "cp1255", "us-ascii"),
        (CZECH, "iso8859-2", "us-ascii"),
        ("Η παραγγελία κοστίζει 5 €", "cp1253", "iso-8859-7"),
        ("„Zamówienie” nie przyszło", "cp1250", "iso-8859-2"),
    ],
)
def test_a_label_that_lies_is_seen_through(text: str, codec: str, label: str) -> None:
    found, note = decode(text.encode(codec), label)

    assert found == text
    assert note or text.isascii()


@pytest.mark.parametrize(
    "garbled",
    [
        RUSSIAN.encode().decode("cp1251", "surrogateescape"),
        RUSSIAN.encode().decode("latin-1"),
        RUSSIAN.encode("cp1251").decode("latin-1"),
        RUSSIAN.encode("koi8-r").decode("cp1251"),
        RUSSIAN.encode().decode("latin-1").encode().decode("latin-1"),
    ],
    ids=["utf-8 as 1251", "utf-8 as latin", "1251 as latin", "koi8 as 1251", "twice"],
)
def test_what_another_program_garbled_is_put_right(garbled: str) -> None:
    data = garbled.encode("utf-8", "surrogateescape")

    assert decode(data, "utf-8")[0] == RUSSIAN


@pytest.mark.parametrize(
    "text",
    [
        "Вместо письма вижу РџСЂРёРІРµС‚, что это?",
        "Grüße à la carte, été, naïve façade",
        "РОССИЯ СССР РСФСР",
        "Ñandú, Ångström, Øre, Ðuro, Þór",
        "ПРОЕКТ «СЕВЕР» — СРОЧНО",
        "Company™ — “quoted” Ä…",
    ],
)
def test_true_words_are_never_put_right(text: str) -> None:
    assert decode(text.encode(), "utf-8") == (text, "")


def test_a_footer_in_another_charset_does_not_spoil_the_text() -> None:
    data = f"{RUSSIAN}\n".encode() * 3 + "Проверено антивирусом, угроз не найдено\n".encode(
        "cp1251"
    )

    found, _note = decode(data, "utf-8")

    assert found.splitlines() == [RUSSIAN] * 3 + ["Проверено антивирусом, угроз не найдено"]


def test_a_letter_cut_in_the_middle_of_a_sign_loses_that_sign_alone() -> None:
    assert decode(RUSSIAN.encode()[:-1] + b"\xd0", "utf-8")[0].startswith(RUSSIAN[:-1])


def test_a_zero_in_a_row_of_dashes_makes_no_chinese() -> None:
    assert decode(b"a\0b " + b"-" * 400, "us-ascii")[0] == "a\0b " + "-" * 400


def test_one_lonely_accent_between_english_words_is_no_russian() -> None:
    assert (
        decode(b"we met \xe0 propos the caf\xe9 order", "")[0] == "we met à propos the café order"
    )


def test_the_html_says_its_charset_where_the_part_does_not() -> None:
    html = f'<html><meta charset="windows-1251"><p>{RUSSIAN}</p></html>'.encode("cp1251")
    for kind in ("text/html", "text/html; charset=iso-8859-1"):
        raw = f"From: a@b.example\r\nContent-Type: {kind}\r\n\r\n".encode() + html

        assert RUSSIAN in read_message(raw).text


def test_the_part_wins_over_the_html_a_gateway_forgot_to_change() -> None:
    html = f'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>{RUSSIAN}'
    raw = b"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()

    assert RUSSIAN in read_message(raw).text


def test_parts_of_one_letter_may_differ() -> None:
    raw = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n"
        + "первая".encode("koi8-r")
        + b"\r\n--b\r\nContent-Type: text/plain; charset=windows-1251\r\n\r\n"
        + "вторая".encode("cp1251")
        + b"\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + "третья".encode()
        + b"\r\n--b--\r\n"
    )

    assert read_message(raw).text.split() == ["первая", "вторая", "третья"]


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("cp-1251", "cp1251"),
        ('"windows-1251"', "cp1251"),
        ("windows-cp1251", "cp1251"),
        ("win1251", "cp1251"),
        ("x-cp1251", "cp1251"),
        ("KOI8-RU", "koi8-u"),
        ("ansi_x3.110", "cp1252"),
        ("utf-8;format=flowed", "utf-8"),
        ("UTF-8*ru", "utf-8"),
        ("3Dutf-8", "utf-8"),
        ("cp65001", "utf-8"),
        ("windows-1252http-equivcontent-type", "cp1252"),
        ("x-unknown", ""),
        ("unknown-8bit", ""),
        ("default", ""),
        ("_autodetect", ""),
        ("base64", ""),
        ("zlib", ""),
        ("idna", ""),
        ("no-such-thing", ""),
        ("x" * 5000, ""),
    ],
)
def test_labels_are_read_as_people_misspell_them(label: str, codec: str) -> None:
    found = codec_name(label)

    assert found == codec or codecs.lookup(found) == codecs.lookup(codec)
