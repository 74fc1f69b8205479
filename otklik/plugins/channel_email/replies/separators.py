"""Lines that a program sets between the new text and the old, and what marks a forward."""

from __future__ import annotations

import re

_DASHES = r"[-_=*‐‑‒–—~+>]{2,}+"
_ORIGINAL = (
    r"original message|original appointment|original email|reply message|message original|"
    r"исходное сообщение|исходное письмо|оригинальное сообщение|оригинал сообщения|"
    r"первоначальное сообщение|пользователь написал|вихідне повідомлення|оригінальне повідомлення|"
    r"початкове повідомлення|зыходнае паведамленне|"
    r"ursprüngliche nachricht|antwort nachricht|originalnachricht|original-nachricht|"
    r"ursprüngliche e-mail|"
    r"message d['’]origine|message initial|mensaje original|messaggio originale|"
    r"mensagem original|oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|"
    r"wiadomość oryginalna|oryginalna wiadomość|pierwotna wiadomość|"
    r"ursprungligt meddelande|originalmeddelande|oprindelig meddelelse|oprindelig besked|"
    r"original meddelelse|"
    r"opprinnelig melding|alkuperäinen viesti|původní zpráva|původní e-mail|pôvodná správa|"
    r"eredeti üzenet|orijinal mesaj|orijinal ileti|özgün ileti|αρχικό μήνυμα|mesaj original|"
    r"mesajul original|оригинално съобщение|изворна порука|оригинална порука|originalna poruka|"
    r"izvorna poruka|algne kiri|algne sõnum|oriģinālā ziņa|sākotnējais ziņojums|"
    r"originalus laiškas|pradinis pranešimas|"
    r"原始邮件|原始郵件|原邮件|元のメッセージ|原始信件|"
    r"original-message|원본 메일|원본 메시지|הודעה מקורית|"
    r"الرسالة الأصلية|tin nhắn gốc|thư gốc"
)
ORIGINAL = re.compile(
    rf"\s*{_DASHES}\s*(?:{_ORIGINAL})\s*{_DASHES}\s*(?P<rest>\S.{{0,2000}})?$", re.IGNORECASE
)
# BlackBerry centres the words with spaces; a copied header must follow.
BARE_ORIGINAL = re.compile(rf"\s*\*?(?:{_ORIGINAL})\*?\s*:?\s*$", re.IGNORECASE)
_FORWARD = (
    r"forwarded message|begin forwarded message|forwarded by .{1,60}|forwarded mail|"
    r"forwarded (?:e-?mail|letter)|start of forwarded message|"
    r"пересылаемое сообщение|пересланное сообщение|перенаправленное сообщение|"
    r"переадресованное сообщение|начало переадресованного сообщения|"
    r"начало пересылаемого сообщения|пересылаемое письмо|пересланное письмо|"
    r"начало пересланного сообщения|переслане повідомлення|початок переадресованого листа|"
    r"пераадрасаванае паведамленне|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|"
    r"anfang der weitergeleiteten e-mail|message transf[ée]r[ée]|début du message réexpédié|"
    r"début du message transféré|courriel transféré|mensaje reenviado|"
    r"inicio del mensaje reenviado|messaggio inoltrato|inizio messaggio inoltrato|"
    r"inizio del messaggio inoltrato|mensagem encaminhada|mensagem reencaminhada|"
    r"início da mensagem (?:encaminhada|reencaminhada)|doorgestuurd bericht|"
    r"begin doorgestuurd bericht|wiadomość przekazana|przekazana wiadomość|"
    r"treść przekazanej wiadomości|początek przekazywanej wiadomości|"
    r"vidarebefordrat meddelande|vidarebefordrat mejl|vidaresänt meddelande|videresendt melding|"
    r"videresendt besked|videresendt meddelelse|start på videresendt besked|"
    r"välitetty viesti|välitetty viesti alkaa|přeposlaná zpráva|preposlaná správa|"
    r"továbbított (?:üzenet|levél)|yönlendirilen (?:ileti|mesaj)|iletilmiş mesaj|"
    r"προωθημένο μήνυμα|mesaj redirecționat|mesaj redirectionat|препратено съобщение|"
    r"прослеђена порука|proslijeđena poruka|prosleđena poruka|edastatud kiri|edastatud sõnum|"
    r"pārsūtīta ziņa|pārsūtītais ziņojums|persiųstas laiškas|转发邮件信息|转发的邮件|轉寄郵件|"
    r"転送メッセージ|전달된 메일|қайта жіберілген (?:хабар|хат)|басқаға жіберілген хат|"
    r"forwarded message follows"
)
FORWARD = re.compile(
    rf"\s*(?:{_DASHES}\s*)?(?:{_FORWARD})\s*:?\s*(?:(?:от|from) [^:]{{1,60}}:?)?"
    rf"\s*(?:{_DASHES})?\s*:?\s*$",
    re.IGNORECASE,
)
_MARKED = r"\s*(?:\[[^\]]{1,40}\]\s*)?"
FORWARD_SUBJECT = re.compile(
    rf"{_MARKED}(?:fwd?|пересл|переслано|пер|wg|tr|rv|i|enc|doorst|vs|vb|vl|pd|fs|ilt|i̇lt|"
    rf"转发|轉寄|転送|전달|továbbítás|προωθ|přeposl|пд|rfwd)\s*[:：]",
    re.IGNORECASE,
)
DASHED = re.compile(r"\s*-{2,}+\s*([^-].{10,200}?)\s*-{2,}\s*$")
REPLY_SUBJECT = re.compile(
    rf"{_MARKED}(?:re|aw|sv|antw|ha|на|отв|ответ|відп|r|rif|res|odp|ynt|vs|vá|απ|σχετ|ats|atb|"
    rf"жауап|жб|bls|cvp|cevap|svar|odg|răsp|resp|rép|rsp|re ?\(\d+\)|回复|回覆|答复|返信|답장|回信|"
    r"re\[\d+\]|re\^\d+)\s*[:：]",
    re.IGNORECASE,
)
# "VS:" answers in Finnish and forwards in Danish and Norwegian.
FINNISH_REPLY = re.compile(r"\s*vs\s*:", re.IGNORECASE)
FINNISH = re.compile(r"(?:lähettäjä|vastaanottaja|aihe)\s*:|kirjoitti", re.IGNORECASE)

