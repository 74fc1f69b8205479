"""Lines that a phone, a program or a virus scanner adds below the words of its owner."""

from __future__ import annotations

import re

_MAX_LINE = 130
_MAX_WORDS = 14
_DEVICE = re.compile(
    r"i-?phon|i-?pad|ipod|айфон|айпад|android|андроид|samsung|galaxy|huawei|honor|xiaomi|redmi|"
    r"realme|\bpoco\b|"
    r"nokia|black\s?berry|\bpixel\b|oneplus|motorola|\bmoto\b|sony|xperia|\blg\b|htc|lenovo|"
    r"meizu|vivo|"
    r"smart-?phone|phone|смартфон|телефон|планшет|tablet|handy|mobil|мобильн|мобільн|рамблер|"
    r"typeapp|\bblue\b|shortwave|mailbutler|устройств|device|"
    r"outlook|gmail|hotmail|yahoo|\baol\b|rambler|mail\.ru|mail\.app|mymail|яндекс|yandex|proton|"
    r"\bspark\b|"
    r"\bwindows\b|mail for|superhuman|sparrow|mailbox|acompli|inbox\b|cloudmagic|missive|"
    r"mailbird|bluemail|aqua ?mail|k-9|"
    r"fairemail|tuta|zoho|thunderbird|canary|edison|airmail|the bat|postbox|newton|mailspring|"
    r"polymail|gmx|web\.de|1&1|t-online|orange|sfr|bell|verizon|t-mobile|at&t|cricket|"
    r"\bhey\b|vfemail|lavabit|mac\b|watch\b|apple",
    re.IGNORECASE,
)
# Before the device, or (with others) after it.
_SENT_BEFORE = re.compile(
    r"(?:sent (?:wirelessly )?(?:from|via|with|using|by|on)|composed (?:on|with|in)|"
    r"written (?:on|with) my|"
    r"(?:отправлено|послано|написано|отправил\w* |отослано|создано)\s(?:с|со|из|через|от|"
    r"при помощи|"
    r"с помощью|посредством|мобильно)(?=\s|$)|(?:надіслано|відправлено|надіслана) (?:з|із|"
    r"за допомогою|через)|"
    r"адпраўлена (?:з|праз)|gesendet (?:von|mit|über|aus)|von meinem|diese nachricht wurde von|"
    r"envoy[ée]e? (?:sans fil )?(?:de|par|depuis|à partir|avec|via)|télécharge[rz]|"
    r"enviad[oa] (?:desde|do|de|da|con|com|a partir|pelo|por|via)|inviato (?:da|dal|con|tramite)|"
    r"verzonden (?:vanaf|met|via|vanuit|van)|verstuurd (?:vanaf|met|via)|wysłan[eoay] (?:z|ze|"
    r"za pomocą)|"
    r"skickat (?:från|med)|skickades från|sendt (?:fra|med|via)|sent fra|lähetetty|odesl[aá]no z|"
    r"odoslané z|"
    r"poslano (?:s|sa|iz|z)|послато (?:са|с)|изпратено (?:от|с|чрез)|trimis (?:de pe|din|cu)|"
    r"küldve|elküldve|εστάλη|στάλθηκε|αποστολή|saadetud|nosūtīts no|išsiųsta (?:iš|naudojant)|"
    r"发自|發自|傳自|傳送自|从我的|從我的|gửi từ|được gửi từ|gönderildi|"
    r"get (?:the )?\w+ for|получить (?=[a-z]\w+ для (?:android|ios|windows|mac))|"
    r"скачать|скачайте|descarga|scarica|pobierz|hämta|hent|download)",
    re.IGNORECASE,
)
_SENT_AFTER = re.compile(
    r"(?:gesendet|gönderildi|gönderilmiştir|küldve|küldtem|"
    r"から送信|から送信されました|에서 보냄|에서 전송|发送|傳送|寄出|lähetetty|poslano|"
    r"enviado)\s*[.!]?\s*(?:<?https?://\S+>?)?$",
    re.IGNORECASE,
)
_OUTLOOK = re.compile(r"\boutlook\b.{0,24}\b(?:ios|android|mobile)\b", re.IGNORECASE)
_LEAD = re.compile(r"[\s\-–—_*>•]*")
_TAIL = re.compile(
    r"(?:please )?(?:excuse|pardon|sorry for|forgive)[^\n]{0,80}|извините за [^\n]{0,60}",
    re.IGNORECASE,
)
_URL = re.compile(r"[<\[(]?https?://[^\s>\])]{1,2000}[>\])]?", re.IGNORECASE)
# After "Sent from my phone": more of the device's name, not a sentence.
_SPEAKS = re.compile(
    r"[?]|\b(?:i|we|you|he|she|because|but|so|since|не|я|мы|вы|он|она|поэтому|так как|потому|вчера|"
    r"сегодня|завтра|ваш\w*|yesterday|today|tomorrow|order|money|заказ\w*|деньги|посылк\w*|ich|wir|"
    r"сломал\w*|was|is|did|has|had|were)\b",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"[\s*\[(]*(?:virus-?free\b|без вирусов|не содержит вирусов|вірусів немає|virenfrei\b|"
    r"garanti sans virus|libre de virus|"
    r"это (?:сообщение|письмо) (?:было )?(?:проверено|свободно от вирусов)|"
    r"это сообщение проверено на вирусы|this (?:e-?mail|message) (?:has been|was) (?:checked|"
    r"scanned)|"
    r"diese e-mail wurde von .{2,40} auf viren|cet e-mail a été vérifié|"
    r"el software de antivirus|scanned by|checked by avg|no virus found|www\.avast\.com|"
    r"you received this message because you are subscribed|"
    r"to unsubscribe from this group|this message was sent using imp\b|"
    r"do you yahoo!\?|__________ (?:information|информация) )",
    re.IGNORECASE,
)


def is_device_line(line: str) -> bool:
    """ "Sent from my iPhone", «Отправлено из мобильной Почты Mail.ru», "Get Outlook for iOS"."""
    if not 4 < len(line) <= 2000:
        return False
    text = _LEAD.sub("", _URL.sub("", line), count=1)
    text = _TAIL.sub("", text).strip().rstrip("*_").strip()
    if not text or len(text) > _MAX_LINE or len(text.split()) > _MAX_WORDS:
        return False
    if _OUTLOOK.search(text) and len(text.split()) <= 9 and not _SPEAKS.search(text):
        return True
    sent = _SENT_BEFORE.match(text)
    if sent is None and not _SENT_AFTER.search(text):
        return False
    device = _DEVICE.search(text, sent.end() if sent else 0)
    return device is not None and not _SPEAKS.search(text)


def is_footer_line(line: str) -> bool:
    """What a virus scanner or a mailing list sets below a letter."""
    return bool(_FOOTER.match(line[:200]))
