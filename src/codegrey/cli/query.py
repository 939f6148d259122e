"""The query command: one SPARQL query over a dataset on disk, without a server."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codegrey.cli.options import DEFAULT_DATASET, DatasetDir
from codegrey.cli.show import print_table
from codegrey.errors import QueryError, UsageError
from codegrey.vocab import PREFIXES

if TYPE_CHECKING:
    from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples

RESULT_FORMATS = ("table", "csv", "tsv", "json", "xml")
GRAPH_FORMATS = ("ttl", "nt", "nq", "trig", "rdf", "jsonld")
FORMAT_HELP = f"For rows: {', '.join(RESULT_FORMATS)}. For graphs: {', '.join(GRAPH_FORMATS)}. Default: table or ttl."
_MEDIA_TYPES = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}


def query(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|FILE|-",
            help="A question that codegrey ships (see --list), a .rq file, - for standard input, or the query itself.",
            show_default=False,
        ),
    ] = None,
    dataset: DatasetDir = DEFAULT_DATASET,
    form: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help=FORMAT_HELP, show_default=False)
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the questions that codegrey ships, and stop.")] = False,
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
    _answer(_evaluate(dataset, _text(what)), form)


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


def _evaluate(folder: Path, text: str) -> QuerySolutions | QueryBoolean | QueryTriples:
    from codegrey.dataset import open_dataset
    from codegrey.store import open_store

    store = open_store(open_dataset(folder).store_path)
    try:
        return store.query(text, prefixes=PREFIXES, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise QueryError(f"not a SPARQL query: {error}") from error
    except OSError as error:
        raise QueryError(f"cannot be answered: {error}") from error


def _answer(results: Any, form: str | None) -> None:
    """Write an answer to standard output as it is made; a table has to wait for the last row."""
    from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat, serialize

    is_graph = isinstance(results, QueryTriples)
    chosen = form or ("ttl" if is_graph else "table")
    fitting = GRAPH_FORMATS if is_graph else RESULT_FORMATS
    if chosen not in fitting:
        kind = "a graph (CONSTRUCT, DESCRIBE)" if is_graph else "rows (SELECT, ASK)"
        raise UsageError(f"--format {chosen} does not fit {kind}; there are {', '.join(fitting)}")
    try:
        if chosen == "table":
            print_table(*_rows(results))
        elif is_graph:
            kind_of = RdfFormat.from_media_type(_MEDIA_TYPES[chosen])
            serialize(results, sys.stdout.buffer, kind_of, prefixes=PREFIXES)
        else:
            results.serialize(sys.stdout.buffer, QueryResultsFormat.from_media_type(_MEDIA_TYPES[chosen]))
        sys.stdout.flush()
    except (ValueError, RuntimeError) as error:
        raise QueryError(f"cannot be answered: {error}") from error


def _rows(results: Any) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    from pyoxigraph import QueryBoolean, QueryResultsFormat

    if isinstance(results, QueryBoolean):
        return ("answer",), (("yes" if results else "no",),)
    buffer = io.BytesIO()
    results.serialize(buffer, QueryResultsFormat.JSON)
    answer = json.loads(buffer.getvalue())
    columns = answer["head"]["vars"]
    rows = [[_cell(row.get(column)) for column in columns] for row in answer["results"]["bindings"]]
    return columns, rows


def _cell(term: dict[str, str] | None) -> str:
    if term is None:
        return ""
    value = term["value"]
    if term["type"] == "uri":
        return next((f"{p}:{value[len(ns) :]}" for p, ns in PREFIXES.items() if value.startswith(ns)), value)
    return value
