"""The frame of every page, and RDF terms as HTML. Plain HTML that works without JavaScript; no third-party host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Final
from urllib.parse import quote

from codegrey.serve.http import Response

CONTENT_TYPE: Final = "text/html; charset=utf-8"
_RULES: Final = (
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
_POLICY: Final = (b"content-security-policy", "; ".join(_RULES).encode())
_FRAME: Final = (b"x-frame-options", b"DENY")
_TERM: Final = re.compile(
    r"<(?P<iri>[^<>\s]*)>"
    r'|"(?P<text>(?:[^"\\]|\\.)*)"(?:@(?P<language>[A-Za-z0-9-]+)|\^\^<(?P<type>[^<>]*)>)?'
    r"|_:(?P<blank>\S+)"
)
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_CONTROL: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One term of a result: an IRI, a literal with its language or datatype, a blank node, or nothing."""

    kind: str  # "iri", "literal", "blank" or ""
    value: str = ""
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What every page needs: the site's name, the base of the resources it dereferences, prefixes for short names."""

    title: str
    base: str
    version: str
    prefixes: Mapping[str, str]

    def path(self, iri: str) -> str:
        """Where a link to an IRI goes: this server for its own resources, elsewhere the IRI itself."""
        if iri.startswith(self.base):
            return "/id/" + quote(iri.removeprefix(self.base), safe="/:@!$&'()*+,;=-._~%")
        namespace = self.prefixes.get("cg", "")
        if namespace and iri.startswith(namespace):
            return "/ontology#" + quote(iri.removeprefix(namespace), safe="")
        return iri

    def short(self, iri: str) -> str:
        """A prefixed name if there is a prefix, the part below the base of a resource, otherwise the IRI."""
        if iri.startswith(self.base) and iri != self.base:
            return iri.removeprefix(self.base)
        best = max(
            (item for item in self.prefixes.items() if iri.startswith(item[1])),
            key=lambda item: len(item[1]),
            default=None,
        )
        return f"{best[0]}:{iri.removeprefix(best[1])}" if best else iri


def page(site: Site, title: str, content: str, *, status: int = 200, head: str = "") -> Response:
    """A whole page."""
    name = escape(site.title)
    heading = name if title == site.title else f"{escape(title)} · {name}"
    text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
<script src="/query.js" defer></script>{head}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><a class="name" href="/">{name}</a>
<nav aria-label="Main"><a href="/">Query</a><a href="/ontology">Ontology</a><a href="/data">Data</a>
<a href="/sparql.html">SPARQL endpoint</a></nav></header>
<main id="content">
{content}
</main>
<footer>Dataset version <code>{escape(site.version)}</code> · text and code under their own licences, see
<a href="/.well-known/void">the description</a></footer>
</body>
</html>
"""
    return Response(status, CONTENT_TYPE, text.encode(), (_POLICY, _FRAME, (b"vary", b"Accept")))


def static(name: str) -> bytes:
    """A file of the package's ``static`` folder."""
    return resources.files("codegrey.serve").joinpath("static", name).read_bytes()


def parse_terms(line: str) -> tuple[Cell, ...]:
    """The terms of one line of N-Triples (without its final dot)."""
    return tuple(_cell(match) for match in _TERM.finditer(line))


def _cell(match: re.Match[str]) -> Cell:
    groups = match.groupdict()
    if groups["iri"] is not None:
        return Cell("iri", _unescape(groups["iri"]))
    if groups["text"] is not None:
        return Cell("literal", _unescape(groups["text"]), groups["language"] or "", groups["type"] or "")
    return Cell("blank", groups["blank"])


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "uU" and len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"
    return _CONTROL.get(code, code)


def term(cell: Cell, site: Site, label: str = "") -> str:
    """A term as HTML: links for IRIs, the language beside a text, the datatype as a title."""
    if cell.kind == "iri":
        shown = escape(label or site.short(cell.value))
        if not cell.value.startswith(("http://", "https://")):
            return f"<code>{shown}</code>"
        href, title = escape(site.path(cell.value), quote=True), escape(cell.value, quote=True)
        return f'<a href="{href}" title="{title}">{shown}</a>'
    if cell.kind == "literal":
        if cell.language:
            mark = f'<span class="lang">{escape(cell.language)}</span>'
            return f'<span lang="{escape(cell.language, quote=True)}">{escape(cell.value)}</span>{mark}'
        title = f' title="{escape(site.short(cell.datatype), quote=True)}"' if ":" in cell.datatype else ""
        return f"<span{title}>{escape(cell.value)}</span>"
    return f"<code>_:{escape(cell.value)}</code>" if cell.kind == "blank" else ""


def problem_fragment(inner: str) -> str:
    """The content of a page that only says what is wrong."""
    return f'<h1>Not here</h1><div class="notice" role="alert">{inner}</div>'
