"""The query command: one SPARQL query over a dataset on disk, without a server."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from codegrey.cli.options import DEFAULT_DATASET, DatasetDir
from codegrey.cli.show import print_table
from codegrey.errors import QueryError, QueryLimitError, UsageError
from codegrey.vocab import PREFIXES

RESULT_FORMATS = ("table", "csv", "tsv", "json", "xml")
GRAPH_FORMATS = ("ttl", "nt", "nq", "trig", "rdf", "jsonld")
FORMAT_HELP = f"For rows: {', '.join(RESULT_FORMATS)}. For graphs: {', '.join(GRAPH_FORMATS)}. Default: table or ttl."
MESSAGE_LENGTH = 300  # of a syntax error: the list of what was expected instead may go on for a page
_FIRST_LINE = re.compile(r"(line 1, column |at 1:)(\d+)", re.IGNORECASE)


def query(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|FILE|-",
            help="A question that codegrey ships (see --list), a .rq file, - for standard input, or the query itself.",
            show_default=False,
        ),
    ] = None,
    *,
    dataset: DatasetDir = DEFAULT_DATASET,
    form: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help=FORMAT_HELP, show_default=False)
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the questions that codegrey ships, and stop.")] = False,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", min=0, help="Stop after so long; 0: never.")
    ] = 0,
    language: Annotated[
        str, typer.Option("--language", metavar="CODE", help="The language of --list: en or fr.")
    ] = "en",
) -> None:
    """Ask a dataset a SPARQL question.

    The prefixes of the data model (cg:, prov:, oa:, skos: …) need no declaration. The default graph is the union of
    all graphs. A query that is interrupted (Ctrl-C) stops.

    \b
    Examples:
      codegrey query --list
      codegrey query ransom-demands --dataset dataset
      codegrey query my.rq --dataset dataset --format csv > rows.csv
      codegrey query 'SELECT ?v { ?incident cg:victim/rdfs:label ?v }'
      codegrey query 'DESCRIBE ?i { ?i a cg:Incident } LIMIT 1' --format ttl
    """
    if listing:
        _list(language)
        return
    if what is None:
        raise UsageError("query wants NAME, FILE or -; codegrey query --list shows the names")
    if form is not None and form not in RESULT_FORMATS + GRAPH_FORMATS:
        raise UsageError(f"--format {form}: there are {', '.join(RESULT_FORMATS + GRAPH_FORMATS)}")
    text = _text(what)
    chosen = _fitting(text, form)
    _show(_ask(dataset, text, None if chosen == "table" else chosen, time_limit), chosen)


def _fitting(text: str, form: str | None) -> str:
    """The format to answer in.

    :raises UsageError: if the one that was asked for does not fit the kind of query.
    """
    from codegrey.serve.syntax import Form, analyse

    is_graph = analyse(text).form in (Form.CONSTRUCT, Form.DESCRIBE)
    fitting = GRAPH_FORMATS if is_graph else RESULT_FORMATS
    if form is not None and form not in fitting:
        kind = "a graph (CONSTRUCT, DESCRIBE)" if is_graph else "rows (SELECT, ASK)"
        raise UsageError(f"--format {form} does not fit {kind}; there are {', '.join(fitting)}")
    return form or fitting[0]


def _list(language: str) -> None:
    from codegrey.queries import load_queries

    rows = [(q.name, q.question.get(language) or q.question["en"], " ".join(q.tags)) for q in load_queries()]
    print_table(("name", "question", "tags"), rows)


def _text(what: str) -> str:
    """The query text that an argument stands for.

    :raises UsageError: if there is no such question or file.
    """
    if what == "-":
        return sys.stdin.read()
    if "{" in what:
        return what
    if Path(what).is_file():
        try:
            return Path(what).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{what}: cannot be read ({error})") from error
    from codegrey.queries import load_queries

    known = {q.name: q.text for q in load_queries()}
    if what not in known:
        raise UsageError(f"no question and no file named {what!r}; codegrey query --list shows the questions")
    return known[what]


def _ask(dataset: Path, text: str, form: str | None, time_limit: float) -> bytes:
    """The answer in a format, from a process of its own that can be interrupted.

    :raises QueryError: with positions as in ``text``, although prefixes were put before it.
    """
    from codegrey.serve import run_query

    before = _prefixes(text)
    try:
        return run_query(dataset, before + text, format_name=form or "json", time_limit=time_limit)
    except QueryLimitError:
        raise
    except QueryError as error:
        moved = _FIRST_LINE.sub(lambda m: f"{m[1]}{max(1, int(m[2]) - len(before))}", str(error), count=1)
        raise QueryError(textwrap.shorten(moved, MESSAGE_LENGTH, placeholder=" …")) from error


def _prefixes(text: str) -> str:
    """Declarations, on one line, of the data model's prefixes that a query may use and does not declare."""
    from codegrey.serve.syntax import prefixes

    declared = prefixes(text)
    return "".join(f"PREFIX {p}: <{ns}> " for p, ns in PREFIXES.items() if f"{p}:" in text and p not in declared)


def _show(answer: bytes, form: str) -> None:
    if form == "table":
        print_table(*_rows(json.loads(answer)))
    else:
        sys.stdout.buffer.write(answer)
    sys.stdout.flush()


def _rows(answer: dict[str, Any]) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    if "boolean" in answer:
        return ("answer",), (("yes" if answer["boolean"] else "no",),)
    columns = answer["head"]["vars"]
    return columns, [[_cell(row.get(column)) for column in columns] for row in answer["results"]["bindings"]]


def _cell(term: dict[str, str] | None) -> str:
    if term is None:
        return ""
    value = term["value"]
    if term["type"] == "uri":
        return next((f"{p}:{value[len(ns) :]}" for p, ns in PREFIXES.items() if value.startswith(ns)), value)
    return value
