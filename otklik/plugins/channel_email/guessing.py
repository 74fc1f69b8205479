"""What charset bytes are in, when nobody says or what is said cannot be true.

Guessed as a reader would: decode it each way and look which one gives words. Cyrillic pages by
the pairs of letters, Asian ones by the commonest signs, the others by the letters each language
adds to the Latin alphabet. The sample is bounded, so is the time.
"""

from __future__ import annotations

import re
import unicodedata

from otklik.kit.language import guess_language

from .letter_pairs import PAIRS

SAMPLE = 1500

CYRILLIC = {
    "cp1251": 0.1,
    "koi8-r": 0.08,
    "cp866": 0.02,
    "iso8859-5": 0.0,
    "mac_cyrillic": 0.03,
}
# A rating above which a text is Cyrillic: books come to 1.5 and more, noise to less than 0.
CERTAIN = 0.05

_WORDS = re.compile(rb"[A-Za-z]{0,40}[\x80-\xff][A-Za-z\x80-\xff]{0,80}")
_CYRILLIC_WORD = re.compile(r"[А-Яа-яЁёІіЇїЄєҐґЎў]+")
_CASE_BREAK = re.compile(r"[а-яёіїєґ][А-ЯЁІЇЄҐ]")
_L = "А-Яа-яЁёІіЇїЄєҐґЎў"
_PAIR = re.compile(rf"[{_L}]{{2}}")
_MIXED = re.compile(rf"(?<=[A-Za-z])[{_L}]|[{_L}](?=[A-Za-z])")
# Signs that no Russian text has beside a letter, and those it seldom has.
_STRANGE = re.compile(
    rf"[^\x00-\x7f{_L}«»—–…№\u00a0“”„‘’](?=[{_L}])|(?<=[{_L}])[^\x00-\x7f{_L}«»—–…№\u00a0“”„‘’]"
    "|[\u0080-\u009f\ufffd\u2500-\u25a0]|[ЂЃЅЈЉЊЋЌЏђѓѕјљњћќџ]{2}"
)
_SELDOM = re.compile(rf"[—–“”„‘’](?=[{_L}])|(?<=[{_L}])[—–“”„‘’]")

_HAN = frozenset(
    "的一是不了在人有我他这個们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年"
    "过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心"
    "她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间"
    "由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给"
    "世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变"
    "四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社"
    "便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北"
    "边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运您请谢邮单订货服客户帐号查收款"
    "退修码登录购买這們來為國說時會對過後裡種經麼學現當沒動開從實軍無與長機關點業將兩間問應戰頭"
    "體見產話記員請謝郵單訂貨務帳號碼購買戶網站聯絡電腦統題嗎還發給進个字语符标选置项输列效示错"
    "存未器值包误参型模显除引序失支令息配库组索败称图密省需签持读版创否写换键改印亚操证删编复钥"
    "软默含节须找态启移档转函执略状串块段获检允限超属尼始布容卡调备警径连匹准阿页归消载装级止源"
    "链按元束集试每巴线忽端排析视整缺域罗纳择注窗围檔語案數選設項標輸錯稱資顯誤區錄於訊組結鍵料"
    "變預內敗啟亞執類寫參讀鑰態視狀編則圖連換庫套證徑並爾準裝刪援處簽塊線別該傳群籤複義規封載影"
    "停轉製擇寬古欄併頁縮條檢馬確址伺屬範具許尋份須暫遠試達邊樣供級驗增權快効値変書込対実場終読"
    "関削認証報番続検付照発択画算約致識囲覧署追返演処張単際予送初構適幅拡計応順権圧割"
)
_HANGUL = frozenset(
    "이다는을의에가고하은지로도사한를시기안어나자서있니리인해과그대정보요전수일주만제장아것세게"
    "부상스들여문구오면습된라우으했원동감합녕까청드립겠받발송배환불객담당없파용음트할션위터않프"
    "값름옵크표치모작함실패입바력데형버소식명키경중설행업디되열성메블못목출적비레개호록류변테령"
    "거료화잘번미조야브내단마필타렉태현체추유연공코너복간재읽무본분와항러색반계커선베결포최더십"
    "때르었알려페또래줄임방른속진능절접확카랜저럼백텍검참택국처칼템두준각법퍼건덱증종새았끝초신"
    "쪽든활밋링매생램티예영쓰산젯클져플같찾됨운림널숫렬집축권역삭쓸근린릴올룹관딩허토닙글젝범규"
    "통"
)
_MULTIBYTE = ("cp932", "euc_jp", "gb18030", "cp949", "cp950")

