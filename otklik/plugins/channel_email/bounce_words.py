"""Hard, soft or refused: what codes and words of delivery reports mean.

Codes say little and words contradict them (a full mailbox is 5.2.2, a permanent failure by RFC 3463
that mends itself by tomorrow), so the words of the server are asked first, then its codes. Phrases
were collected from the answers of Postfix, Exim, Sendmail, qmail, Exchange, Gmail, Yandex, Mail.ru,
Rambler, Yahoo, iCloud, Domino and CommuniGate in their usual languages.
"""

from __future__ import annotations

import re

from otklik.channels.contract import BounceKind

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[ \-:#]|$)", re.MULTILINE)


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_FULL = _any(
    r"mailbox (?:is )?(?:full|over|exceed|has exceeded|size limit)",
    r"(?:over|out ?of|exceed\w*|disk|storage|size)[ -]?(?:the )?(?:mail\w* )?(?:quota|storage)",
    r"quota (?:exceeded|full|is full)|quotaexceeded|mbox_full|inbox is full",
    r"insufficient (?:system |disk |mailbox )?(?:storage|space|quota)",
    r"ящик (?:\S+ )?(?:переполнен|заполнен|полон)|переполнен\w* (?:почтов\w+ )?ящик",
    r"превышен\w* (?:квот|лимит|размер (?:почтов\w+ )?ящика)|квота\b.{0,30}(?:превышен|исчерпан)",
    r"недостаточно (?:свободного )?места",
    r"(?:postfach|mailbox)\b.{0,30}(?:voll|überfüllt|überschritten)|speicherplatz",
    r"bo[iî]te (?:aux lettres|de réception).{0,30}(?:pleine|saturée)|quota (?:est )?dépassé",
    r"buz[oó]n.{0,20}(?:lleno|llena)|casella.{0,20}piena|skrzynk\w+.{0,20}(?:pełna|przepełnion)",
)
_LATER = _any(
    r"gr[ea]y ?-?list|try (?:again )?later|, try again\b|temporar|deferred|"
    r"too many connections|rate ?limit",
    r"connection (?:timed out|refused|reset)|no route to host|host (?:is )?unreachable|timed out",
    r"could ?n[o']t (?:establish|connect)|unable to connect|lost connection|server (?:is )?busy",
    r"retry time(?:out)? (?:not reached|exceeded)|message (?:too old|expired)|delivery expired",
    r"попробуйте (?:ещё|еще|повторить)? ?(?:раз )?позже|временн|не отвечает|истекло время",
    r"vorübergehend|später (?:noch einmal|erneut)|temporairement|réessayer plus tard",
)
_UNWANTED = _any(
    r"spam|blocked|block ?list|black ?list|policy|reputation|dnsbl|rbl\b|spamhaus|barracuda",
    r"dmarc|spf\b.{0,30}(?:fail|reject)|dkim\b.{0,30}fail|unauthenticated|not accepted due to",
    r"content (?:rejected|denied)|message (?:rejected|refused|was rejected|has been rejected)",
    r"too (?:large|big)|exceeds.{0,30}size|size limit|virus|malware|attachment.{0,20}not allowed",
    r"not (?:allowed|authorized|authorised|permitted) to (?:send|relay)|relay(?:ing)? denied",
    r"cпам|спам|заблокирован\w* (?:отправител|письм)|ч[её]рн\w+ спис|политик",
    r"слишком (?:большо|велик)|превышает допустим",
    r"richtlinie|abgelehnt wegen|unerwünscht|zu groß|indésirable|rejeté\b.{0,40}politique",
)
_UNKNOWN = _any(
    r"(?:user|recipient|mailbox|address|account|addressee)\b.{0,40}?(?:unknown|not ?found|invalid)",
    r"(?:unknown|no such|invalid|bad|nonexistent|non-existent)\b.{0,20}?"
    r"(?:user|recipient|mailbox|address|account|domain|host)",
    r"(?:user|mailbox|address|account|recipient|email|e-mail)\b.{0,60}?"
    r"(?:does ?n[o']t exist|do(?:es)? not exist|not exist|isn't available|is unavailable|disabled|"
    r"couldn't be found|could not be found|wasn't found|no longer|deactivated|inactive|suspended|"
    r"not listed|has been closed|is not active|terminated)",
    r"(?:doesn't|does not) have an? .{0,40}account|no mailbox here|not our customer",
    r"address (?:not found|rejected: access denied)|user doesn't|nosuchuser|recipnotfound",
    r"(?:host|domain)\b.{0,40}?(?:not found|does not exist|unknown)|null ?mx|nxdomain",
    r"couldn't find any host|name or service not known|this address no longer accepts mail",
    r"(?:пользовател\w*|получател\w*|адрес\w*|ящик\w*|аккаунт\w*|домен\w*)\b.{0,40}?"
    r"(?:не найден|не существует|не обнаружен|отсутствует|удал[её]н|заблокирован|отключ[её]н)",
    r"не найден\w* (?:пользовател|получател|адрес|ящик)|нет такого (?:пользовател|ящик|адрес)",
    r"unroute?able (?:address|mail domain)|"
    r"несуществующ|неизвестн\w+ (?:пользовател|получател|адрес)|ящик не активен",
    r"(?:empfänger|benutzer|adresse|postfach)\b.{0,40}?(?:unbekannt|nicht gefunden|existiert nicht|"
    r"konnte nicht gefunden)|unbekannter (?:empfänger|benutzer)",
    r"(?:destinataire|adresse|utilisateur|compte)\b.{0,40}?(?:inconnue?|n'existe pas|introuvable)",
    r"(?:usuario|destinatario|direcci[oó]n)\b.{0,40}?(?:desconocid|no existe|no se encontr)",
    r"(?:utente|indirizzo)\b.{0,30}?(?:sconosciut|inesistente|non esiste)",
    r"(?:użytkownik|adres)\b.{0,30}?(?:nieznany|nie istnieje)",
)
_DELAYED = _any(
    r"delivery (?:status notification )?\(?(?:delay|incomplete)|still (?:being )?(?:re)?tr",
    r"delayed|not yet been delivered|has not been delivered yet|will (?:keep|continue) tr|"
    r"no action is required|warning message only|do not need to resend",
    r"доставка (?:письма )?(?:задерж|отложен)|пока не (?:удалось )?достав|попытки.{0,30}продолж",
    r"ещё не доставлен|еще не доставлен|verzögert|noch nicht zugestellt|différée|retardée",
)
# The standard words of 550 and of 450 (RFC 5321 §4.2.3): the code beside them decides.
_UNAVAILABLE = re.compile(r"(?:mailbox|user|recipient) (?:is )?unavailable", re.IGNORECASE)
_DEAD = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1), (4, 1), (7, 17)})


