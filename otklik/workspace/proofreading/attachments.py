"""A file that is promised while none is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from otklik.workspace.proofreading.findings import Draft, Finding

_SENTENCE = re.compile(r"[^.!?…\n]+(?:\.(?=\w)[^.!?…\n]+)*[.!?…]*")
_CLAIM = re.compile(
    r"\b(?:"
    r"во вложени(?:и|ях)|в приложении к (?:этому )?(?:письму|ответу|сообщению)"
    r"|прикрепля(?:ю|ем)|прикрепил[аи]?|прикреплен[аоы]?"
    r"|прикладыва(?:ю|ем)|приложил[аи]?|приложен[аоы]?|прилага(?:ю|ем|ется|ются)"
    r"|см\.?\s+вложение|смотрите вложение"
    r"|(?:высыла|отправля|направля)(?:ю|ем)(?: вам)?(?: \w+)? (?:счет|акт|скан|файл|документ|прайс"
    r"|договор|накладн)\w*"
    r"|(?:please )?(?:find|see)(?: the)? attach(?:ed|ment)(?: \w+)?"
    r"|(?:i|we)(?:'m|’m| am|'re|’re| are|'ve|’ve| have)?(?: also)? attach(?:ing|ed)?"
    r"|(?:is|are|file|document|invoice|photo|screenshot|manual|copy|pdf)(?: \w+)? attached"
    r"|attached (?:is|are|you will find|please find|file|document|invoice)"
    r"|please find enclosed|enclosed (?:is|are|you will find)"
    r"|in the attachment"
    r")\b",
    re.I,
)
_NOT_OURS = re.compile(
    # What they attached, should attach, or could.
    r"\b(?:вы|вами|ваш\w*|клиент\w*|вам[иі]?\s+прикреп\w*)\b.{0,40}(?:вложен|прикреп|прилож|прилаг)"
    r"|(?:прикрепили|приложили)\s+вы\b"
    r"|\b(?:прикрепите|приложите|пришлите|вышлите|отправьте|прислать|приложить|прикрепить|добавьте"
    r"|направьте|ответьте)\b"
    r"|\b(?:you|your|you've|they|customer)\b.{0,25}attach"
    r"|\b(?:please|could you|can you|kindly|to)\s+(?:also\s+)?(?:attach|send)\b"
    # What was attached another time, or is not.
    r"|\b(?:если|когда|ранее|раньше|прошл\w+|предыдущ\w+|уже|вчера|кроме|без)\b"
    r"|\bне\s+(?:во вложени|прикреп|прилож|прилага|приклад)"
    r"|\b(?:if|when|unless|earlier|previous\w*|last|already|yesterday|before|without)\b"
    r"|\b(?:not|wasn't|weren't|isn't|no)\b.{0,12}attach"
    # Things that hang on other things.
    r"|прикреплен\w*\s+(?!файл|скан|фото|документ|счет|к (?:письму|ответу|сообщению|этому))"
    r"(?:к|за|на|болт|винт|менеджер|специалист)\b"
    r"|приложил\w*\s+(?:\w+\s+)?усили|приложен\w*\s+(?:\w+\s+)?усили"
    r"|attached\s+(?:to|on|by|with)\s+(?!this|the (?:e-?mail|message|reply|letter)|my)"
    r"|физическ|курьер|почтой россии|по почте|отдельным письмом|by courier|separate",
    re.I,
)


def find_missing_file(draft: Draft) -> list[Finding]:
    """The first promise, when nothing is attached."""
    if draft.files:
        return []
    text = draft.text.replace("ё", "е").replace("Ё", "Е")
    for start, sentence in _sentences(text):
        claim = _CLAIM.search(sentence)
        if claim is None or _NOT_OURS.search(sentence) or sentence.rstrip().endswith("?"):
            continue
        is_sending = re.match(r"высыла|отправля|направля", claim.group(), re.I)
        if is_sending and (draft.links or re.search(r"завтра|сегодня|вечером|http|@", sentence)):
            continue
        span = start + claim.start(), start + claim.end()
        return [Finding("attachment", draft.text[slice(*span)], *span)]
    return []


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    for match in _SENTENCE.finditer(text.replace("см. вложение", "см  вложение")):
        yield match.start(), match.group()