# GroupWise sets sender and date between marks, and nothing before the lines below.
GROUPWISE = re.compile(r">>>\s[^>\n]{2,120}(?:<[^>\n]{3,120}>)?[^>\n]{4,80}>>>\s*$")
# What ticket systems set above their letters; everything below was not written now.
REPLY_ABOVE = re.compile(
    r"[\s>*#=_\-‐–—]*+(?:please[, ]+)?(?:(?:type|enter|write|add|send|include) (?:your )?"
    r"(?:reply|response|answer|comment)s?|reply|respond|ответьте|отвечайте|"
    r"(?:пожалуйста[, ]+)?(?:введите|напишите|пишите|наберите|укажите|оставьте) (?:ваш |свой )?"
    r"(?:ответ|комментарий)|(?:ваш )?ответ пишите|(?:будь ласка[, ]+)?(?:введіть|напишіть) "
    r"(?:вашу )?відповідь|(?:bitte )?(?:antworten sie|ihre antwort|schreiben sie ihre antwort)|"
    r"(?:veuillez )?(?:saisir|écrire|répondre|tapez|saisissez)(?: votre réponse)?|"
    r"(?:por favor[, ]+)?(?:escriba|escribe|responda|digite)(?: (?:su|tu|sua) (?:respuesta|"
    r"resposta))?|"
    r"(?:proszę )?(?:odpowiedz|wpisz odpowiedź)|(?:typ|schrijf) (?:uw|je) (?:antwoord|reactie))"
    r"[\s,]+(?:above|выше|вище|oberhalb|über|au-dessus|ci-dessus|por encima|encima|arriba|acima|"
    r"powyżej|boven)[^.\n]{0,60}(?:line|лини|строк|черт|рядк|zeile|linie|ligne|línea|linha|linii|"
    r"lijn|regel|it|сообщени|письм)[^\n]{0,40}$",
    re.IGNORECASE,
)
# The customer says that the answers stand inside the old text, where no mark shows them.
ANSWERS_INSIDE = re.compile(
    r"(?:see|my|find|with)\s.{0,30}\b(?:answers?|comments?|repl(?:y|ies)|responses?)\b.{0,20}"
    r"\b(?:below|inline|in ?line|in red|in blue|in bold|in green|marked)\b|\bsee (?:below|"
    r"inline)\b|"
    r"\b(?:answer(?:s|ed)?|comments?|repl(?:y|ies|ied)|responses?)\b.{0,12}\b(?:below|inline|"
    r"in red|in blue|"
    r"in bold|in green|in the text)\b|\binline\b\s*[.:!]?\s*$|"
    r"(?:см\.?|смотри(?:те)?)\s*(?:ниже|в тексте|ответы|комментарии)|"
    r"(?:ответ\w*|коммент\w*|отвеча\w+|пометк\w*)\s.{0,30}(?:ниже|в тексте|внутри|красным|синим|"
    r"зел[её]ным|жирным|по тексту|цветом|курсивом)|(?:ниже|красным|синим|по тексту|"
    r"в тексте)\s.{0,20}"
    r"(?:ответ\w*|коммент\w*)|"
    r"\bsiehe (?:unten|inline)|antworten? (?:unten|inline|in rot|im text)|voir ci-dessous|"
    r"mes réponses|ver abajo|más abajo|vedi sotto|veja abaixo|patrz niżej|zie onder",
    re.IGNORECASE,
)


def is_forward_subject(subject: str, text: str) -> bool:
    if not FORWARD_SUBJECT.match(subject):
        return False
    return not (FINNISH_REPLY.match(subject) and FINNISH.search(text[:20_000]))
