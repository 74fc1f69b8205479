"""How mail programs introduce what they quote: the words, by language and by program.

Written down from what the programs produce; a line here is a habit, not a rule of any standard.
"""

from __future__ import annotations

import re

# Verbs that end an attribution: "On Fri, … Olga wrote:", "… Ольга пишет:".
_WROTE = (
    r"wrote|writes|said|написал(?:\(а\)|а|и)?|пишет|писал(?:\(а\)|а)?|сообщил(?:\(а\)|а)?|"
    r"написав(?:ла)?|пише|напісаў|schrieb(?:en)?|geschrieben|a [ée]crit|[ée]crivait|escribi[óo]|"
    r"escreveu|"
    r"ha scritto|scrisse|napisał(?:\(a\)|a)?|pisze|schreef|heeft geschreven|skrev|skriver|"
    r"kirjoitti|napsal(?:\(a\)|a)?|nap[íi]sal(?:\(a\)|a)?|"
    r"[ií]rta|yazdı|έγραψε|a scris|написа|je napisao"
)
WROTE_AT_END = re.compile(
    rf"(?:^|[\s>\"»)])(?:{_WROTE})"
    r"(?:\s+(?:am|on|le|el|il|em|op|den|w dniu)\b[^\n]{0,80})?\s*[:：]\s*$",
    re.IGNORECASE,
)
# German and Polish put the verb in the middle: "Am 20.11.2026 um 12:30 schrieb Olga <o@x>:".
WROTE_INSIDE = re.compile(
    r"^(?:am|le|on|el|il|em|op|den|dne|w dniu|dnia|в)\s.{4,200}\b(?:schrieb|a [ée]crit|wrote|"
    r"escribi[óo]|ha scritto|escreveu|schreef|skrev|napisał(?:\(a\)|a)?|napsal)\b.{0,200}:\s*$",
    re.IGNORECASE,
)
MONTHS = (
    r"янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|квіт|трав|черв|лип|серп|вер|жовт|"
    r"лист|груд|jan|feb|mar|m[äa]r|apr|avr|abr|ma[iy]|jun|juin|jul|juil|ago|aug|ao[ûu]|sep|set|oct|okt|"
    r"out|ott|nov|d[eéi][czs]|gen|mag|giu|lug|sty|lut|kwi|cze|lip|sie|wrz|pa[źz]|lis|gru"
)
DATE = re.compile(
    rf"\b\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}\b|\b\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}}\b|"
    rf"\b\d{{1,2}}(?:st|nd|rd|th|\.)?(?: de| of)? (?:{MONTHS})\w*\.?,?(?: de)? \d{{4}}|"
    rf"\b(?:{MONTHS})\w*\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|"
    rf"\d{{4}}\s?年\s?\d{{1,2}}\s?月",
    re.IGNORECASE,
)
TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
ADDRESS = re.compile(r"[^\s<>\"'()]+@[^\s<>\"'()]+\.[^\s<>\"'()]+")
# Mail.ru: "Пятница, 20 ноября 2026, 12:30 +03:00 от Ольга <o@x>:".
FROM_AT_END = re.compile(r"\s(?:от|from|від)\s.{1,200}:\s*$", re.IGNORECASE)

