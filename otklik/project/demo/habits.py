"""How the demo company works: canned replies, macros, statuses and fields of its own."""

from __future__ import annotations

from typing import Any

from otklik.core.db import write
from otklik.core.fields.actions import create_field
from otklik.project.demo.made import DEMO, remember
from otklik.tickets.actions.statuses import create_status
from otklik.workspace.actions import create_canned_reply, create_macro
from otklik.workspace.canned import prepare_texts
from otklik.workspace.models import Scope

# name, when to use it, tags, Russian, English
CANNED = (
    (
        "Уточнить модель",
        "Когда непонятно, о какой машине речь",
        ("уточнение",),
        "<p>{{person.first_name|Здравствуйте}}, подскажите, пожалуйста, модель и серийный номер "
        "машины: они на наклейке сзади, внизу. И пришлите фото экрана, если на нём есть код "
        "ошибки.</p><p>По номеру мы увидим историю обслуживания и сразу скажем, что делать.</p>",
        "<p>{{person.first_name|Hello}}, which model is it, and what is its serial number? Both "
        "are on the sticker at the back. A photo of the screen helps if it shows an error.</p>",
    ),
    (
        "Выезд мастера: время",
        "После того как назначен выезд",
        ("выезд",),
        "<p>{{person.first_name|Здравствуйте}}, мастер приедет {{date.tomorrow}}. За час "
        "до приезда он позвонит. Машину лучше не включать, доступ к воде освободить.</p>"
        "<p>Если время не подходит, ответьте на это письмо: перенесём без доплаты.</p>",
        "<p>{{person.first_name|Hello}}, our engineer comes {{date.tomorrow}} and calls an hour "
        "before. Please leave the machine switched off.</p>",
    ),
    (
        "Промывка от накипи",
        "Код E-07 или вода еле тёплая",
        ("накипь", "E-07"),
        "<p>Похоже на накипь. Порядок такой:</p><ol><li>выключите машину и дайте ей остыть "
        "20 минут;</li><li>налейте в бак раствор: пакет средства на литр воды;</li>"
        "<li>запустите программу «Очистка», она идёт 35 минут;</li><li>промойте двумя баками "
        "чистой воды.</li></ol><p>Если ошибка вернётся, пришлите фото экрана: выедет мастер.</p>",
        "",
    ),
    (
        "Гарантия: что нужно",
        "Первый ответ по гарантийному случаю",
        ("гарантия",),
        "<p>Чтобы оформить гарантию по обращению № {{ticket.number}}, пришлите, пожалуйста, "
        "фото серийного номера и дату покупки. Чек не нужен: продажа есть в нашей базе.</p>",
        "<p>For the warranty on request № {{ticket.number}} we need a photo of the serial number "
        "and the date of purchase.</p>",
    ),
    (
        "Закрывающие документы",
        "Просят счёт, акт или УПД",
        ("документы",),
        "<p>Документы отправим через ЭДО сегодня до 18:00. Если вашего оператора нет в списке, "
        "напишите его название: настроим роуминг или пришлём оригиналы курьером.</p>",
        "",
    ),
    (
        "Благодарность за отзыв",
        "Клиент похвалил",
        ("отзыв",),
        "<p>{{person.first_name|Спасибо}}, передали ваши слова команде: это лучшее, что может быть "
        "в рабочем чате. Хорошего кофе!</p>",
        "<p>Thank you, {{person.first_name|dear customer}}. We passed it on to the team.</p>",
    ),
)


def make_habits() -> None:
    """After the staff and the categories are there."""
    prepared = [
        (name, hint, tags, prepare_texts(DEMO, {"ru": russian} | _in_english(english)))
        for name, hint, tags, russian, english in CANNED
    ]
    with write():
        for name, hint, tags, words in prepared:
            remember(
                create_canned_reply(
                    DEMO, name=name, hint=hint, tags=tags, words=words, scope=Scope.SHARED
                )
            )
    with write():
        _make_statuses()
        _make_fields()
        _make_macros()


def _in_english(text: str) -> dict[str, str]:
    return {"en": text} if text else {}


def _make_statuses() -> None:
    for kind, labels, hint, english in (
        (
            "on_hold",
            {"ru": "Ждём запчасть", "en": "Waits for a part"},
            "Деталь заказана",
            "The part is ordered",
        ),
        (
            "on_hold",
            {"ru": "Машина в мастерской", "en": "In the workshop"},
            "Дали подмену",
            "They have another one meanwhile",
        ),
    ):
        hints = {"en": english}
        remember(create_status(DEMO, kind=kind, labels=labels, hint=hint, hints=hints))


def _make_fields() -> None:
    defined: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (
            "machine",
            "text",
            {
                "name": "Модель машины",
                "labels": {"en": "Machine"},
                "hint": "Как на наклейке: марка и модель",
                "hints": {"en": "As on the label: make and model"},
                "customer_access": "changed",
                "is_filterable": True,
            },
        ),
        (
            "serial",
            "text",
            {
                "name": "Серийный номер",
                "labels": {"en": "Serial number"},
                "customer_access": "changed",
                "is_filterable": True,
            },
        ),
        (
            "visit",
            "date",
            {
                "name": "Дата выезда",
                "labels": {"en": "Visit on"},
                "customer_access": "shown",
            },
        ),
    )
    for key, kind, details in defined:
        remember(create_field(DEMO, thing="ticket", key=key, kind=kind, **details))


def _make_macros() -> None:
    for name, hint, steps in (
        (
            ("Взять в работу", "Take it on"),
            ("Беру на себя и говорю об этом коллегам", "I do it, and colleagues see that"),
            [
                {"effect": "ticket.take", "params": {}},
                {"effect": "ticket.set_status", "params": {"status": "open"}},
            ],
        ),
        (
            ("Гарантийный случай", "Under warranty"),
            ("Метка, приоритет и заметка для сервиса", "Tag, priority and a note for the service"),
            [
                {"effect": "ticket.tag", "params": {"tag": "гарантия"}},
                {"effect": "ticket.set_priority", "params": {"priority": 30}},
                {
                    "effect": "ticket.note",
                    "params": {"text": "Гарантийный случай: проверить дату продажи по номеру."},
                },
            ],
        ),
        (
            ("Ждать ответа", "Wait for an answer"),
            ("Ждём клиента и следим за заявкой", "The customer is asked; the ticket is followed"),
            [
                {"effect": "ticket.set_status", "params": {"status": "pending"}},
                {"effect": "ticket.follow", "params": {}},
            ],
        ),
    ):
        remember(
            create_macro(
                DEMO,
                name=name[0],
                labels={"en": name[1]},
                hint=hint[0],
                hints={"en": hint[1]},
                steps=steps,
                scope=Scope.SHARED,
            )
        )
