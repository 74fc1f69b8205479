"""The company of the demo: «Зерно и Пар» sells, serves and repairs coffee machines."""

from __future__ import annotations

from dataclasses import dataclass

BRAND = "Зерно и Пар"
BRAND_ABROAD = "Grain & Steam"
COLOR = "#863d24"
WEB_FORM = "Форма на сайте"
TIME_ZONE = "Europe/Moscow"
WEEK = [["09:00-19:00"]] * 5 + [["10:00-16:00"], []]


@dataclass(frozen=True, slots=True)
class Team:
    key: str
    name: str
    line: int


TEAMS = (
    Team("care", "Забота о клиентах", 1),
    Team("supply", "Доставка и склад", 1),
    Team("service", "Сервис", 2),
    Team("papers", "Документы и оплата", 2),
    Team("training", "Обучение бариста", 2),
    Team("engineers", "Инженеры", 3),
)


@dataclass(frozen=True, slots=True)
class Worker:
    """An agent. ``weight``: how much of a team's work falls to them."""

    key: str
    name: str
    email: str
    job_title: str
    teams: tuple[str, ...]
    language: str = "ru"
    is_administrator: bool = False
    weight: int = 3
    signature: str = ""


WORKERS = (
    Worker(
        "dasha",
        "Даша Лим",
        "admin@demo.example",
        "руководитель поддержки",
        ("care",),
        is_administrator=True,
        weight=2,
        signature="Даша Лим\nЗерно и Пар, забота о клиентах",
    ),
    Worker(
        "marina",
        "Марина Костина",
        "marina@demo.example",
        "специалист сервиса",
        ("care", "service"),
        weight=9,
        signature="Марина Костина\nЗерно и Пар, сервис\n+7 900 000-10-24",
    ),
    Worker(
        "anton",
        "Антон Рыжов",
        "anton@demo.example",
        "специалист поддержки",
        ("care",),
        weight=4,
        signature="Антон Рыжов\nЗерно и Пар",
    ),
    Worker(
        "ilya",
        "Илья Ветров",
        "ilya@demo.example",
        "сервисный инженер",
        ("service", "engineers"),
        weight=4,
        signature="Илья Ветров, сервис",
    ),
    Worker(
        "timur",
        "Тимур Сафин",
        "timur@demo.example",
        "ведущий инженер",
        ("engineers", "service"),
        weight=2,
    ),
    Worker(
        "sofia",
        "Софья Белова",
        "sofia@demo.example",
        "координатор доставки",
        ("supply",),
        weight=4,
        signature="Софья Белова\nЗерно и Пар, доставка",
    ),
    Worker(
        "vera",
        "Вера Климова",
        "vera@demo.example",
        "бухгалтер",
        ("papers",),
        weight=4,
        signature="Вера Климова\nЗерно и Пар, документы и оплата",
    ),
    Worker(
        "nino",
        "Nino Abashidze",
        "nino@demo.example",
        "customer care, export",
        ("care", "supply"),
        language="en",
        weight=4,
        signature="Nino Abashidze\nGrain & Steam",
    ),
    Worker(
        "igor",
        "Игорь Панин",
        "igor@demo.example",
        "тренер бариста",
        ("training",),
        weight=4,
        signature="Игорь Панин, обучение",
    ),
)

# key → (Russian, English); a key with a slash hangs under the part before it.
CATEGORIES = {
    "machines": ("Кофемашины", "Coffee machines"),
    "machines/heating": ("Нагрев", "Heating"),
    "machines/water": ("Вода и помпа", "Water and pump"),
    "machines/milk": ("Капучинатор и молоко", "Milk system"),
    "machines/electronics": ("Электроника и экран", "Electronics and display"),
    "machines/advice": ("Подбор и настройка", "Choosing and setting up"),
    "grinders": ("Кофемолки", "Grinders"),
    "supplies": ("Расходники", "Supplies"),
    "supplies/coffee": ("Кофе", "Coffee"),
    "supplies/filters": ("Фильтры и вода", "Filters and water"),
    "supplies/cups": ("Посуда и стаканы", "Cups"),
    "supplies/cleaning": ("Чистящие средства", "Cleaning"),
    "delivery": ("Доставка", "Delivery"),
    "delivery/late": ("Сроки", "Timing"),
    "delivery/damage": ("Повреждения и пересорт", "Damage and mix-ups"),
    "delivery/returns": ("Возвраты", "Returns"),
    "papers": ("Документы и оплата", "Documents and payment"),
    "papers/invoices": ("Счета", "Invoices"),
    "papers/acts": ("Акты и сверки", "Acts and statements"),
    "papers/contracts": ("Договоры", "Contracts"),
    "training": ("Обучение", "Training"),
    "account": ("Личный кабинет и касса", "Account and till"),
    "feedback": ("Отзывы", "Feedback"),
}


@dataclass(frozen=True, slots=True)
class Mailbox:
    key: str
    name: str
    address: str
    sender_name: str
    team: str
    is_abroad: bool = False
    language: str = "ru"


MAILBOXES = (
    Mailbox("support", "Поддержка", "support@demo.example", "Зерно и Пар", "care"),
    Mailbox("service", "Сервис", "service@zernopar.example", "Зерно и Пар, сервис", "service"),
    Mailbox(
        "abroad",
        "Grain & Steam",
        "hello@grainandsteam.example",
        "Grain & Steam",
        "care",
        is_abroad=True,
        language="en",
    ),
)
