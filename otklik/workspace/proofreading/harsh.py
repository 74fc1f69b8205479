"""Words that hurt: a short list, by stems, in both languages. Not a judge of tone."""

from __future__ import annotations

import re

from otklik.workspace.proofreading.findings import Draft, Finding

_RUSSIAN = (
    r"идиот\w*|дебил\w*|кретин\w*|придур\w*|дурак\w*|дура|дуры|тупиц\w*|бестолоч\w*|болван\w*"
    r"|мраз\w*|сволоч\w*|ублюд\w*|скотин\w*|хамло|хамите|хамить"
    r"|заткни\w*|отвали\w*|отстань\w*|достали(?=\s+(?:уже|вы|своими|с вашими))|задолбал\w*"
    r"|наплевать|плевать|чушь|чуши|бред|бреда|бредовый"
    r"|не мо[ия] проблем[аы]|не наш[аи] проблем[аы]|ваши проблемы|сам[иа]? виноват\w*"
    r"|руки(?:\s+у\s+вас)?\s+не\s+оттуда|читать не умеете|вы вообще читаете|включите мозг\w*"
    r"|(?:на|по|за|до)?ху[йяеи]\w*|пизд\w*|еб[ауил]\w*|ебан\w*|бля|бляд\w*|блят\w*|муда\w{1,3}"
    r"|гандон\w*|говн\w*|жоп\w*|нахер|нахрен|на хрен|хренов\w*|хреново|дерьм\w*"
)
_ENGLISH = (
    r"idiot\w*|moron\w*|stupid(?:ity)?|dumb|imbecile\w*|fool(?:s|ish)?|loser\w*"
    r"|shut up|screw you"
    r"|fuck\w*|shit\w*|bullshit|asshole\w*|bastard\w*|bitch\w*|crap|damn(?:ed)?|wtf"
    r"|not (?:my|our) problem|your own fault|you are (?:lying|a liar)"
    r"|can't you read|learn to read|are you blind"
)
_HARSH = re.compile(rf"(?<![\w-])(?:{_RUSSIAN}|{_ENGLISH})(?![\w-])", re.I)
# Words that merely look so: "dumb waiter", "дура" of nobody, a foolproof thing.
_HARMLESS = re.compile(
    r"dumb(?:\s+terminal|waiter|bell)|stupid question|(?:my|our)\s+(?:own\s+)?stupid\w*"
    r"|защит\w+ от дурак\w*|не плевать|не наплевать|foolproof|shitake|shittim|fool.?s gold"
    r"|не сами виноваты|не вы сами виноваты",
    re.I,
)
_SAID_BY_OTHERS = re.compile(r"«[^«»\n]{0,300}»|“[^“”\n]{0,300}”|\"[^\"\n]{0,300}\"")


def find_harsh_words(draft: Draft) -> list[Finding]:
    """Each once; what is quoted is somebody else's."""
    text = draft.text.replace("ё", "е").replace("Ё", "Е")
    for pattern in (_SAID_BY_OTHERS, _HARMLESS):
        text = pattern.sub(lambda found: " " * len(found.group()), text)
    found: dict[str, Finding] = {}
    for match in _HARSH.finditer(text):
        quote = draft.text[match.start() : match.end()]
        found.setdefault(quote.casefold(), Finding("harsh", quote, *match.span()))
    return list(found.values())[:5]
