"""The explain command: how one article was read."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from codegrey.errors import DataError, UsageError
from codegrey.model import Article, Finding, Report

if TYPE_CHECKING:
    from codegrey.explain import Note, Segment, View

STYLES = {
    "victim": "bold red",
    "time": "yellow",
    "attack": "magenta",
    "ransom": "bold magenta",
    "data": "cyan",
    "impact": "bold yellow",
    "system": "blue",
    "response": "green",
    "organisation": "bright_black",
}


def explain(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="One article: a file, or - for standard input.", show_default=False)
    ],
    *,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page that stands on its own instead.", show_default=False),
    ] = None,
    patterns: Annotated[bool, typer.Option("--patterns-only", help="Without the learned recogniser.")] = False,
) -> None:
    """Show how an article was read.

    Every claim in its place with the words that prove it, the rule that read them, the confidence and the incident that
    it was given to; and what was read and not believed, with the reason. In the article, raised numbers lead to the
    list, and so do those with × to what was not believed.

    \b
    Examples:
      codegrey explain data/articles/en-chsf-leak.md
      codegrey explain data/articles/fr-dax-rancongiciel.md --html dax.html
    """
    from codegrey.explain import page, view
    from codegrey.ontology import load_ontology

    shown = view(_report(article, recogniser=not patterns), load_ontology())
    if html is None:
        _print(shown)
        return
    html.write_text(page(shown), encoding="utf-8")
    print(f"wrote {html}")


def _report(name: str, *, recogniser: bool) -> Report:
    """What the article of a file states.

    :raises DataError: if there is no article in it.
    :raises UsageError: if there are several.
    """
    from codegrey.extract import load_extractor
    from codegrey.importers import read_articles
    from codegrey.settings import Settings

    items = list(read_articles([name], settings=Settings(), stdin=sys.stdin.buffer))
    articles = [item for item in items if isinstance(item, Article)]
    if not articles:
        said = next((item.message for item in items if isinstance(item, Finding)), "nothing there")
        raise DataError(f"{name}: no article could be read: {said}")
    if len(articles) > 1:
        raise UsageError(f"{name} holds {len(articles)} articles; explain wants one")
    return load_extractor(recogniser=recogniser)(articles[0])


def _print(view: View) -> None:
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    legend = Text("  ").join(
        Text(label, STYLES[name]) for name, label in view.kinds.items() if any(n.kind == name for n in view.notes)
    )
    console.print(legend, end="\n\n")
    for paragraph in view.paragraphs:
        console.print(_paragraph(paragraph))
    for case in view.cases:
        aside = "" if case.focus or not case.title else " (in passing)"
        console.print(Text(f"\n{_printable(case.title) or 'Figures of organisations'}{aside}", "bold"))
        for note in case.notes:
            _print_note(console, note)
    if view.refused:
        console.print(Text("\nNot believed", "bold"))
    for one in view.refused:
        line = Text.assemble((f"×{one.number:<3} ", "dim"), f"“{_printable(one.evidence.exact)}” ", (one.why, "italic"))
        console.print(line)
        console.print(_indented(Text(one.rule, "dim")))


def _paragraph(segments: Iterable[Segment]) -> Text:
    text = Text()
    for segment in segments:
        if segment.notes:
            style = f"{STYLES[segment.notes[0].kind]} underline"
        else:
            style = "dim strike" if segment.refused else ""
        text.append(_printable(segment.text), style)
        if segment.closing:
            numbers = " ".join(("" if one in segment.notes else "×") + str(one.number) for one in segment.closing)
            text.append(f"[{numbers}]", "dim")
    return text


def _printable(text: str) -> str:
    """Without the control characters that a terminal would obey."""
    return "".join(c if c.isprintable() or c in "\t\n\u00a0\u202f\u2009" else "\ufffd" for c in text)


def _print_note(console: Console, note: Note) -> None:
    said = (_printable(note.text), STYLES[note.kind])
    head = Text.assemble((f"{note.number:>3}  ", "dim"), said, f"  {note.confidence:.2f}")
    console.print(head)
    for proof in note.proofs:
        quote = Text.assemble(f"“{_printable(proof.evidence.exact)}” ", (f"{proof.extractor} · {proof.rule}", "dim"))
        console.print(_indented(quote))


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 5), expand=False)
