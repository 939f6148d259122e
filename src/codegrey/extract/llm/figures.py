"""The numbers, sums and dates that a quote really states, so that a model can invent none.

Languages with a lexicon are read by it ("une trentaine", "in the night to Sunday"); in the others only digits count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from codegrey.extract.amounts import Money, find_amounts
from codegrey.extract.dates import DateMention, When, find_dates, partial_date
from codegrey.extract.matcher import Matcher
from codegrey.lexicon import DatePattern, Lexicon
from codegrey.model import Article

_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f ]\d{3})*(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19[89]|20[0-4])\d(?!\d)")


@dataclass(slots=True)
class Figures:
    """Reads figures out of quotes. ``matchers`` hold the date patterns of the same languages."""

    lexicons: Mapping[str, Lexicon]
    matchers: Mapping[str, Matcher[DatePattern]]

    def numbers(self, words: str, language: str) -> frozenset[Decimal]:
        """Every number of a quote."""
        digits = {Decimal(re.sub(r"\D", "", match.group())) for match in _NUMBER.finditer(words)}
        return frozenset(digits) | {e for e in self._amounts(words, language) if isinstance(e, Decimal)}

    def sums(self, words: str, language: str) -> tuple[Money, ...]:
        """Every sum of money of a quote, in its order."""
        return tuple(e for e in self._amounts(words, language) if isinstance(e, Money))

    def states_date(self, words: str, value: str, article: Article) -> bool:
        """Whether a quote states a date (or a more precise one), which lies not after the day of publication."""
        given = partial_date(value)
        if given is None or str(given) != value:
            return False
        published = article.published
        if published and value > published and not value.startswith(published):
            return False
        if article.language in self.lexicons:
            return any(found.startswith(value) for found in self._dates(words, article))
        numbers = {int(number) for number in self.numbers(words, "")}
        years = numbers | {int(year) for year in _YEAR.findall(published[:4])}
        return given.year in years and (not given.day or given.day in numbers)

    def _amounts(self, words: str, language: str) -> list[object]:
        lexicon = self.lexicons.get(language)
        if lexicon is None:
            return []
        sentences = lexicon.analyser.analyse(words).sentences
        return [entity.value for sentence in sentences for entity in find_amounts(sentence, lexicon)]

    def _dates(self, words: str, article: Article) -> list[str]:
        lexicon, matcher = self.lexicons[article.language], self.matchers[article.language]
        year = _YEAR.search(article.text)
        when = When(partial_date(article.published), int(year.group()) if year else None)
        found = []
        for sentence in lexicon.analyser.analyse(words).sentences:
            entities = find_dates(sentence, find_amounts(sentence, lexicon), lexicon, matcher, when)
            found += [str(e.value.value) for e in entities if isinstance(e.value, DateMention)]
        return found


def make_figures(lexicons: Mapping[str, Lexicon]) -> Figures:
    """Compile the date patterns of these lexicons."""
    return Figures(lexicons, {language: Matcher(lexicon.dates) for language, lexicon in lexicons.items()})
