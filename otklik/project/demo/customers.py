"""Whom the demo company works for: organisations, their people and their machines."""

# ruff: noqa: E501  one house a line
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class House:
    """An organisation. ``people``: "Name, job[, phone]" each, the one who writes most first."""

    name: str
    domain: str
    city: str
    street: str
    machine: str
    people: tuple[str, ...]
    notes: str = ""
    language: str = "ru"
    time_zone: str = "Europe/Moscow"


def _house(line: str, *people: str, notes: str = "", zone: str = "", lang: str = "ru") -> House:
    name, domain, city, street, machine = (part.strip() for part in line.split("|"))
    return House(name, domain, city, street, machine, people, notes, lang, zone or "Europe/Moscow")


HOUSES = (
    _house(
        "Кофейня «Полдень» | polden.example | Самара | ул. Куйбышева, 91 | La Cimbali M26",
        "Ольга Нестерова, управляющая",
        "Игнат Шубин, старший бариста",
        "Лиза Воронова, бариста",
        "Пётр Аксёнов, владелец",
        notes="Договор «Сервис 24» до 31.03.2027. Две группы, вода жёсткая: фильтр раз в 3 месяца.",
        zone="Europe/Samara",
    ),
    _house(
        "Северный ветер | severveter.example | Санкт-Петербург | Лиговский пр., 44 | Nuova Simonelli Appia",
        "Алексей Громов, директор",
        "Инга Маслова, администратор",
        "Роман Кисель, бариста",
        "Тамара Лях, бухгалтер",
    ),
    _house(
        "ООО «Вайс и дочери» | weiss.example | Москва | Большая Ордынка, 17 | WMF 1500 S",
        "Анна Вайс, директор",
        "Марта Вайс, управляющая",
        "Яна Пушкарёва, бухгалтер",
        notes="В октябре сменили юридическое лицо, счета только на новое.",
    ),
    _house(
        "Пекарня №5 | pekarnya5.example | Казань | ул. Баумана, 38 | Franke A600",
        "Елена Ларина, управляющая",
        "Рамиль Гатин, технолог",
        "Оксана Дым, кассир",
        "Ильдар Юсупов, закупки",
    ),
    _house(
        "Сеть «Утро» | utro.example | Москва | Пятницкая, 52 | La Marzocco Linea PB",
        "Кирилл Мартынов, операционный директор",
        "Жанна Ким, управляющая «Утро на Пятницкой»",
        "Артём Долгов, управляющий «Утро на Соколе»",
        "Полина Рей, бухгалтер",
        "Глеб Осипов, закупки",
        notes="Одиннадцать точек. Заявки по точкам, счёт общий, отсрочка 14 дней.",
    ),
    _house(
        "Hotel Volga | hotelvolga.example | Нижний Новгород | Верхне-Волжская наб., 12 | Schaerer Coffee Art",
        "Рустам Тагиров, главный инженер",
        "Ева Лунина, ресторан",
        "Николай Чиж, закупки",
        "Дина Салтыкова, ночной портье",
    ),
    _house(
        "Northwind Office | northwind-office.example | Mumbai | Bandra Kurla Complex, Tower B | Jura GIGA X8",
        "Priya Raman, office manager",
        "Arjun Mehta, facilities",
        "Kavita Iyer, accounts",
        zone="Asia/Kolkata",
        lang="en",
        notes="Writes English. Deliveries through our partner in Mumbai.",
    ),
    _house(
        "Mtatsminda Coffee | mtatsminda.example | Tbilisi | 14 Chonkadze St | La Cimbali M100",
        "Giorgi Beridze, owner",
        "Tamar Kapanadze, head barista",
        "Luka Gelashvili, purchasing",
        zone="Asia/Tbilisi",
        lang="en",
        notes="Export: CE certificate and invoice in English with every machine.",
    ),
    _house(
        "Кофейня «Ложка» | lozhka.example | Екатеринбург | ул. Вайнера, 15 | Rancilio Classe 7",
        "Наталья Чернова, владелица",
        "Степан Бугров, бариста",
        "Мила Горина, бариста",
        zone="Asia/Yekaterinburg",
    ),
    _house(
        "Бюро «Параллель» | parallel.example | Москва | Нижняя Сыромятническая, 10 | Saeco Aulika",
        "Павел Синицын, офис-менеджер",
        "Юлия Тарасова, офис-менеджер",
        "Денис Крамер, айти",
    ),
    _house(
        "Кафе «Дача» | dachacafe.example | Тула | пр. Ленина, 27 | Sanremo Zoe",
        "Людмила Орлова, хозяйка",
        "Сергей Орлов, хозяин",
    ),
    _house(
        "Гостиница «Ладога» | ladoga.example | Петрозаводск | наб. Варкауса, 1 | WMF 5000 S",
        "Вероника Пелле, ресторан",
        "Антти Ряйсянен, инженер",
        "Галина Рябова, бухгалтер",
    ),
    _house(
        "Булочная «Корочка» | korochka.example | Ярославль | ул. Кирова, 8 | Nuova Simonelli Musica",
        "Ирина Сомова, владелица",
        "Матвей Сомов, пекарь",
        "Алла Зуева, продавец",
    ),
    _house(
        "Коворкинг «Этаж» | etazh.example | Новосибирск | Красный пр., 35 | Franke A300",
        "Максим Фролов, управляющий",
        "Соня Ли, комьюнити-менеджер",
        "Вадим Носов, инженер здания",
        zone="Asia/Novosibirsk",
    ),
    _house(
        "Клиника «Сосны» | sosny-clinic.example | Москва | Рублёвское ш., 20 | Jura X8",
        "Светлана Быкова, администратор",
        "Оксана Литвин, закупки",
        "Борис Френкель, главный врач",
    ),
    _house(
        "Кондитерская «Миндаль» | mindal.example | Краснодар | ул. Красная, 74 | La Spaziale S5",
        "Карина Асланян, шеф-кондитер",
        "Давид Асланян, управляющий",
        "Вика Стрельцова, бариста",
    ),
    _house(
        "Книжный «Переплёт» | pereplet.example | Санкт-Петербург | 6-я линия В.О., 21 | Ascaso Bar",
        "Лев Абрамов, директор",
        "Зоя Тихая, кафе",
        "Тимофей Кош, бариста",
    ),
    _house(
        "Столовая «Завод 22» | zavod22.example | Челябинск | ул. Цвиллинга, 5 | Bianchi Lei 700",
        "Геннадий Шатров, заведующий",
        "Нина Павлюк, кассир",
        zone="Asia/Yekaterinburg",
    ),
    _house(
        "Фитнес-клуб «Импульс» | impuls-club.example | Воронеж | Московский пр., 129 | Saeco Phedra",
        "Евгений Карпов, управляющий",
        "Лера Соловьёва, фреш-бар",
    ),
    _house(
        "Ресторан «Барон» | baron-rest.example | Калининград | Ленинский пр., 30 | Faema E71",
        "Эрик Вольф, управляющий",
        "Диана Мороз, бар-менеджер",
        "Ян Рудик, бариста",
        zone="Europe/Kaliningrad",
    ),
    _house(
        "АЗС «Трасса» | trassa-azs.example | Тверь | М-11, 167-й км | WMF 1500 S",
        "Олег Бородин, управляющий сменой",
        "Фаина Крылова, менеджер сети",
        "Стас Ершов, оператор",
        notes="Четыре заправки, машины работают круглосуточно, просят ночные выезды.",
    ),
    _house(
        "Юридическая фирма «Астра Лекс» | astralex.example | Москва | Пресненская наб., 8 | Jura GIGA 6",
        "Маргарита Зимина, офис-менеджер",
        "Иннокентий Раевский, партнёр",
    ),
    _house(
        "Хостел «Трамвай» | tramvai.example | Санкт-Петербург | ул. Рубинштейна, 9 | Saeco Royal",
        "Катя Уланова, администратор",
        "Джамал Идрисов, завхоз",
    ),
    _house(
        "Кофе-точка «Вокзал» | vokzal-coffee.example | Рязань | Вокзальная ул., 32 | Nuova Simonelli Oscar",
        "Виталий Пряхин, владелец",
        "Света Пряхина, бариста",
    ),
    _house(
        "Театр «Станция» | stancia.example | Пермь | ул. Петропавловская, 25 | La Cimbali M23",
        "Агата Белецкая, буфет",
        "Фёдор Щукин, администратор",
        zone="Asia/Yekaterinburg",
    ),
    _house(
        "Типография «Оттиск» | ottisk.example | Москва | Варшавское ш., 37 | Saeco Lirika",
        "Жанна Орешкина, секретарь",
        "Михаил Чуб, директор",
    ),
    _house(
        "Пиццерия «Тесто» | testo-pizza.example | Сочи | ул. Навагинская, 9 | Fiamma Caravel",
        "Армен Погосян, владелец",
        "Рита Белая, администратор",
        "Костя Гур, бариста",
    ),
    _house(
        "Медиацентр «Волна» | volna-media.example | Владивосток | Светланская, 51 | Franke S700",
        "Алёна Цой, офис-менеджер",
        "Юрий Пак, техник",
        zone="Asia/Vladivostok",
    ),
    _house(
        "Кофейня «Тёмная сторона» | darkside.example | Москва | Покровка, 19 | Victoria Arduino Eagle One",
        "Влад Корнеев, владелец",
        "Тася Миронова, старший бариста",
        "Даня Лось, бариста",
    ),
    _house(
        "Детский центр «Лукоморье» | lukomorye.example | Омск | ул. Ленина, 14 | Melitta Cafina",
        "Алевтина Рогова, администратор",
        "Инна Шевчук, бухгалтер",
        zone="Asia/Omsk",
    ),
    _house(
        "Пекарня «Багет и Ко» | baget.example | Ростов-на-Дону | Большая Садовая, 60 | Astoria Plus 4 You",
        "Станислав Донцов, управляющий",
        "Лариса Донцова, бухгалтер",
        "Юра Тен, бариста",
    ),
    _house(
        "Автосалон «Меридиан» | meridian-auto.example | Уфа | пр. Октября, 118 | Jura WE8",
        "Регина Хабирова, администратор",
        "Артур Валеев, АХО",
        zone="Asia/Yekaterinburg",
    ),
    _house(
        "Обжарка «Третья волна» | wave3.example | Москва | Электрозаводская, 21 | Mahlkönig EK43",
        "Семён Лобов, обжарщик",
        "Ксения Ярош, продажи",
        "Тихон Жук, лаборатория",
    ),
    _house(
        "Кафе «Сад» | sadcafe.example | Краснодар | ул. Чапаева, 92 | Rocket R9",
        "Милана Гуль, управляющая",
        "Роберт Шах, бариста",
    ),
    _house(
        "Логистика «Мост» | most-log.example | Подольск | ул. Комсомольская, 1 | Bianchi Gaia",
        "Тарас Недоля, АХО",
        "Елизавета Прут, диспетчер",
    ),
    _house(
        "Batumi Pier Hotel | batumipier.example | Batumi | 3 Rustaveli Ave | Schaerer Soul",
        "Salome Jincharadze, F&B manager",
        "Irakli Dolidze, chief engineer",
        zone="Asia/Tbilisi",
        lang="en",
    ),
    _house(
        "Chai & Crema | chaicrema.example | Pune | FC Road 231 | Nuova Simonelli Aurelia",
        "Rohan Deshpande, co-founder",
        "Sneha Kulkarni, store manager",
        zone="Asia/Kolkata",
        lang="en",
    ),
    _house(
        "Nordlys Bakery | nordlys.example | Oslo | Markveien 35 | La Marzocco GB5",
        "Ingrid Solberg, owner",
        "Henrik Dahl, barista",
        lang="en",
        zone="Europe/Oslo",
    ),
    _house(
        "Университет «Политех», буфеты | polytech-food.example | Томск | пр. Кирова, 5 | Saeco Atlante",
        "Валентина Гусева, заведующая",
        "Родион Зырянов, инженер",
        "Эмма Шульц, бухгалтер",
        zone="Asia/Tomsk",
    ),
    _house(
        "Винотека «Лоза» | lozawine.example | Москва | Мясницкая, 24 | Elektra Barlume",
        "Филипп Саблин, владелец",
        "Арина Коваль, администратор",
    ),
    _house(
        "Яхт-клуб «Бриз» | briz-yacht.example | Самара | Лесная ул., 23 | Sanremo Verona",
        "Руслан Чайкин, ресторан",
        "Нелли Штиль, администратор",
        zone="Europe/Samara",
    ),
)

