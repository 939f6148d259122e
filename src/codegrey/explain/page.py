"""A view as one HTML page that needs nothing but itself: no script, no font, no host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources

from codegrey.explain.view import Case, Named, Note, Refused, Segment, View

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def page(view: View) -> str:
    """The page: the article with its claims marked, a legend that hides kinds, and lists that say how all was read."""
    css = resources.files("codegrey.explain").joinpath("page.css").read_text("utf-8")
    title = view.article.title or view.article.stem or view.article.id
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_text(title)} · how codegrey read it</title>
<link rel="icon" href="data:,">
<style>
{css}{"".join([*_hiding(view), *_pointing(view.notes)])}</style>
</head>
<body>
<a class="skip" href="#claims">Skip to the claims</a>
<header>
<p class="name">codegrey explain</p>
<p class="told">{_told(view)}</p>
{_legend(view)}
</header>
<main>
{_article(view)}
<div class="side">
<section id="claims" aria-labelledby="claims-title">
<h2 id="claims-title">What it states</h2>
{"".join(map(_case, view.cases)) or "<p>No incident was found.</p>"}
</section>
{_organisations(view.organisations)}{_rejections(view.refused)}
</div>
</main>
</body>
</html>
"""


def _text(value: str) -> str:
    """Text for HTML; a character that HTML forbids becomes the replacement character."""
    return escape(_CONTROL.sub("\ufffd", value), quote=True)


def _hiding(view: View) -> Iterator[str]:
    """The rules behind the legend's boxes."""
    for kind in view.kinds:
        off = f"body:has(#show-{kind}:not(:checked))"
        yield f"{off} mark.{kind}{{background:none;box-shadow:none!important}}\n"
        yield f"{off} :is(article sup.{kind},.notes li.{kind}){{display:none}}\n"
    off = "body:has(#show-refused:not(:checked))"
    yield f"{off} :is(article sup.refused,.refusals){{display:none}}\n{off} article .refused{{text-decoration:none}}\n"


def _pointing(notes: Iterable[Note]) -> Iterator[str]:
    """A rule a note, so that pointing at it, or following its footnote, shows its words, and the other way round."""
    for note in notes:
        own, words = f"#c{note.number}", f'[data-n~="{note.number}"]'
        yield f"body:has({own}:is(:hover,:target)) {words}{{outline:2px solid var(--ink)}}\n"
        yield f"body:has({words}:hover) {own}{{background:var(--shade)}}\n"


def _told(view: View) -> str:
    facts, incidents = len(view.notes), sum(bool(case.title) for case in view.cases)
    parts = [
        f"<strong>{facts}</strong> fact{'s' * (facts != 1)}",
        f"<strong>{incidents}</strong> incident{'s' * (incidents != 1)}",
        f"<strong>{len(view.refused)}</strong> not believed",
    ]
    return " · ".join(parts)


def _legend(view: View) -> str:
    counts = {name: sum(note.kind == name for note in view.notes) for name in view.kinds}
    items = "\n".join(
        f'<label class="{name}"><input type="checkbox" id="show-{name}" checked> {_text(label)} '
        f"<span>{counts[name]}</span></label>"
        for name, label in view.kinds.items()
        if counts[name]
    )
    refused = f'<label class="refused"><input type="checkbox" id="show-refused" checked> not believed \
<span>{len(view.refused)}</span></label>'
    return f'<fieldset class="legend"><legend>Show</legend>\n{items}\n{refused if view.refused else ""}</fieldset>'


def _article(view: View) -> str:
    article = view.article
    about = [article.publisher, article.published, article.language.upper()]
    meta = " · ".join(_text(part) for part in about if part)
    if article.url.startswith(("https://", "http://")):
        meta += f' · <a href="{_text(article.url)}" rel="noreferrer">source</a>'
    seen: dict[str, int] = {}
    lines = []
    for number, paragraph in enumerate(view.paragraphs):
        inner = "".join(_segment(segment, seen) for segment in paragraph)
        if inner.strip():
            tag = "h1" if number == 0 and article.title else "p"
            lines.append(f'<{tag} dir="auto">{inner}</{tag}>')
    language = f' lang="{_text(article.language)}"' if article.language else ""
    return f'<article{language} aria-label="The article">\n<p class="meta" lang="en">{meta}</p>\n' + "\n".join(
        [*lines, "</article>"]
    )


def _segment(segment: Segment, seen: dict[str, int]) -> str:
    inner = _text(segment.text)
    if segment.notes or segment.refused:
        inner = _mark(segment, inner)
    return inner + "".join(_footnote(one, seen) for one in segment.closing)


