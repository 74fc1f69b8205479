"""A cheap guess of the language of a text, by its letters and its commonest words."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from otklik.kit.text import tokenise

_MOST_WORDS = 400

_COMMON = {
    "ru": "и в не на что я с как это по но из у за вы мы к от то так бы здравствуйте добрый день "
    "спасибо заказ можно пожалуйста меня нас если уже когда или для до при мой",
    "uk": "і в не на що я з як це по але із у за ви ми до від та так би добрий день дякую "
    "можна будь ласка мене нас якщо вже коли або для при мій є ще",
    "be": "і ў не на што я з як гэта па але вы мы да ад так дзякуй добры дзень калі ці для ёсць",
    "bg": "и в не на че аз с как това по но от у за ви ние към да се са си ще здравейте благодаря",
    "kk": "және бұл мен сіз үшін бар жоқ рахмет сәлем керек қалай",
    "en": "the and to of a in is it you for that on my we with have this be not are i can please "
    "hello thanks your would was but has",
    "de": "der die das und ist nicht ich sie mit ein eine zu für auf wir bitte danke hallo haben "
    "den von es mein",
    "fr": "le la les et est pas je vous une un des pour dans que nous merci bonjour avec sur de "
    "mon ma en",
    "es": "el la los y es no que de en un una por para con gracias hola mi se lo las su",
    "it": "il la e è non che di un una per con grazie ciao mi si gli del sono ho buongiorno",
    "pt": "o a os e é não que de em um uma por para com obrigado olá meu se do da",
    "pl": "i w nie na się z jest to że do proszę dziękuję dzień dobry mam czy jak o od",
    "tr": "ve bir bu için de da ile çok merhaba teşekkürler var yok ne ben siz mi",
}
_COMMON_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_CYRILLIC = ("ru", "uk", "be", "bg", "kk")
_LATIN = ("en", "de", "fr", "es", "it", "pt", "pl", "tr")

# Letters that one language of the script has and Russian, or English, has not.
_TELLING = {
    "uk": "їєґ",
    "be": "ў",
    "kk": "әғқңөұүһ",
    "ru": "ыэ",
    "de": "ß",
    "es": "ñ¿¡",
    "pl": "łąęśżźćń",
    "tr": "ışğ",
    "pt": "ãõ",
}


def guess_language(text: str) -> str:
    """The BCP 47 primary tag of ``text``, or ``""`` when it is too short or unclear to tell."""
    words = list(islice(tokenise(text), _MOST_WORDS))
    letters = Counter("".join(words))
    cyrillic = sum(count for letter, count in letters.items() if "\u0400" <= letter <= "\u04ff")
    latin = sum(count for letter, count in letters.items() if "a" <= letter <= "\u024f")
    if cyrillic + latin < 6:
        return ""
    if cyrillic >= latin:
        return _best(words, letters, _CYRILLIC, cyrillic) or _likely_russian(letters, cyrillic)
    return _best(words, letters, _LATIN, latin)


def _likely_russian(letters: Counter[str], cyrillic: int) -> str:
    """A line of nouns names no language, but most Cyrillic without foreign letters is Russian."""
    is_foreign = any(letters[letter] for tag in ("uk", "be", "kk") for letter in _TELLING[tag])
    return "" if is_foreign or cyrillic < 12 else "ru"


def _best(words: list[str], letters: Counter[str], languages: tuple[str, ...], total: int) -> str:
    scores: dict[str, float] = {}
    for language in languages:
        common = sum(word in _COMMON_WORDS[language] for word in words)
        telling = sum(letters[letter] for letter in _TELLING.get(language, ""))
        scores[language] = common + min(telling, 2 + total * 0.1)
    first, second = sorted(scores, key=lambda language: -scores[language])[:2]
    # One common word among two languages tells nothing; a clear lead does.
    if scores[first] < 1 or scores[first] - scores[second] < max(1, scores[first] * 0.15):
        return ""
    return first
