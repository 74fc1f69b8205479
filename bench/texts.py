"""The words of a seeded desk: some in every letter, some in one of forty, some in a few.

A pool of texts is made once with its stems: five million letters are drawn from it, each with a
serial number of its own at the end, and none has to be stemmed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from itertools import product

SUBJECTS = (
    "Кофемашина не греет воду", "Не приходит код для входа", "Счёт выставлен на старое юрлицо",
    "Delivery is late again", "Замена помпы по гарантии", "Помол стал крупнее", "Акт сверки",
    "Нужен второй фильтр", "Обучить новых бариста", "Steam pressure drops", "Возврат заказа",
)  # fmt: skip
COMMON = (
    *("вода", "бойлер", "датчик", "ошибка", "экран", "помпа", "фильтр", "счёт", "договор", "заказ"),
    *("доставка", "партия", "зерно", "помол", "мастер", "выезд", "гарантия", "ремонт", "замена"),
    *("курьер", "склад", "накладная", "клапан", "давление", "пар", "молоко", "чистка", "утром"),
    *("завтра", "сегодня", "пришлите", "проверьте", "посмотрите", "спасибо", "ждём", "срочно"),
    *("boiler", "sensor", "pump", "invoice", "delivery", "order", "grinder", "steam", "warranty"),
)
_BEGINNINGS = (
    *("пере", "под", "над", "за", "вы", "про", "рас", "об", "от", "пред", "до", "при", "у", "с"),
    *("анти", "авто", "гидро", "термо", "электро", "микро"),
)
_MIDDLES = ("греб", "лив", "мол", "вар", "тёрк", "жим", "клад", "пуск", "мер", "рез", "тяг", "бор")
_ENDINGS = ("ник", "тель", "овка", "ище", "омер", "щик", "арня", "ость")
_INVENTED = tuple("".join(parts) for parts in product(_BEGINNINGS, _MIDDLES, _ENDINGS))
MIDDLE = _INVENTED[::2]
RARE = tuple(f"{one}{two}" for one, two in product(_INVENTED[1::2], ("ов", "ин")))
POOL = 4096
_SERIALS = 1_000_003


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    stems: tuple[str, ...]


@cache
def pool() -> tuple[Text, ...]:
    from otklik.kit.stemming import stems

    lots = random.Random(8)  # noqa: S311  the same desk every time
    made = []
    for _ in range(POOL):
        words = lots.choices(COMMON, k=lots.randrange(18, 60))
        for at in range(len(words)):
            lot = lots.random()
            if lot > 0.85:
                words[at] = lots.choice(RARE if lot > 0.98 else MIDDLE)
        text = " ".join(words)
        made.append(Text(text, tuple(stems(text))))
    return tuple(made)


def pooled(seed: int) -> Text:
    return pool()[seed * 2_654_435_761 % 4_294_967_296 % POOL]


def serial(seed: int) -> str:
    """A word that hardly any other text has."""
    return f"sn{seed * 7919 % _SERIALS}"


def text(seed: int) -> str:
    return f"{pooled(seed).text} {serial(seed)}"


def subject(number: int) -> str:
    return f"{SUBJECTS[number % len(SUBJECTS)]} {number % 997}"