def is_only_delayed(words: str) -> bool:
    """Whether a report says that the server goes on trying."""
    return bool(_DELAYED.search(words))


def read_status(words: str) -> str:
    """The first enhanced status code (RFC 3463) in a text, "" without one; 2.x.x does not count."""
    for found in _STATUS.finditer(words):
        if found[1] != "2":
            return found[0]
    return ""


def judge(words: str, *, status: str = "", action: str = "") -> BounceKind:
    """What became of one recipient. ``action`` as in RFC 3464 §2.3.3, "" where none is given."""
    action = action.lower()
    if action in {"delivered", "relayed", "expanded"}:
        return BounceKind.DELIVERED
    if action == "delayed":
        return BounceKind.DELAYED
    if _FULL.search(words):
        return BounceKind.SOFT
    by_code = _by_code(status or read_status(words))
    if _UNAVAILABLE.search(words) and not _UNWANTED.search(words):
        by_answer = by_code if by_code is BounceKind.SOFT else _by_reply(words)
        if by_answer in {BounceKind.SOFT, BounceKind.HARD}:
            return by_answer
    if _UNKNOWN.search(words) and not (by_code is BounceKind.SOFT and _LATER.search(words)):
        return BounceKind.HARD
    if _UNWANTED.search(words):
        return BounceKind.REFUSED
    if _LATER.search(words):
        return BounceKind.SOFT
    return by_code or _by_reply(words) or BounceKind.SOFT


def _by_code(status: str) -> BounceKind | None:
    found = _STATUS.match(status.strip())
    if found is None:
        return None
    if found[1] == "4":
        return BounceKind.SOFT
    subject, detail = int(found[2]), int(found[3])
    if (subject, detail) == (0, 0):
        return None
    if (subject, detail) in _DEAD:
        return BounceKind.HARD
    if subject in {5, 6, 7} or (subject, detail) in {(1, 7), (1, 8), (2, 3), (3, 4)}:
        return BounceKind.REFUSED
    return BounceKind.HARD if subject == 1 else BounceKind.SOFT


def _by_reply(words: str) -> BounceKind | None:
    """By the reply code of SMTP (RFC 5321 §4.2.3) where no better one was given."""
    for found in _REPLY.finditer(words):
        code = int(found[1])
        if code in {550, 551, 553}:
            return BounceKind.HARD
        if code in {554, 555, 571}:
            return BounceKind.REFUSED
        if code == 552 or 420 <= code < 500:
            return BounceKind.SOFT
    return None
