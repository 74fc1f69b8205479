"""The formal words at the end of a letter, by language, and corporate disclaimers."""

from __future__ import annotations

import re

_LONG = (
    r"с уважением(?: и (?:(?:наилучшими )?пожелани\w+(?: всего наилучшего)?|благодарностью|"
    r"надеждой на \w+ сотрудничество))?|"
    r"с (?:глубоким|искренним|большим) уважением|с наилучшими пожеланиями|с почтением|"
    r"с благодарностью(?: и уважением)?|с уважением к вам|искренне ваш[аи]?|"
    r"всего (?:вам )?(?:доброго|хорошего|наилучшего)|"
    r"з повагою|з найкращими побажаннями|з вдячністю|щиро ваш[аі]?|з павагай|"
    r"з найлепшымі пажаданнямі|"
    r"(?:with )?(?:many )?thanks (?:and|&) (?:(?:kind|best|warm) )?regards|(?:best|kind|kindest|"
    r"warm|warmest|many)? ?regards|with (?:best|kind|"
    r"warm) (?:regards|wishes)|"
    r"(?:best|warm|kind) wishes|all (?:the|my) best|(?:yours )?sincerely(?: yours)?|"
    r"(?:yours (?:sincerely|faithfully|truly|respectfully)|very truly yours)|"
    r"respectfully(?: yours)?|cordially|"
    r"mit (?:freundlichen|besten|lieben|herzlichen|kollegialen) gr(?:ü|ue)(?:ß|ss)en|"
    r"mit freundlichem gru(?:ß|ss)|"
    r"(?:viele|beste|liebe|freundliche|herzliche|sch(?:ö|oe)nen?) gr(?:ü|u|ue)(?:ß|"
    r"ss)e?(?: aus \w+)?|"
    r"hochachtungsvoll|"
    r"(?:bien |très )?cordialement|bien à (?:vous|toi)|(?:sincères|meilleures) salutations|"
    r"salutations distinguées|(?:un |reciba un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|"
    r"atentamente|sinceramente|lep pozdrav|всех благ|"
    r"muy atentamente|(?:cordiali|distinti) saluti|un (?:cordiale )?saluto|cordialmente|"
    r"atenciosamente|(?:com os )?(?:melhores )?cumprimentos|respeitosamente|"
    r"(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|hoogachtend|z poważaniem|"
    r"(?:serdecznie )?pozdrawiam(?: serdecznie)?|z wyrazami szacunku|łączę pozdrowienia|"
    r"s (?:přátelským |srdečným )?pozdravem|s úctou|s (?:priateľským )?pozdravom|"
    r"(?:med )?(?:vänliga?|bästa) hälsning(?:ar)?|(?:med )?venn?lig hilsen|(?:de )?bedste hilsn?er|"
    r"med venlige hilsner|(?:beste|hyggelig) hilsen|ystävällisin terveisin|parhain terveisin|"
    r"terveisin|üdvözlettel|"
    r"tisztelettel|cu (?:stimă|stima|respect|considerație)|с уважение|поздрави|с поштовањем|"
    r"срдачан поздрав|"
    r"s poštovanjem|srdačan pozdrav|lijep pozdrav|με εκτίμηση|με φιλικούς χαιρετισμούς|φιλικά|"
    r"saygılarım(?:ız)?la|saygılarla|iyi çalışmalar(?: dilerim)?|lugupidamisega|"
    r"parimate soovidega|tervitades|"
    r"ar cieņu|pagarbiai|su pagarba|құрметпен|ізгі (?:ниетпен|тілекпен)|hörmətlə|hurmat bilan|"
    r"հարգանքով|პატივისცემით|урматтоо менен|бо эҳтиром"
)
# Short ones are words of their own too: beside a name they need a comma.
_SHORT = (
    r"best|cheers|rgds|br|kr|warmly|yours|mfg|vg|lg|gru(?:ß|ss)|cdt|cdlt|att|abraços?|saluti|"
    r"mvg|"
    r"groet(?:en|jes)?|mvh|hälsningar|hilsen|pozdrowienia|pozdrav|ваш[аи]?|с ув|с ув\.|ув|"
    r"bien à vous"
)
CLOSING = re.compile(
    rf"\s*[*_—–-]*\s*(?:{_LONG}|{_SHORT})(?:\s*[/|&]\s*(?:{_LONG}))?[^\w\n?]{{0,8}}$", re.IGNORECASE
)
SHORT = re.compile(rf"\s*(?:{_SHORT})\s*$", re.IGNORECASE)
_NAME = (
    r"(?:[A-ZА-ЯЁІЇЄҐЎÀ-ÖØ-ÞĀ-ŽΑ-ΩĄĆĘŁŃŚŹŻ][\w.'’`-]*\.?\s*){1,4}[,.]?"
    r"(?:\s*[,|/(–—-]\s*[^\n?!]{2,60})?"
)
CLOSING_WITH_NAME = re.compile(
    rf"\s*[*_—–-]*\s*(?:(?i:{_LONG})\s*[,.!]?|(?i:{_SHORT})\s*,)\s+{_NAME}\s*[*_]*$"
)
POSTSCRIPT = re.compile(
    r"\s*(?:p\.?\s?s\b\.?|п\.?\s?с\b\.?|з\.?\s?ы\b\.?|ps:|pps|ззы|p\.s)", re.IGNORECASE
)