# A line of its own above a copied header.
ORIGINAL = re.compile(
    r"^\s*[-_=*]{2,}\s*(?:original message|original appointment|исходное сообщение|"
    r"исходное письмо|пользователь написал|"
    r"ursprüngliche nachricht|message d'origine|message d’origine|mensaje original|"
    r"messaggio originale|mensagem original|oorspronkelijk bericht|wiadomość oryginalna|"
    r"oryginalna wiadomość|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|"
    r"alkuperäinen viesti|původní zpráva|вихідне повідомлення|reply message|reply original|"
    r"конец исходного сообщения)\s*[-_=*]{2,}\s*(?:(?:from|от|von|de|da|van)\s*:.{0,2000})?$",
    re.IGNORECASE,
)
FORWARD = re.compile(
    r"^\s*(?:[-_=*]{2,}\s*)?(?:forwarded message|begin forwarded message|пересылаемое сообщение|"
    r"пересланное сообщение|перенаправленное сообщение|переадресованное сообщение|"
    r"начало переадресованного сообщения|начало пересылаемого сообщения|пересылаемое письмо|"
    r"weitergeleitete nachricht|anfang der weitergeleiteten nachricht|message transf[ée]r[ée]|"
    r"début du message réexpédié|mensaje reenviado|inicio del mensaje reenviado|"
    r"messaggio inoltrato|inizio messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|"
    r"wiadomość przekazana|przekazana wiadomość|treść przekazanej wiadomości|"
    r"vidarebefordrat meddelande|videresendt melding|переслане повідомлення)\s*:?"
    r"\s*(?:от [^:]{1,60}:?|[-_=*]{2,})?\s*:?\s*$",
    re.IGNORECASE,
)
FORWARD_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|пересл|переслано|wg|tr|rv|i|enc|doorst|vs|vb|pd|fs)\s*:",
    re.IGNORECASE,
)
# A copied header: at least three of these labels in a row, the first being "from" or a date.
_FROM = "from|от|от кого|von|de|da|van|od|från|fra|lähettäjä|від|kimden|expéditeur|mittente"
_SENT = (
    "sent|date|отправлено|дата|послано|gesendet|datum|envoyé|date d'envoi|enviado|enviado el|fecha|"
    "data|inviato|verzonden|wysłano|wysłane|skickat|sendt|dato|lähetetty|odesláno|надіслано|"
    "дата отправления|gönderme tarihi"
)
_TO = "to|кому|an|à|a|para|aan|do|till|til|vastaanottaja|komu|кому|kime|destinataire"
_SUBJECT = (
    "subject|тема|betreff|objet|asunto|oggetto|assunto|onderwerp|temat|ämne|emne|aihe|předmět|konu"
)
_OTHER = (
    "cc|copy|копия|копія|kopie|kopia|reply-to|importance|важность|priority|attachments|вложения"
)
HEADER_START = re.compile(rf"^[\s*_>]*(?:{_FROM}|{_SENT})[*_]*\s*[:：][*_]*\s*\S", re.IGNORECASE)
HEADER_LINE = re.compile(
    rf"^[\s*_>]*(?P<label>{_FROM}|{_SENT}|{_TO}|{_SUBJECT}|{_OTHER})[*_]*\s*[:：]", re.IGNORECASE
)
HEADER_ANCHOR = re.compile(rf"^[\s*_>]*(?:{_SENT}|{_SUBJECT})[*_]*\s*[:：]", re.IGNORECASE)

RULE = re.compile(r"^\s*(?:_{5,}|-{5,}|={5,}|\*{5,}|—{3,})\s*$")

# The last line a phone or a program adds by itself.
SENT_FROM = re.compile(
    r"^\s*(?:[-–—_*>]{1,3}\s*)?(?:sent (?:from|via|with|using) (?:my |the |an? )?\S.{0,60}|"
    r"get outlook for (?:ios|android)\S*(?:\s?<\S+>)?|"
    r"(?:отправлено|послано|написано) (?:с|со|из|через|от|при помощи) (?:моего |мобильно|"
    r"iphone|ipad|"
    r"android|смартфон|телефон|устройств|samsung|huawei|honor|xiaomi|redmi|realme|планшет|"
    r"яндекс|почты|mail|"
    r"outlook|приложени|myмail|mymail|blackberry|windows|«почт|proton|gmail|спарк|spark).{0,80}|"
    r"отправлено из (?:мобильного приложения )?.{0,20}(?:почт|outlook|mail|gmail|mymail).{0,40}|"
    r"скачать outlook для (?:ios|android)\S*(?:\s?<\S+>)?|надіслано з .{2,40}|"
    r"(?:von meinem|gesendet (?:von|mit)) .{2,60}|"
    r"outlook für (?:ios|android) (?:beziehen|herunterladen)\S*|"
    r"envoy[ée] (?:de mon|depuis|à partir de|avec) .{2,60}|"
    r"enviado (?:desde|do|de|con) (?:mi |meu )?.{2,60}|"
    r"inviato (?:da|dal mio|con) .{2,60}|verzonden (?:vanaf|met|via) .{2,60}|"
    r"verstuurd vanaf .{2,60}|"
    r"wysłan[eo] z .{2,60}|skickat från (?:min )?.{2,60}|sendt fra (?:min )?.{2,60}|"
    r"lähetetty .{2,60}|odesláno z .{2,60})\s*$",
    re.IGNORECASE,
)
