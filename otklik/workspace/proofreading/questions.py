"""Questions of the customer with no sign of an answer. When in doubt it is answered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from otklik.kit.stemming import stem
from otklik.kit.text import tokenise
from otklik.workspace.proofreading.findings import Draft, Finding, Talk, without_quotes

MOST_QUESTIONS = 8
MOST_SHOWN = 2
_LONGEST = 400
_URL = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
_QUESTION = re.compile(r"[^.!?…\n]*[^.!?…\n\s][^.!?…\n]*\?+")
# What nobody expects an answer to, and what any reply answers.
_IDLE = re.compile(
    r"(?:как (?:ваши |твои )?(?:дела|поживаете|вы)|верно|правильно|правда|понятно|ясно|да|так|а|ок"
    r"|серьезно|неужели|сколько можно|доколе|ну что|и что|что за.*|алло|ау|есть кто.*"
    r"|кто[- ]нибудь.*"
    r"|вы издеваетесь.*|вы серьезно.*|как так|какие новости.*|есть (?:ли )?новости.*|что нового.*"
    r"|что скажете|что думаете|как быть|что делать|(?:не )?(?:могли|можете|сможете)(?: бы)?(?: ли)?"
    r"(?: вы)?(?: мне| нам)? (?:помочь|подсказать|посмотреть|проверить).{0,40}|поможете.*"
    r"|подскажете"
    r"|how are you.*|right|really|ok(?:ay)?|seriously|any (?:news|updates?|ideas?).*|hello|anyone.*"
    r"|is anybody.*|are you (?:kidding|serious|there).*|what(?:'s| is) (?:up|new)|what now|isn't it"
    r"|you know|(?:can|could|would) you (?:please )?(?:help|look|check|assist|advise).{0,40}|why me"
    r"|who cares|so what|как вам такое|разве это нормально.*|где логика.*"
    r"|и как.{0,15}это называется)",
    re.I,
)
_STOP = frozenset(
    """
    что как это для при или если еще уже тоже также чтобы когда где куда откуда почему зачем кто
    кому кого какой какая какое какие какого какую сколько можно нужно надо могу может можете ли не
    ни на по за из от до об обо про без над под вы вас вам мы нас нам меня мне мой моя мое мои наш
    ваш ваша ваше ваши он она они его ее их был была было были будет буду быть есть нет да же бы
    только очень там тут здесь этот эта эти тот такой так все всех всё себя пожалуйста спасибо
    здравствуйте добрый день подскажите скажите вопрос вообще просто ведь сейчас
    the and for are was were will would could can should does did has have had you your our with
    this that these those what when where which who whom why how much many there here from into
    about just also please thank thanks hello any some not but its it's they them their been being
    tell know question
    """.split()  # noqa: SIM905  a list would be a page long
)
_COURTESY = frozenset(
    stem(word)
    for word in [
        "благодарим",
        "благодарю",
        "обращение",
        "обратились",
        "сообщение",
        "письмо",
        "уважением",
        "хорошего",
        "всего",
        "доброго",
        "рады",
        "ждем",
        "извините",
        "простите",
        "приносим",
        "извинения",
        "неудобства",
        "ответ",
        "thank",
        "contacting",
        "reaching",
        "regards",
        "best",
        "sincerely",
        "sorry",
        "apologise",
        "apologize",
        "inconvenience",
        "message",
        "kind",
        "welcome",
        "dear",
    ]
)
_LATER = re.compile(
    r"уточн|провер|выясн|узна[мею]|сообщ(?:у|им)|верн(?:усь|емся)|переда(?:л|м|ди|ю|ем)"
    r"|разбер|рассмотр"
    r"|посмотр|изуч|свяж|перезвон|позвон|напиш(?:у|ем)|ответ(?:им|ит)|дополнительно|в работе"
    r"|займ(?:емся|усь)"
    r"|check|look(?:ing)? into|get back|find out|let you know|investigat|clarif"
    r"|pass(?:ed)? (?:it|this|your)"
    r"|forward(?:ed)?|escalat|call you|in touch|follow up|on it|answer(?:ed)? below|ответы ниже",
    re.I,
)
_YES_NO = re.compile(
    r"^(?:а |и |но |скажите,? |подскажите,? |пожалуйста,? |здравствуйте,? |добрый день,? )*"
    r"(?:можно|могу|можем|можете|сможете|есть ли|будет|будете|у вас есть|есть|вы |это |нужно"
    r"|надо|нужен"
    r"|нужна|получится|возможно|успеете|планируете|работаете|do|does|did|is|are|was|were|can"
    r"|could|will"
    r"|would|have|has|should|may|am)\b|\bли\b",
    re.I,
)
_DECIDES = re.compile(
    r"\b(?:да|нет|конечно|можно|нельзя|можете|можем|сможете|сможем|могу|возможно|невозможно"
    r"|к сожалению"
    r"|увы|готово|сделали|сделал[аи]?|верно|именно|подтвержда\w+|обязательно|разумеется|есть"
    r"|будет|не"
    r"|yes|yep|no|nope|not|sure|of course|certainly|unfortunately|can|cannot|can't|can’t|done"
    r"|we will"
    r"|we'll|we’ll|confirm\w*|correct|indeed|absolutely|possible|available|it is|we do|we are)\b",
    re.I,
)
_WHEN = re.compile(
    r"\b(?:когда|во сколько|сколько (?:времени|дней|ждать)|как долго|как скоро|в какой день"
    r"|до какого"
    r"|к какому|сроки?|when|how (?:long|soon)|what (?:time|date|day)|by what|which day)\b",
    re.I,
)
_TIME = re.compile(
    r"\d|сегодня|завтра|послезавтра|вчера|утр|вечер|\bдн|\bдень|час|минут|недел|месяц|понедельник"
    r"|вторник|сред[ауы]|четверг|пятниц|суббот|воскресен|скоро|сразу|январ|феврал|март|апрел"
    r"|\bма[йяе]\b"
    r"|июн|июл|август|сентябр|октябр|ноябр|декабр|после|today|tomorrow|yesterday|week|day"
    r"|hour|minute"
    r"|month|soon|morning|evening|afternoon|tonight|immediately|once|after|as soon",
    re.I,
)
_HOW_MUCH = re.compile(
    r"\b(?:сколько|какова|какая (?:цена|стоимость|сумма)|по какой цене|цена|стоимость|почем|номер"
    r"|how (?:much|many)|price|cost|number)\b",
    re.I,
)
_NUMBER = re.compile(r"\d|бесплатн|один|два|две|три|free|none|one|two|three|no charge", re.I)
_HOW_WHERE = re.compile(r"\b(?:где|куда|откуда|как|каким образом|where|how)\b", re.I)
_LEADS = re.compile(
    r"https?://|www\.|нажм|откро|перейд|зайд|выбер|укаж|введ|адрес|разде|меню|настройк|отправ"
    r"|позвон"
    r"|включ|выключ|снимит|постав|click|open|go to|select|choose|press|switch|turn|enter|menu"
    r"|settings"
    r"|section|address|send|page|remove|install|\b1[.)]",
    re.I,
)
_WHY = re.compile(
    r"\b(?:почему|зачем|отчего|из-за чего|в чем причина|why|what caused|reason)\b", re.I
)
_BECAUSE = re.compile(
    r"потому|из-за|причин|поскольку|так как|связан|вызван|because|due to|since|reason|cause", re.I
)


@dataclass(frozen=True, slots=True)
class _Reply:
    text: str
    stems: frozenset[str]

    @property
    def substance(self) -> int:
        return len(self.stems - _COURTESY)


def find_unanswered(draft: Draft, talk: Talk) -> list[Finding]:
    """At most two, the oldest first."""
    reply = _Reply(draft.text.replace("ё", "е"), _content(draft.text))
    # Whoever asks back, promises to find out or answers point by point needs no reminder.
    if "?" in reply.text or _LATER.search(reply.text) or not reply.text.strip():
        return []
    questions = [question for text in talk.asked for question in _questions(text)]
    open_ones = [one for one in questions[:MOST_QUESTIONS] if not _is_answered(one, reply)]
    return [Finding("question", question) for question in open_ones[:MOST_SHOWN]]


def _questions(text: str) -> list[str]:
    found = []
    for match in _QUESTION.finditer(_URL.sub(" ", without_quotes(text))[:20_000]):
        question = " ".join(match.group().split())
        bare = question.rstrip("? ").replace("ё", "е")
        last_part = bare.rpartition(",")[2].strip()
        if len(question) > _LONGEST or _IDLE.fullmatch(bare) or _IDLE.fullmatch(last_part):
            continue
        if _content(question):
            found.append(question)
    return found


def _is_answered(question: str, reply: _Reply) -> bool:
    asked = question.replace("ё", "е")
    if _content(question) & reply.stems:
        return True
    if _WHEN.search(asked):
        return bool(_TIME.search(reply.text))
    if _HOW_MUCH.search(asked):
        return bool(_NUMBER.search(reply.text))
    if _YES_NO.search(asked):
        return bool(_DECIDES.search(reply.text)) or reply.substance >= 10
    if _WHY.search(asked):
        return bool(_BECAUSE.search(reply.text)) or reply.substance >= 6
    if _HOW_WHERE.search(asked):
        return bool(_LEADS.search(reply.text)) or reply.substance >= 6
    return reply.substance >= 3


def _content(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning."""
    words = (word for word in tokenise(text[:20_000]) if len(word) > 2 and word not in _STOP)
    return frozenset(stem(word) for word in words)
