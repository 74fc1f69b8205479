"""The header of the old message copied into a reply: From, Sent, To, Subject in any language."""

from __future__ import annotations

import re

from .attributions import ADDRESS, is_dated

_LOOKED_AT = 16  # lines
_LABELS: dict[str, str] = {
    "from": (
        "from|от|от кого|отправитель|від|від кого|ад|ад каго|von|absender|de|expéditeur|da|"
        "mittente|remetente|remitente|van|afzender|od|nadawca|odesílatel|odosielateľ|från|"
        "avsändare|fra|afsender|avsender|lähettäjä|feladó|kimden|gönderen|από|de la|expeditor|"
        "кімнен|жіберуші|kimdən|kimdan|ումից|გამომგზავნი|จาก|dari|از|от|подател|шаље|од|пошиљалац|pošiljatelj|pošiljalac|saatja|no|sūtītājs|nuo|siuntėjas|"
        "发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|מאת|من|từ"
    ),
    "sent": (
        "sent|date|sent on|date sent|отправлено|дата|послано|отправлен|дата отправки|"
        "дата отправления|когда|надіслано|дата надсилання|адпраўлена|gesendet|gesendet am|datum|"
        "envoyé|envoyé le|date d'envoi|enviado|enviado el|enviado em|enviada|enviada em|fecha|"
        "fecha de envío|data|data de envio|inviato|data invio|verzonden|wysłano|wysłane|"
        "data wysłania|skickat|skickades|sendt|dato|lähetetty|päivämäärä|pvm|odesláno|odoslané|"
        "elküldve|küldve|dátum|gönderme tarihi|gönderildi|tarih|στάλθηκε|ημερομηνία|απεστάλη|"
        "trimis|dată|изпратено|послато|датум|poslano|poslato|saadetud|kuupäev|nosūtīts|datums|"
        "išsiųsta|发送时间|发送日期|日期|时间|寄件日期|送信日時|日時|日付|보낸 날짜|날짜|"
        "נשלח|תאריך|تاريخ|đã gửi|ngày|жіберілді|жіберілген|күні|göndərildi|göndərilib|yuborildi|"
        "ուղարկված է|გაგზავნილია|თარიღი|ส่งเมื่อ|วันที่|dikirim|tanggal|تاريخ الإرسال|ارسال شده|"
        "تاریخ"
    ),
    "to": (
        "to|кому|получатель|каму|an|empfänger|à|a|para|aan|do|dla|komu|till|til|vastaanottaja|"
        "címzett|kime|alıcı|προς|către|catre|до|за|прима|коме|prima|za|kam|saaja|adresaat|kellele|"
        "kam|komu|kam|gavėjas|kam|收件人|收件者|宛先|받는 사람|받는사람|אל|إلى|đến|destinataire|"
        "кімге|алушы|kimə|kimga|ում|მიმღები|ถึง|kepada|به|"
        "destinatario|destinatário|per"
    ),
    "cc": (
        "cc|bcc|копия|копія|копии|копія|kopie|kopia|kopi|kopio|másolat|bilgi|κοιν|κοινοποίηση|"
        "копие|копија|kopija|koopia|copie|copia|cópia|c\\.c\\.|дк|kopija|抄送|副本|參照|참조|עותק|نسخة|"
        "kopie \\(cc\\)|kópia|dw|көшірме|көшірмесі|surət|nusxa|สำเนา|tembusan"
    ),
    "subject": (
        "subject|тема|предмет|тэма|betreff|objet|sujet|asunto|oggetto|assunto|onderwerp|temat|"
        "ämne|emne|aihe|předmět|predmet|tárgy|konu|θέμα|subiect|относно|наслов|naslov|teema|temats|"
        "tēma|tema|主题|主旨|主題|件名|제목|тақырып|"
        "тақырыбы|mövzu|mavzu|թեմա|თემა|เรื่อง|subjek|perihal|נושא|موضوع|الموضوع|chủ đề"
    ),
    "other": (
        "reply-to|reply to|importance|важность|priority|attachments|attachment|вложения|вложение|"
        "anlagen|antwort an|priorität|pièces jointes|adjuntos|datos adjuntos|allegati|anexos|"
        "bijlagen|załączniki|přílohy|bilagor|vedhæftede filer|vedlegg|liitteet|organization|"
        "организация|wichtigkeit|importancia|priorità|附件|添付ファイル|첨부"
    ),
}
_KIND_OF = {
    label.replace("\\", ""): kind for kind, labels in _LABELS.items() for label in labels.split("|")
}
_LONGEST = max(len(label) for label in _KIND_OF)
_LABEL = re.compile(
    rf"[\s*_>•\u202a-\u202e]{{0,12}}([^\W\d][^:：\n*_]{{0,{_LONGEST + 1}}}?)"
    r"[*_\s]{0,4}[:：]"
)
_ANY_LABEL = re.compile(
    r"[*_]{0,2}[^\W\d_][^\s:@<>]{0,24}(?: [^\s:@<>]{1,16}){0,2}[*_]{0,2}\s?[:：][*_]{0,2}\s*\S"
)
RULE = re.compile(r"\s*+(?:_{5,}+|-{5,}+|={5,}+|\*{5,}+|—{3,}+|─{3,}+)\s*+$")
_RFC_DATE = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
_TIME = re.compile(r"(?<![\d.])\d{1,2}[:.]\d{2}(?![\d.]\d|\d)")
_RUN_TOGETHER = re.compile(
    r"(?<!\S)((?:[^\s:：<>@]{1,20}\s){0,2}[^\s:：<>@*]{1,20})\*{0,2}\s?[:：](?=\s)"
)
_LONE_LABEL = re.compile(r"\s*(to|cc|subject|кому|копия|тема|an|kopie|thema|bcc|fax to)\s*$", re.I)


