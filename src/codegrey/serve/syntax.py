"""A tokenizer for SPARQL 1.1 and what can be told from tokens alone.

Evaluation and grammar are the store's; this finds what the protocol needs: the form, a dataset clause, ``SERVICE``,
functions whose value changes from call to call, nesting, the ``*`` of ``SELECT *`` and the order of variables.
Grammar: SPARQL 1.1 Query Language, section 19.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Form(StrEnum):
    """The kinds of request."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"
    UPDATE = "UPDATE"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (a group name of the scanner), its text, where it begins (code points)."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset after the token."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the tokens of a query say."""

    form: Form
    has_dataset: bool  # FROM or FROM NAMED
    services: tuple[str, ...]  # the endpoint of each SERVICE clause as written
    volatile: bool  # another call may give another answer
    depth: int  # the deepest nesting of brackets
    star: int  # offset of the * of the outermost SELECT *, or -1
    variables: tuple[str, ...]  # names after the outermost SELECT *, by first appearance


_SCAN: Final = re.compile(
    r"""
    (?P<space>[\x20\t\r\n]+|\#[^\r\n]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"{3}(?:(?:\"|\"\")?(?:[^\"\\]|\\.))*\"{3}|'{3}(?:(?:'|'')?(?:[^'\\]|\\.))*'{3}
      |\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<blank>_:\w(?:[\w.·-]*[\w·-])?)
  | (?P<name>(?:[^\W\d_](?:[\w.·-]{0,99}[\w·-])?)?:
      (?:(?:[\w:·-]|%[0-9A-Fa-f]{2}|\\.)(?:\.*(?:[\w:·-]|%[0-9A-Fa-f]{2}|\\.))*)?)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark>\^\^|\|\||&&|!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN: Final = frozenset("{([")
_CLOSE: Final = frozenset("})]")
_UPDATES: Final = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"})
_VOLATILE: Final = frozenset({"RAND", "NOW", "UUID", "STRUUID", "BNODE", "SERVICE"})


_NOT_PLAIN: Final = re.compile(
    r"\b(?:from|service|rand|now|uuid|struuid|bnode|insert|delete|load|clear|create|drop|copy|move|add|with)\b"
    r"|\bselect\s*(?:(?:distinct|reduced)\s*)?(?:\*|\#)|\\u",
    re.IGNORECASE,
)
PLAIN: Final = Analysis(Form.UNKNOWN, has_dataset=False, services=(), volatile=False, depth=0, star=-1, variables=())


def is_plain(text: str, depth_limit: int) -> bool:
    """Whether a query surely has nothing that :class:`Analysis` looks for; ``False`` says nothing.

    Words inside strings, comments and names count too: this is a quick look that saves reading tokens.
    """
    brackets = text.count("{") + text.count("(") + text.count("[")
    return (not depth_limit or brackets <= depth_limit) and _NOT_PLAIN.search(text) is None


def scan(text: str) -> Iterator[Token]:
    """All tokens of a text, spaces and comments left out. Text that is no token comes as single marks: never fails."""
    for match in _SCAN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind != "space":
            yield Token(kind, match.group(), match.start())


def analyse(text: str) -> Analysis:
    """Read off an :class:`Analysis`; of text that is no SPARQL, whatever can be told."""
    tokens = tuple(scan(text))
    form, begin = _form(tokens)
    star = _star(tokens, begin) if form is Form.SELECT else -1
    return Analysis(
        form=form,
        has_dataset=_has_dataset(tokens, begin),
        services=tuple(_services(tokens)),
        volatile=any(token.kind == "word" and token.text.upper() in _VOLATILE for token in tokens),
        depth=_depth(tokens),
        star=star,
        variables=_variables(tokens, star) if star >= 0 else (),
    )


def _form(tokens: Sequence[Token]) -> tuple[Form, int]:
    """The form and the index of its keyword; the prologue holds only BASE, PREFIX, names and IRIs."""
    for index, token in enumerate(tokens):
        word = token.text.upper()
        if token.kind != "word" or word in ("PREFIX", "BASE"):
            continue
        if word in _UPDATES:
            return Form.UPDATE, index
        return (Form(word), index) if word in Form.__members__ and word != "UPDATE" else (Form.UNKNOWN, index)
    return Form.UNKNOWN, len(tokens)


def _has_dataset(tokens: Sequence[Token], begin: int) -> bool:
    """Whether FROM stands outside braces after the form's keyword (a template's braces are skipped)."""
    depth = 0
    for token in tokens[begin:]:
        if token.text == "{":
            depth += 1
        elif token.text == "}":
            depth -= 1
        elif depth == 0 and token.kind == "word":
            word = token.text.upper()
            if word == "FROM":
                return True
    return False


def _services(tokens: Sequence[Token]) -> Iterator[str]:
    for index, token in enumerate(tokens):
        if token.kind == "word" and token.text.upper() == "SERVICE":
            rest = [item for item in tokens[index + 1 : index + 3] if item.text.upper() != "SILENT"]
            yield rest[0].text if rest else ""


def _depth(tokens: Sequence[Token]) -> int:
    depth = deepest = 0
    for token in tokens:
        if token.kind == "mark":
            if token.text in _OPEN:
                depth += 1
                deepest = max(deepest, depth)
            elif token.text in _CLOSE:
                depth -= 1
    return deepest


def _star(tokens: Sequence[Token], begin: int) -> int:
    for token in tokens[begin + 1 : begin + 3]:
        if token.text == "*":
            return token.start
        if token.text.upper() not in ("DISTINCT", "REDUCED"):
            return -1
    return -1


def _variables(tokens: Sequence[Token], star: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.text[1:] for token in tokens if token.kind == "variable" and token.start > star))


def with_projection(text: str, analysis: Analysis, names: Sequence[str]) -> str:
    """The query with its outermost ``*`` replaced by variables, in the order in which the query names them.

    :param names: the variables that the store would project (it returns them sorted by name).
    """
    wanted = frozenset(names)
    ordered = [name for name in analysis.variables if name in wanted]
    if analysis.star < 0 or not ordered or len(ordered) != len(wanted):
        return text
    return f"{text[: analysis.star]}{' '.join('?' + name for name in ordered)} {text[analysis.star + 1 :]}"


def prefixes(text: str) -> dict[str, str]:
    """The prefixes that the prologue of a query declares."""
    tokens = tuple(scan(text))
    result: dict[str, str] = {}
    for index, token in enumerate(tokens[:-2]):
        if token.kind == "word" and token.text.upper() == "PREFIX":
            name, iri = tokens[index + 1], tokens[index + 2]
            if name.kind == "name" and name.text.endswith(":") and iri.kind == "iri":
                result[name.text[:-1]] = iri.text[1:-1]
    return result