# People of their own: a machine at home, one purchase. "Name | address | language | city | machine"
ALONE = (
    "Михаил Ребров | m.rebrov@pochta.example | ru | Москва | DeLonghi Dinamica",
    "Татьяна Ивлева | tanya.ivleva@pochta.example | ru | Калуга | Philips LatteGo",
    "Андрей Хромов | a.hromov@yashik.example | ru | Пенза | Jura E8",
    "Лидия Марковна Штерн | lidia.stern@pochta.example | ru | Санкт-Петербург | Gaggia Classic",
    "Егор Зайцев | zaycev.egor@yashik.example | ru | Москва | Lelit Bianca",
    "Виктория Сон | vika.son@pochta.example | ru | Хабаровск | DeLonghi Magnifica",
    "Ринат Ахметов-Булгаков | rinat.ab@yashik.example | ru | Казань | Rocket Appartamento",
    "Нина Прохорова | nina.prokhorova@pochta.example | ru | Тверь | Saeco Xelsis",
    "Стефан Милев | stefan.milev@post.example | ru | Сочи | ECM Classika",
    "Anahit Sargsyan | anahit.s@post.example | en | Yerevan | Lelit Mara X",
    "Daniel Okafor | d.okafor@post.example | en | Lagos | Gaggia Classic Pro",
    "Василиса Премудрова | vasya.prem@pochta.example | ru | Владимир | Philips 5400",
    "Игорь Немов | nemov@yashik.example | ru | Орёл | DeLonghi Dedica",
    "Александра Константинопольская-Задунайская | kz@pochta.example | ru | Смоленск | Jura ENA 8",
    "Олег Тишин | o.tishin@yashik.example | ru | Курск | Nivona 930",
    "Рада Горная | rada.g@pochta.example | ru | Псков | Saeco PicoBaristo",
    "Юсуф Магомедов | yusuf.m@yashik.example | ru | Махачкала | Melitta Barista",
    "Вера Ким | vera.kim@pochta.example | ru | Южно-Сахалинск | Krups Evidence",
    "Семён Багров | s.bagrov@pochta.example | ru | Вологда | DeLonghi PrimaDonna",
    "Алина Тузова | alina.tuzova@yashik.example | ru | Ижевск | Philips 3200",
    "Пётр Лист | petr.list@pochta.example | ru | Мурманск | Bialetti и кофемолка Baratza",
    "Ульяна Снег | ulyana.sneg@yashik.example | ru | Архангельск | Jura D6",
    "Giulia Ferri | giulia.ferri@post.example | en | Belgrade | La Pavoni Europiccola",
    "Роза Файзуллина | roza.f@pochta.example | ru | Набережные Челны | Saeco Intelia",
)