DISCLAIMER = re.compile(
    r"[\s*_\-(\[\"«!<>]*(?:P +(?=please consider))?(?:"
    r"confidentiality(?: notice)?\b|confidential(?:ity)? (?:note|warning|statement)|disclaimer\b|"
    r"important notice|legal notice|privileged and confidential|"
    r"(?:the )?(?:information|contents?)(?: contained| transmitted)? (?:in|of|"
    r"by) this (?:e-?mail|message|communication|transmission)|"
    r"this (?:e-?mail|message|communication|electronic mail|transmission)(?: message)?(?: and|"
    r" \(|,| is| may| contains| was sent|,? including| transmission)|"
    r"if you (?:are not|have received|received) (?:the intended|this)|"
    r"(?:please )?(?:consider|think of) the environment|save paper|"
    r"(?:данное|настоящее|это|этот)\s(?:электронное )?(?:сообщение|письмо|e-?mail|"
    r"послание)\s*(?:и|\(|,|может|содержит|является|предназначено|носит|не является|было|"
    r",? включая|отправлено)|"
    r"(?:информация|сведения),? (?:содержащаяся|содержащиеся|изложенная|передаваемая|в этом|"
    r"в данном|в настоящем)|"
    r"(?:уведомление о |внимание[!.:]? )?конфиденциальн\w+|уведомление о конфиденциальности|"
    r"правовое уведомление|отказ от ответственности|"
    r"если вы (?:получили|не являетесь)|содержание (?:данного|настоящего|этого) (?:сообщения|"
    r"письма)|"
    r"(?:пожалуйста, )?(?:подумайте|позаботьтесь) об? (?:окружающей|экологии|природе)|"
    r"берегите природу|прежде чем (?:распечатать|печатать)|"
    r"(?:ця|це|цей) (?:електронн\w+ )?(?:лист|повідомлення)\s|"
    r"diese e-?mail (?:enthält|und|kann|ist)|der inhalt dieser e-?mail|"
    r"diese nachricht (?:enthält|ist)|"
    r"ce (?:message|courriel|courrier|mail)(?: électronique)? (?:et|est|peut|contient)|"
    r"este (?:mensaje|correo|e-?mail|mensagem)|esta mensagem|este e-mail|"
    r"(?:il|questo) (?:presente )?(?:messaggio|e-?mail)|le informazioni contenute|"
    r"dit (?:e-?mail)?bericht|deze e-?mail|de informatie in (?:dit|deze)|"
    r"niniejsza wiadomość|treść tej wiadomości|ta wiadomość|tento e-?mail|tato zpráva|"
    r"detta (?:e-?post)?meddelande|denne (?:e-?mail|e-?post|meddelelsen?)|"
    r"tämä (?:sähköposti)?viesti|"
    r"ez az (?:e-?mail|üzenet)|acest (?:mesaj|e-?mail)|това (?:съобщение|писмо)|bu (?:e-?posta|"
    r"mesaj)"
    r")",
    re.IGNORECASE,
)
# Words that make such a paragraph what it is: the beginning alone could be a customer's sentence.
DISCLAIMER_WORDS = re.compile(
    r"confidential|privileged|intended (?:recipient|solely|only|for)|unauthori[sz]ed|legally|"
    r"before printing|"
    r"конфиденциальн|предназначен\w* (?:только|исключительно|для)|адресат|коммерческ\w+ тайн|"
    r"офертой|"
    r"распечат|печатать|окружающей сред|природ|экологи|юридическ|"
    r"конфіденційн|призначен|vertraulich|confidentiel|confidencial|riservat|confidenzial|"
    r"vertrouwelijk|"
    r"poufn|důvěrn|dôvern|konfidentiell|fortrolig|luottamukse|bizalmas|confidenți|поверителн|"
    r"gizli|printing",
    re.IGNORECASE,
)
