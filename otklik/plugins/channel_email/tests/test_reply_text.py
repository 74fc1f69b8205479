"""What a customer wrote now, parted from what their program quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from otklik.plugins.channel_email.reading import read_message
from otklik.plugins.channel_email.reply_text import split_reply

MESSAGES = Path(__file__).parent / "messages"

WRITTEN = {
    "gmail_reply_ru": "Спасибо, перезагрузка помогла.\nНо свет на панели так и мигает.",
    "gmail_reply_en": "Yes, please cancel it.",
    "outlook_reply_ru": "Добрый день!\n\nСчёт отменяйте, пришлём новый.",
    "outlook_mobile_en": "Cancel it, thanks.",
    "apple_reply_ru": "Да, всё верно.",
    "mailru_reply": "Подтверждаю, отменяйте.",
    "yandex_reply": "Чек нашёлся, прикладываю фото завтра.",
    "samsung_reply_ru": "Хорошо, жду курьера",
    "gmx_reply_de": "Guten Tag,\n\ndie Rechnung ist nicht für uns bestimmt.",
    "thunderbird_reply_de": "Ja, gestern.",
    "gmail_reply_fr": "Bonjour, je ne trouve pas la facture.",
}


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_the_new_part_of_a_reply_is_found(name: str) -> None:
    message = read_message((MESSAGES / f"{name}.eml").read_bytes())

    assert message.reply_text == WRITTEN[name]


def test_answers_between_the_quotes_stay_with_what_they_answer() -> None:
    message = read_message((MESSAGES / "thunderbird_inline_ru.eml").read_bytes())

    assert "> Какая модель?\nVitek VT-1522." in message.reply_text
    assert "В мае, чек есть." in message.reply_text
    assert "С уважением, Марина" not in message.reply_text


def test_a_forward_keeps_all_of_its_content() -> None:
    message = read_message((MESSAGES / "forward_ru.eml").read_bytes())

    assert "Зёрна будут через неделю." in message.reply_text
    assert "Посмотрите, что пишет поставщик." in message.reply_text


@pytest.mark.parametrize(
    "text",
    [
        "Здравствуйте.\n\nВот список:\nкофе,\nчай\n\nСпасибо",
        "On Monday we wrote:\n\nnothing yet, and it goes on",
        "Заказ 12 от 20.11.2026:\nне пришёл\nпомогите",
        "Ошибка 20.11.2026, 12:30:\nне открывается файл\nчто делать?",
        "From: the bottom of my heart, thank you",
        "> just a quote of a poem\nand my question",
        "Дата: 20.11\nВремя: 12:30\nНомер: 7",
        "--\nall there is",
        "| a | b |\n| c | d |",
        "Sent from my phone I could not see the picture.\nIs it there?",
    ],
)
def test_what_only_looks_like_a_quote_is_shown_whole(text: str) -> None:
    assert split_reply(text).reply == text


def test_a_mail_that_only_quotes_is_shown_whole() -> None:
    text = "On Fri, 20 Nov 2026 at 12:30, Marina <support@demo.example> wrote:\n> Hello\n> there"

    assert split_reply(text).reply == text


@pytest.mark.parametrize(
    "introduction",
    [
        "On Fri, Nov 20, 2026 at 12:30 PM Marina <support@demo.example> wrote:",
        "On 20.11.2026 12:30, Marina wrote:",
        "20.11.2026 12:30, Марина пишет:",
        "20 ноября 2026 г., в 12:30, Марина <support@demo.example> написала:",
        "20 ноября 2026 г., 12:30 пользователь Марина <support@demo.example> написал:",
        "Пятница, 20 ноября 2026, 12:30 +03:00 от Марина <support@demo.example>:",
        '20.11.2026, 12:30, "Марина" <support@demo.example>:',
        "пт, 20 нояб. 2026 г. в 12:30, Марина <support@demo.example>:",
        "Am 20.11.2026 um 12:30 schrieb Marina <support@demo.example>:",
        "Le 20/11/2026 à 12:30, Marina a écrit :",
        "El vie, 20 nov 2026 a las 12:30, Marina (<support@demo.example>) escribió:",
        "Il giorno ven 20 nov 2026 alle ore 12:30 Marina <support@demo.example> ha scritto:",
        "pt., 20 lis 2026 o 12:30 Marina <support@demo.example> napisał(a):",
        "Em sex., 20 de nov. de 2026 às 12:30, Marina <support@demo.example> escreveu:",
        "Op vr 20 nov 2026 om 12:30 schreef Marina <support@demo.example>:",
        "Den fre 20 nov. 2026 kl 12:30 skrev Marina <support@demo.example>:",
        "пт, 20 лист. 2026 р. о 12:30 Марина <support@demo.example> пише:",
    ],
)
def test_each_language_introduces_its_quotes(introduction: str) -> None:
    text = f"Yes.\n\n{introduction}\n\n> Hello\n>\n> Shall we?\n"

    assert split_reply(text).reply == "Yes."
    assert "Shall we?" in split_reply(text).rest


def test_an_answer_below_the_quote_is_found() -> None:
    quote = "20.11.2026 12:30, Марина пишет:\n> Какая модель?\n> Какой год?"
    text = f"{quote}\n\nVitek, 2021 год.\n\n-- \nОльга"

    assert split_reply(text).reply == "Vitek, 2021 год."
