"""The pages: home with the query form, results as a table, problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from codegrey.serve.examples import Example
from codegrey.serve.formats import RDF, RESULTS, Format, Kind
from codegrey.serve.html import Cell, Site, page, parse_terms, term
from codegrey.serve.http import Response
from codegrey.serve.problems import Problem, problem_html
from codegrey.serve.settings import ServeSettings, setting_rows
from codegrey.serve.tables import parse_table

ROWS_SHOWN: Final = 1000
FIRST_QUERY: Final = """SELECT ?class (COUNT(?resource) AS ?resources)
WHERE {
  ?resource a ?class .
}
GROUP BY ?class
ORDER BY DESC(?resources)
"""
_LIMITS_SHOWN: Final = frozenset(
    {"time_limit", "memory_limit", "byte_limit", "row_limit", "depth_limit", "query_bytes", "queue_limit"}
)
_KINDS: Final = {Kind.RESULTS: "SELECT, ASK", Kind.RDF: "CONSTRUCT, DESCRIBE"}


def query_form(query: str, *, format_name: str = "html") -> str:
    """The form that sends a query to the endpoint."""
    choices = [("html", "a page"), *((item.name, item.label) for item in (*RESULTS, *RDF))]
    options = "".join(
        f'<option value="{name}"{" selected" if name == format_name else ""}>{escape(label)}</option>'
        for name, label in choices
    )
    return f"""<form action="/sparql" method="get">
<label for="query"><strong>SPARQL query</strong></label>
<textarea id="query" name="query" spellcheck="false" autocapitalize="off" autocomplete="off">{escape(query)}</textarea>
<div class="controls"><button type="submit">Run</button>
<label for="format">Answer as</label> <select id="format" name="format">{options}</select>
<span class="soft">Ctrl+Enter runs it</span></div>
</form>"""


@dataclass(frozen=True, slots=True)
class Home:
    """What the landing page shows."""

    query: str
    examples: Sequence[Example]
    counts: Mapping[str, Any]
    chosen: str
    origin: str
    about: tuple[tuple[str, str], ...] = ()  # (language, text)


def home(site: Site, view: Home) -> Response:
    """The landing page."""
    shown = {name: count for name, count in view.counts.items() if isinstance(count, int) and count}
    figures = "".join(f"<li><b>{count:,}</b> {escape(name)}</li>" for name, count in shown.items())
    about = "".join(f'<p class="lead" lang="{escape(lang)}">{escape(text)}</p>' for lang, text in view.about)
    content = f"""<h1>{escape(site.title)}</h1>
{about}
<ul class="figures">{figures}</ul>
{query_form(view.query or FIRST_QUERY)}
{_examples(view.examples, view.chosen)}
<h2>For programs</h2>
<pre>curl -H 'Accept: text/csv' --data-urlencode 'query=SELECT * {{ ?s a ?class }} LIMIT 5' \\
  {escape(view.origin)}/sparql</pre>
