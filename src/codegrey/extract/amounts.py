"""Numbers, proportions and money, in digits and in words.

All words come from the lexicon's value tables: ``numeral`` (`trentaine=30`), ``scale`` (`million=1000000`),
``currency`` (`€=EUR`), ``proportion`` (`third=1/3`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from codegrey.extract.units import Entity
from codegrey.lexicon import Lexicon
from codegrey.text import Sentence, Token

_DIGITS = re.compile(r"\d+(?:[.,'’]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+")
_GLUED = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)(?P<rest>[^\W\d]+|€)(?P<more>[^\W\d]*|€)?")


@dataclass(frozen=True, slots=True)
class Money:
    """A sum. ``currency`` is ISO 4217 (bitcoin: XBT)."""

    amount: Decimal
    currency: str


@dataclass(slots=True)
class _Sum:
    """A number in words, as far as it has been read."""

    total: Decimal = Decimal(0)
    current: Decimal = Decimal(0)
    seen: bool = False

    @property
    def value(self) -> Decimal:
        return self.total + self.current

    def add(self, unit: Decimal) -> bool:
        twenties = unit == 20 and self.current == 4  # quatre-vingts
        if self.current and not twenties and (unit >= self.current or (self.current % 10 and unit < 10)):
            return False
        self.current = self.current * 20 if twenties else self.current + unit
        self.seen = True
        return True

    def scale(self, factor: Decimal) -> bool:
        if not self.seen:
            return False
        if factor == 100:
            self.current *= factor
        else:
            self.total, self.current = self.total + self.current * factor, Decimal(0)
        return True


@dataclass(slots=True)
class _Reader:
    """Reads one sentence from left to right."""

    tokens: tuple[Token, ...]
    lexicon: Lexicon

    def value(self, table: str, at: int) -> str | None:
        if not 0 <= at < len(self.tokens):
            return None
        return self.lexicon.value(table, self.tokens[at].fold)

    def digits(self, at: int) -> tuple[Decimal, int] | None:
        """A number in digits, thousands groups joined: `126 000`."""
        text = self.tokens[at].text
        if not _DIGITS.fullmatch(text):
            return None
        last = at + 1
        if len(text) <= 3 and text.isdigit():
            while last < len(self.tokens) and self._group(last):
                text += self.tokens[last].text
                last += 1
        return _decimal(text, self.lexicon.language), last

    def _group(self, at: int) -> bool:
        token, before = self.tokens[at], self.tokens[at - 1]
        return len(token.text) == 3 and token.text.isdigit() and token.start - before.end == 1

    def words(self, at: int) -> tuple[Decimal, int] | None:
        """A number in words: units add up, scales multiply; `trente-trois` may be one token or three."""
        sum_ = _Sum()
        last = at
        while last < len(self.tokens):
            if not sum_.seen and self.tokens[last].fold in self.lexicon.words("scale-start"):
                sum_.add(Decimal(1))
            if not all(self._add(part, sum_) for part in self.tokens[last].fold.split("-") if part):
                break
            if self.tokens[last].fold == "-" and not self._joins(last):
                break
            last += 1
        while last > at and self.tokens[last - 1].fold in self.lexicon.words("numeral-joint"):
            last -= 1
        return (sum_.value, last) if sum_.seen else None

    def _add(self, word: str, sum_: _Sum) -> bool:
        """Take one word into the sum; False if it does not belong there."""
        if (unit := self.lexicon.value("numeral", word)) is not None:
            return sum_.add(Decimal(unit))
        if (scale := self.lexicon.value("scale", word)) is not None:
            return sum_.scale(Decimal(scale))
        return sum_.seen and word in self.lexicon.words("numeral-joint")

    def _joins(self, at: int) -> bool:
        """Whether a hyphen here stands inside a number."""
        return self.value("numeral", at + 1) is not None

    def number(self, at: int) -> tuple[Decimal, int] | None:
        found = self.digits(at)
        if found is None:
            return self.words(at)
        value, last = found
        while (scale := self.value("scale", last)) is not None:
            value *= Decimal(scale)
            last += 1
        return value, last


def find_amounts(sentence: Sentence, lexicon: Lexicon) -> list[Entity]:
    """The numbers (tag ``number``), sums (``money``) and shares (``proportion``) of a sentence."""
    reader = _Reader(sentence.tokens, lexicon)
    found: list[Entity] = []
    at = 0
    while at < len(sentence.tokens):
        if not _may_begin(sentence.tokens[at], lexicon):
            at += 1
            continue
        entity = _proportion(reader, at) or _glued(reader, at) or _amount(reader, at)
        if entity is None:
            at += 1
        else:
            found.append(entity)
            at = entity.last
    return found


def _may_begin(token: Token, lexicon: Lexicon) -> bool:
    """A quick look at a token: is it worth reading on?"""
    folded = token.fold
    if folded in lexicon.numeric or any(c.isdigit() for c in folded):
        return True
    return "-" in folded and folded.split("-", 1)[0] in lexicon.numeric


def _amount(reader: _Reader, at: int) -> Entity | None:
    before = reader.value("currency", at)
    number = reader.number(at + 1 if before and at + 1 < len(reader.tokens) else at)
    if number is None:
        return None
    value, last = number
    if before:
        return Entity(at, last, "money", Money(value, before))
    if glued := reader.value("currency", last - 1):
        return Entity(at, last, "money", Money(value, glued))
    behind = last + 1 if _fold(reader, last) in reader.lexicon.words("scale-joint") else last
    if after := reader.value("currency", behind):
        return Entity(at, behind + 1, "money", Money(value, after))
    if _fold(reader, last) in reader.lexicon.words("percent"):
        return Entity(at, last + 1, "proportion", value / 100)
    if _is_range(reader, at, last):
        return Entity(at, last, "range")
    return Entity(at, last, "number", value)


def _is_range(reader: _Reader, first: int, last: int) -> bool:
    """Whether a number is one end of a range (`between 40 and 50`, `15 à 20`): no single value can be told."""
    joints = reader.lexicon.words("range-joint")
    after = _fold(reader, last) in joints and last + 1 < len(reader.tokens) and reader.number(last + 1) is not None
    before = first > 1 and _fold(reader, first - 1) in joints and reader.number(first - 2) is not None
    return after or before


def _glued(reader: _Reader, at: int) -> Entity | None:
    """`10M€`, `$5bn`, `40k`: number and scale in one token."""
    match = _GLUED.fullmatch(reader.tokens[at].text)
    if match is None:
        return None
    scale = reader.lexicon.value("scale", match["rest"].lower())
    currency = reader.lexicon.value("currency", (match["more"] or match["rest"]).lower())
    if scale is None and currency is None:
        return None
    value = _decimal(match["number"], reader.lexicon.language) * Decimal(scale or 1)
    last = at + 1
    if currency is None and (currency := reader.value("currency", last)) is not None:
        last += 1
    if currency is None:
        return Entity(at, last, "number", value)
    return Entity(at, last, "money", Money(value, currency))


def _proportion(reader: _Reader, at: int) -> Entity | None:
    share = reader.value("proportion", at)
    if share is None:
        return None
    first = at
    times = Fraction(1)
    if at and (unit := reader.value("numeral", at - 1)) is not None:
        first, times = at - 1, Fraction(unit)
    exact = Fraction(share) * times
    return Entity(first, at + 1, "proportion", Decimal(exact.numerator) / Decimal(exact.denominator))


def _decimal(text: str, language: str) -> Decimal:
    decimal_mark = "." if language == "en" else ","
    if _THOUSANDS.fullmatch(text) and not (text.count(decimal_mark) == 1 and decimal_mark in text):
        return Decimal(re.sub(r"\D", "", text))
    whole, _, rest = text.rpartition(decimal_mark)
    if not whole:
        whole, _, rest = text.rpartition("." if decimal_mark == "," else ",")
    if not whole:
        return Decimal(re.sub(r"\D", "", text))
    return Decimal(re.sub(r"\D", "", whole) + "." + re.sub(r"\D", "", rest))


def _fold(reader: _Reader, at: int) -> str:
    return reader.tokens[at].fold if 0 <= at < len(reader.tokens) else ""
