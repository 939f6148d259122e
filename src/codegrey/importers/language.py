"""The language of a text, where nobody says it."""

from __future__ import annotations

import re
from functools import lru_cache

from py3langid import langid

from codegrey.importers.source import Guess

# Languages that an article about a hospital may well be in, beside those that the lexicon covers. Without them a
# Spanish article would be taken for French, and read as such.
_OTHER_CODES = """
ar bg ca cs da de el en es et eu fi fr ga gl he hr hu is it ja ko lt lv mt nl no pl pt ro ru sk sl sv tr uk zh
"""
OTHERS = frozenset(_OTHER_CODES.split())
MIN_LETTERS = 40
MIN_CONFIDENCE = 0.8
SAMPLE = 1_000  # characters; more changes nothing and takes longer
_LETTER = re.compile(r"[^\W\d_]")
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")


def language_code(tag: str) -> str | None:
    """The primary subtag of a BCP 47 tag in lower case (``fr-FR`` → ``fr``), or None if it is no tag."""
    match = _TAG.fullmatch(tag.strip())
    return match[1].lower() if match else None


def language_guesser(languages: frozenset[str]) -> Guess:
    """A function that tells the language of a text among some languages (and :data:`OTHERS`), or ``""`` if unsure.

    It loads its model (half a second) when it is first asked.
    """
    choice = frozenset(languages | OTHERS)

    def guess(text: str) -> str:
        sample = text[:SAMPLE]
        if len(_LETTER.findall(sample)) < MIN_LETTERS:
            return ""
        code, confidence = _identifier(choice).classify(sample)
        return code if confidence >= MIN_CONFIDENCE else ""

    return guess


@lru_cache(maxsize=4)
def _identifier(languages: frozenset[str]) -> langid.LanguageIdentifier:
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(languages & set(identifier.labels))
    return identifier