def label_kind(line: str) -> str:
    """Which field of a header a line begins with: from, sent, to, cc, subject, other or ""."""
    found = _LABEL.match(line[:80])
    return _KIND_OF.get(" ".join(found[1].lower().split()), "") if found else ""


def header_end(lines: list[str], start: int) -> int:
    """The line after a copied header that begins at ``start``, 0 when there is none.

    Values may be wrapped. Who it is from and two more fields are demanded, and an address or a
    date in them: people, too, write "От: …" and "Тема: …".
    """
    if label_kind(lines[start]) in ("", "cc", "other"):
        return 0
    kinds: set[str] = set()
    last = start
    first = lines[start][:600]
    if _is_whole(kinds_within(first)) and ADDRESS.search(first) and _TIME.search(first):
        return start + 1
    for index in range(start, min(len(lines), start + _LOOKED_AT)):
        line = lines[index][:600]
        kind = label_kind(line)
        if kind:
            if kind == "from" and "from" in kinds and len(kinds) >= 3:
                break
            kinds.add(kind)
            last = index
        elif not line.strip():
            if _is_whole(kinds):
                break
            if index - last > 2:
                return 0
        elif index - last > (3 if kinds & {"to", "cc"} else 2) or (
            _is_whole(kinds) and last == index - 1 and not _continues(line)
        ):
            break
    if not _is_whole(kinds) and not _is_short(kinds, lines[start : last + 1]):
        return 0
    block = "\n".join(line[:600] for line in lines[start : last + 1])
    is_proven = ADDRESS.search(block) or (is_dated(block) and _TIME.search(block))
    return last + 1 if is_proven else 0


def kinds_within(line: str) -> set[str]:
    """The fields of a header whose lines ran together: "From: … Sent: … To: … Subject: …"."""
    kinds = set()
    for found in _RUN_TOGETHER.finditer(line):
        words = found[1].lower().split()
        for count in range(1, min(3, len(words)) + 1):
            kind = _KIND_OF.get(" ".join(words[-count:]))
            if kind:
                kinds.add(kind)
    return kinds


def _is_whole(kinds: set[str]) -> bool:
    return "from" in kinds and len(kinds & {"from", "sent", "to", "subject"}) >= 3


def _is_short(kinds: set[str], block: list[str]) -> bool:
    """Two fields that no hand wrote: an address beside a moment, or a date of a machine's."""
    if {"sent", "to"} <= kinds and any(_RFC_DATE.search(line[:200]) for line in block):
        return True
    is_proven = any(ADDRESS.search(line[:300]) for line in block) and any(
        _TIME.search(line[:300]) and is_dated(line[:300]) for line in block
    )
    return {"from", "sent"} <= kinds and len(block) == 2 and is_proven


def _continues(line: str) -> bool:
    return line[:1] in " \t" or ";" in line or "@" in line


def unknown_header_end(lines: list[str], start: int) -> int:
    """As ``header_end`` for labels of a language nobody listed; asked only below a separator."""
    index = start
    while index < min(len(lines), start + 10) and _ANY_LABEL.match(lines[index][:200]):
        index += 1
    block = "\n".join(line[:600] for line in lines[start:index])
    return index if index - start >= 3 and ADDRESS.search(block) else 0


def lotus_header_end(lines: list[str], start: int) -> int:
    """Lotus Notes writes To, cc and Subject on lines of their own, the values below them."""
    if not _LONE_LABEL.match(lines[start][:20]):
        return 0
    labels = []
    last = start
    for index in range(start, min(len(lines), start + _LOOKED_AT)):
        found = _LONE_LABEL.match(lines[index][:20])
        if found:
            labels.append(found[1].lower())
            last = index
    is_header = len(set(labels)) >= 3 and labels[-1] in {"subject", "тема", "thema"}
    return min(len(lines), last + 3) if is_header else 0