# Letters beyond ASCII, by language, and the pages it is written in, the likeliest first.
_LATIN = {
    "de": ("äöüßÄÖÜ", ("cp1252", "mac_roman", "cp850")),
    "fr": ("àâçéèêëîïôùûœæÀÉÈÊÇ", ("cp1252", "mac_roman", "cp850")),
    "es": ("áéíñóúüÁÉÍÑÓÚ", ("cp1252", "mac_roman", "cp850")),
    "pt": ("áâãàçéêíóôõúÁÉÇÃÕ", ("cp1252", "mac_roman", "cp850")),
    "it": ("àèéìòùÀÈÉ", ("cp1252", "mac_roman", "cp850")),
    "sv": ("åäöæøéÅÄÖÆØ", ("cp1252", "mac_roman", "cp850")),
    "pl": ("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", ("cp1250", "iso8859-2", "cp852")),
    "cs": ("áčďéěíňóřšťúůýžäĺľôŕÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ", ("cp1250", "iso8859-2", "cp852")),
    "hu": ("áéíóöőúüűÁÉÍÓÖŐÚÜŰ", ("cp1250", "iso8859-2", "cp852")),
    "ro": ("ăâîşţĂÂÎŞŢ", ("cp1250", "iso8859-2")),
    "hr": ("čćđšžČĆĐŠŽ", ("cp1250", "iso8859-2")),
    "tr": ("çğıöşüÇĞİÖŞÜ", ("cp1254",)),
    "lt": ("ąčęėįšųūžĄČĘĖĮŠŲŪŽ", ("cp1257",)),
    "lv": ("āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ", ("cp1257",)),
    "is": ("áðéíóúýþæöÁÐÍÓÚÝÞÆÖ", ("cp1252",)),
}
# Letters that are seldom in their language and often a wrong reading of another.
_SELDOM_LATIN = frozenset("œæõûîëÿ")
_MARKS = frozenset("¿¡„“”‚‘’«»‹›–—…•€©®™№§° ´¨·\u00a0\u00ad")
# A word half in ASCII letters is Western.
_HALF = re.compile(r"[a-z][^\x00-\x7f]{1,3}(?=[a-z\s])|(?<=\s)[^\x00-\x7f]{1,2}[a-z]")
# Commonest letters of scripts with an alphabet of their own: four fifths of any text.
_SCRIPTS = {
    "cp1253": ("GREEK", frozenset("αοιετσνηυρπκμλςάίόέύ")),
    "cp1255": ("HEBREW", frozenset("יוהלארתבמשנדעקחפמם")),
    "cp1256": ("ARABIC", frozenset("اليمنتروبعسدفهةكحقج")),
    "cp874": ("THAI", frozenset("านรอกเงมยลวดทสตะปบคหแจ่้ิีัุ็์")),
}


def words_of(data: bytes) -> bytes:
    """The words that hold a byte beyond ASCII, up to the size of a sample."""
    words: list[bytes] = []
    size = 0
    for found in _WORDS.finditer(data):
        words.append(found[0])
        size += len(found[0]) + 1
        if size > SAMPLE:
            break
    return b" ".join(words)


def rate_cyrillic(text: str) -> float:
    """How much ``text`` reads as Russian, Ukrainian or Bulgarian: below 0 not at all, 1.5 a book.

    Capital letters alone count as words; a capital inside a word, a word of two scripts and signs
    among the letters count against.
    """
    text = text[: SAMPLE * 2]
    total = 0.0
    count = 0
    for found in _CYRILLIC_WORD.finditer(text):
        word = f" {found[0].lower()} "
        count += len(word) - 1
        total += sum(PAIRS.get(word[at : at + 2], -4) for at in range(len(word) - 1))
    if not count:
        return -1.0
    faults: float = 3 * len(_CASE_BREAK.findall(text)) + 8 * len(_MIXED.findall(text))
    faults += 5 * len(_STRANGE.findall(text)) + 2.5 * len(_SELDOM.findall(text))
    return (total - faults) / count


def is_cyrillic(text: str) -> bool:
    """Whether two Cyrillic letters stand side by side: a lonely ``à`` is no Russian word."""
    return _PAIR.search(text) is not None