<p>The endpoint speaks SPARQL 1.1; its <a href="/sparql.html">description</a> lists formats, graphs and limits.
All resources have an address of their own, and <a href="/data">dumps</a> hold everything at once.</p>"""
    return page(site, site.title, content)


def _examples(examples: Sequence[Example], chosen: str) -> str:
    if not examples:
        return ""
    items = []
    for item in examples:
        french = dict(item.question).get("fr", "")
        second = f'<br><small lang="fr">{escape(french)}</small>' if french else ""
        tags = f'<span class="tag">{escape(", ".join(item.tags))}</span>' if item.tags else ""
        mark = ' aria-current="true"' if item.name == chosen else ""
        link = "/?" + urlencode({"example": item.name})
        items.append(f'<li><a href="{escape(link)}#query"{mark}>{escape(item.asked("en"))}</a>{tags}{second}</li>')
    return f'<h2 id="examples">Example questions</h2><ol class="examples">{"".join(items)}</ol>'


@dataclass(frozen=True, slots=True)
class Shown:
    """The beginning of an answer, and whether it is all."""

    query: str
    body: bytes
    complete: bool
    seconds: float
    hint: str = ""


def table_page(site: Site, shown: Shown) -> Response:
    """The rows of a table (SPARQL JSON)."""
    names, found = parse_table(shown.body)
    rows = [[row.get(name, Cell("")) for name in names] for row in found[:ROWS_SHOWN]]
    return _results(site, shown, names, rows, more=len(found) > ROWS_SHOWN, formats=RESULTS)


def graph_page(site: Site, shown: Shown) -> Response:
    """The triples of a graph (N-Triples)."""
    lines = shown.body.decode("utf-8", "ignore").split("\n")[:-1]
    rows = [list(parse_terms(line.removesuffix(" ."))[:3]) for line in lines[:ROWS_SHOWN]]
    names = ["subject", "predicate", "object"]
    return _results(site, shown, names, rows, more=len(lines) > ROWS_SHOWN, formats=RDF)


def boolean_page(site: Site, query: str, *, value: bool, seconds: float) -> Response:
    """Yes or no."""
    answer = "Yes" if value else "No"
    content = f'<h1>{answer}</h1><p class="soft">{seconds * 1000:.1f} ms</p>{query_form(query)}'
    return page(site, "Answer", content)


def problem_page(site: Site, query: str, problem: Problem) -> Response:
    """What is wrong with a query, above the query itself."""
    position = dict(problem.extra)
    where = _excerpt(query, position) if "line" in position else ""
    content = (
        f'<h1>No answer</h1><div class="notice" role="alert">{problem_html(problem)}{where}</div>{query_form(query)}'
    )
    return page(site, problem.title, content, status=problem.status)


def _excerpt(query: str, position: Mapping[str, Any]) -> str:
    lines = query.splitlines()
    number, column = int(position["line"]), int(position["column"])
    if not 1 <= number <= len(lines):
        return ""
    return f"<pre>{escape(lines[number - 1][:400])}\n{' ' * min(column - 1, 400)}^</pre>"


def _results(
    site: Site,
    shown: Shown,
    names: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    more: bool,
    formats: Sequence[Format],
) -> Response:
    more = more or not shown.complete
    links = " · ".join(
        f'<a href="/sparql?{escape(urlencode({"query": shown.query, "format": item.name}))}">{item.label}</a>'
        for item in formats
    )
    notices = [f"These are the first {len(rows):,} rows. The files hold all of them."] if more else []
    notices += [shown.hint] if shown.hint else []
    notice = "".join(f'<p class="notice">{escape(text)}</p>' for text in notices)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(f"<tr>{''.join(_cell(cell, site) for cell in row)}</tr>" for row in rows)
    table = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    count = f"{len(rows):,}{' and more' if more else ''} {'row' if len(rows) == 1 and not more else 'rows'}"
    content = f"""<h1>{count}</h1>
<p class="soft">{shown.seconds * 1000:.1f} ms · all as {links}</p>{notice}{table}
<h2>The query</h2>{query_form(shown.query)}"""
    return page(site, count, content)


def _cell(cell: Cell, site: Site) -> str:
    kind = ' class="number"' if cell.datatype.endswith(("#integer", "#decimal", "#double")) else ""
    return f"<td{kind}>{term(cell, site)}</td>"


def endpoint_page(site: Site, settings: ServeSettings, *, origin: str) -> Response:
    """The endpoint for people: address, formats, limits."""
    limits = "".join(
        f'<tr><th scope="row"><code>{row.name}</code></th><td class="number">{getattr(settings, row.name):,}</td>'
        f"<td>{escape(row.unit)}</td><td>{escape(row.text)}</td></tr>"
        for row in setting_rows()
        if row.name in _LIMITS_SHOWN
    )
    formats = "".join(
        f"<tr><td>{escape(item.label)}</td><td><code>{escape(item.media_types[0])}</code></td>"
        f"<td><code>{item.name}</code></td><td>{_KINDS[item.kind]}</td></tr>"
        for item in (*RESULTS, *RDF)
    )
    service = ", ".join(f"<code>{escape(item)}</code>" for item in settings.service_allow) or "refused"
    content = f"""<h1>SPARQL endpoint</h1>
<p class="lead"><code>{escape(origin)}/sparql</code></p>
<p>SPARQL 1.1 Protocol by GET, POST (form or direct) and QUERY. The default graph is the union of all graphs unless
<code>FROM</code> or <code>default-graph-uri</code> says otherwise. Relative IRIs stand below
<code>{escape(site.base)}</code>. Updates are refused; <code>SERVICE</code>: {service}. Graphs one by one:
<code>/rdf-graph-store?graph=…</code>. Machine-readable: <a href="/sparql?format=ttl">service description</a>,
<a href="/.well-known/void">VoID</a>, <a href="/openapi.json">OpenAPI</a>.</p>
<h2>Formats</h2>
<div class="scroll"><table><thead><tr><th scope="col">Format</th><th scope="col">Accept</th>
<th scope="col">?format=</th><th scope="col">for</th></tr></thead><tbody>{formats}</tbody></table></div>
<h2>Limits</h2>
<p>An answer is whole or it is an error: nothing is cut short in silence. A limit of 0 is no limit.</p>
<div class="scroll"><table><tbody>{limits}</tbody></table></div>"""
    return page(site, "SPARQL endpoint", content)