def _mark(segment: Segment, inner: str) -> str:
    """One marked stretch: the colour of its shortest claim, a line below it for each kind."""
    kinds = list(dict.fromkeys(note.kind for note in segment.notes))
    if not kinds:
        why = _text("; ".join(dict.fromkeys(f"not believed: {one.why}" for one in segment.refused)))
        return f'<span class="refused" title="{why}">{inner}</span>'
    numbers = " ".join(str(note.number) for note in segment.notes)
    said = _text("; ".join(f"{note.number} {note.text} ({note.confidence:.2f})" for note in segment.notes))
    names = " ".join([kinds[0], *(["refused"] if segment.refused else [])])
    lines = ",".join(f"0 {3 * i + 2}px 0 -{int(i > 0)}px var(--{kind})" for i, kind in enumerate(kinds[:3]))
    style = f' style="box-shadow:{lines}"' if len(kinds) > 1 else ""
    return f'<mark class="{names}" data-n="{numbers}" title="{said}"{style}>{inner}</mark>'


def _footnote(one: Note | Refused, seen: dict[str, int]) -> str:
    """A raised number that leads to the list; the first of each can be come back to."""
    note = isinstance(one, Note)
    key = f"c{one.number}" if note else f"r{one.number}"
    first = key not in seen
    seen[key] = seen.get(key, 0) + 1
    anchor = f' id="at-{key}"' if first else ""
    said = f"claim {one.number}: {one.text}" if isinstance(one, Note) else f"not believed {one.number}: {one.why}"
    shown = one.number if note else f"×{one.number}"
    kind = one.kind if isinstance(one, Note) else "refused"
    return f'<sup lang="en" class="{kind}"><a{anchor} href="#{key}" aria-label="{_text(said)}">{shown}</a></sup>'


def _case(case: Case) -> str:
    if case.title:
        aside = "" if case.focus else ' <span class="aside">in passing</span>'
        head = f"<h3>{_text(case.title)}{aside}</h3>"
    else:
        head = "<h3>Figures of organisations</h3>"
    rows = "\n".join(map(_note, case.notes))
    return f'{head}\n<ol class="notes" start="{case.notes[0].number}">\n{rows}\n</ol>\n'


def _note(note: Note) -> str:
    by_rule: dict[tuple[str, str], list[str]] = {}
    for proof in note.proofs:
        by_rule.setdefault((proof.extractor, proof.rule), []).append(f"<q>{_text(proof.evidence.exact)}</q>")
    proofs = "".join(
        f'<div class="proof">{" ".join(quotes)}{_how(extractor, rule)}</div>'
        for (extractor, rule), quotes in by_rule.items()
    )
    number = note.number
    return (
        f'<li id="c{number}" class="{note.kind}" value="{number}"><p class="fact">'
        f'<a class="number" href="#at-c{number}" aria-label="to the words of claim {number}">{number}</a>'
        f" <span>{_text(note.text)}</span> {_confidence(note.confidence)}</p>{proofs}</li>"
    )


def _how(extractor: str, rule: str) -> str:
    """Who read it and by which rule: one line, all of it when opened."""
    name = f"{_text(extractor)} · " if extractor else ""
    return f'<details class="how"><summary>{name}<code>{_text(rule)}</code></summary></details>'


def _confidence(value: float) -> str:
    return (
        f'<span class="sure" title="confidence {value:.2f}"><i style="width:{100 * value:.0f}%"></i>'
        f'<b><span class="skip">confidence </span>{value:.2f}</b></span>'
    )


def _organisations(organisations: Iterable[Named]) -> str:
    rows = "\n".join(
        f"<tr><td>{_text(o.name)}{_also(o)}</td><td>{_text(o.kind)}</td><td>{o.mentions}</td></tr>"
        for o in organisations
    )
    if not rows:
        return ""
    return f"""<section aria-labelledby="organisations-title">
<h2 id="organisations-title">Whom it names</h2>
<table><thead><tr><th scope="col">organisation</th><th scope="col">class</th><th scope="col">mentions</th></tr></thead>
<tbody>
{rows}
</tbody></table>
</section>
"""


def _also(named: Named) -> str:
    shown = named.aliases[:4]
    more = " …" if len(named.aliases) > len(shown) else ""
    also = f"<small>also {_text(', '.join(shown))}{more}</small>" if shown else ""
    return also + (f"<small>registry: <code>{_text(named.iri)}</code></small>" if named.iri else "")


def _rejections(refused: Iterable[Refused]) -> str:
    rows = "\n".join(
        f'<li id="r{one.number}"><a class="number" href="#at-r{one.number}" '
        f'aria-label="to the words of {one.number}, not believed">×{one.number}</a> <q>{_text(one.evidence.exact)}</q> '
        f'<span class="why">{_text(one.why)}</span>{_how("", one.rule)}</li>'
        for one in refused
    )
    if not rows:
        return ""
    return f"""<section class="refusals" aria-labelledby="refused-title">
<h2 id="refused-title">What was read and not believed</h2>
<ol class="notes">
{rows}
</ol>
</section>
"""