def best_cyrillic(words: bytes) -> tuple[str, float]:
    """(codec, rating) of the Cyrillic page that explains these words best."""
    rated = {
        name: rate_cyrillic(words.decode(name, "replace")) + prior
        for name, prior in CYRILLIC.items()
    }
    best = max(rated, key=lambda name: rated[name])
    return best, rated[best]


def best_multibyte(data: bytes) -> tuple[str, float]:
    """(codec, share of common signs) of the best Asian page; ("", 0) when none decodes it."""
    start = next((at for at, byte in enumerate(data[:65536]) if byte >= 0x80), 0)
    sample = data[start : start + SAMPLE * 2]
    best, best_rate = "", 0.0
    for name in _MULTIBYTE:
        text = _strict(sample, name)
        if text is None:
            continue
        rate = _rate_asian(text, name)
        if rate > best_rate:
            best, best_rate = name, rate
    return best, best_rate


def _strict(sample: bytes, codec: str) -> str | None:
    """The text, when it decodes whole; a sign cut at the sample's end is no fault."""
    for cut in range(4):
        try:
            return sample[: len(sample) - cut].decode(codec)
        except UnicodeDecodeError as error:
            if error.start < len(sample) - cut - 4:
                return None
    return None


def _rate_asian(text: str, codec: str) -> float:
    signs = common = 0
    for sign in text:
        if sign < "\u0080":
            continue
        signs += 1
        if "\u3040" <= sign <= "\u30ff":
            common += codec in {"cp932", "euc_jp"}
        elif sign in "、。，！？：（）「」；":
            common += 1
        elif sign in _HANGUL:
            common += codec == "cp949"
        elif sign in _HAN:
            common += codec != "cp949"
        elif "\uff61" <= sign <= "\uff9f":
            common -= 1  # half-width kana: what other bytes look like in Shift_JIS
    # Two signs may be an accident of Western letters.
    return common / signs - (0.3 if signs < 4 else 0) if signs > 1 else 0.0


def best_alphabet(words: bytes) -> tuple[str, float]:
    """Greek, Hebrew, Arabic or Thai: (codec, share of common letters), ("", 0) when none."""
    best, best_rate = "", 0.0
    for name, (script, common) in _SCRIPTS.items():
        text = words.decode(name, "replace").lower()
        letters = [letter for letter in text if letter >= "\u0080" and letter not in _MARKS]
        if len(letters) < 4 or 4 * len(_HALF.findall(text)) > text.count(" ") + 1:
            continue
        own = sum(unicodedata.name(letter, "").startswith(script) for letter in letters)
        if own < 0.85 * len(letters):
            continue
        rate = sum(letter in common for letter in letters) / len(letters)
        if rate > best_rate:
            best, best_rate = name, rate
    return best, best_rate


def best_western(data: bytes, words: bytes) -> str:
    """The page of a Latin alphabet whose language the letters belong to; cp1252 when unsure."""
    spoken = guess_language(data[:4000].decode("ascii", "ignore"))
    best, best_rate = "cp1252", 0.0
    for language, (letters, codecs) in _LATIN.items():
        for rank, codec in enumerate(codecs):
            rate = _rate_latin(words.decode(codec, "replace"), letters)
            rate += 0.3 * (language == spoken) - 0.12 * rank
            if rate > best_rate + 0.04:
                best, best_rate = codec, rate
    return best


def _rate_latin(text: str, letters: str) -> float:
    total = 0.0
    foreign = 0
    for found in re.finditer(r"[^\x00-\x7f]", text):
        sign = found[0]
        foreign += 1
        before = text[found.start() - 1] if found.start() else " "
        if sign in letters:
            total += (
                0.3 if sign.isupper() and before.islower() else 1 - 0.3 * (sign in _SELDOM_LATIN)
            )
        elif sign in _MARKS:
            # A quotation mark or dash stands at the edge of a word, a letter inside it.
            after = text[found.end() : found.end() + 1]
            inside = before.isalpha() and after.isalpha() and sign not in "’´\u00a0\u00ad"
            total += -0.5 if inside else 0.95
        elif not sign.isalpha():
            total -= 1
        elif sign.isupper() and before.islower():
            total -= 0.5
        else:
            total -= 0.15  # a letter of another language
    return total / foreign if foreign else 0.0
