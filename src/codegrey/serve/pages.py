"""The pages: home with the query form, results as a table, problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from codegrey.serve.examples import Example
from codegrey.serve.formats import RDF, RESULTS
from codegrey.serve.html import Cell, Site, page, parse_field, parse_terms, term
from codegrey.serve.http import Response
from codegrey.serve.problems import Problem, problem_html

ROWS_SHOWN: Final = 1000
FIRST_QUERY: Final = """SELECT ?class (COUNT(?resource) AS ?resources)
WHERE {
  ?resource a ?class .
}
GROUP BY ?class
ORDER BY DESC(?resources)
"""
_FIGURES: Final = ("incidents", "organisations", "articles", "claims", "quads")


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


def home(
    site: Site, *, query: str, examples: Sequence[Example], counts: Mapping[str, Any], chosen: str = ""
) -> Response:
    """The landing page."""
    figures = "".join(
        f"<li><b>{counts[name]:,}</b> {name}</li>" for name in _FIGURES if isinstance(counts.get(name), int)
    )
    content = f"""<h1>{escape(site.title)}</h1>
<p class="lead">Cyber incidents at hospitals, read from articles and put into one knowledge graph: each fact points
at the very words that say it.</p>
<ul class="figures">{figures}</ul>
{query_form(query or FIRST_QUERY)}
{_examples(examples, chosen)}
<h2>For programs</h2>
<pre>curl -H 'Accept: text/csv' --data-urlencode 'query=SELECT * WHERE {{ ?s a ?class }} LIMIT 5' ORIGIN/sparql</pre>
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


def table_page(site: Site, query: str, lines: Sequence[str], *, complete: bool, seconds: float) -> Response:
    """The rows of a table (SPARQL TSV, first line the header)."""
    names = [name.lstrip("?") for name in lines[0].split("\t")] if lines and lines[0] else []
    rows = [[parse_field(field) for field in line.split("\t")] for line in lines[1 : ROWS_SHOWN + 1]]
    more = not complete or len(lines) - 1 > ROWS_SHOWN
    return _results(site, query, names, rows, more=more, seconds=seconds, formats=RESULTS)


def graph_page(site: Site, query: str, lines: Sequence[str], *, complete: bool, seconds: float) -> Response:
    """The triples of a graph (N-Triples)."""
    rows = [list(parse_terms(line.removesuffix(" ."))[:3]) for line in lines[:ROWS_SHOWN]]
    more = not complete or len(lines) > ROWS_SHOWN
    names = ["subject", "predicate", "object"]
    return _results(site, query, names, rows, more=more, seconds=seconds, formats=RDF)


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
    query: str,
    names: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    more: bool,
    seconds: float,
    formats: Sequence[Any],
) -> Response:
    links = " · ".join(
        f'<a href="/sparql?{escape(urlencode({"query": query, "format": item.name}))}">{item.label}</a>'
        for item in formats
    )
    notice = (
        f'<p class="notice">These are the first {len(rows):,} rows. The files hold all of them.</p>' if more else ""
    )
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(f"<tr>{''.join(_cell(cell, site) for cell in row)}</tr>" for row in rows)
    table = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    count = f"{len(rows):,}{' and more' if more else ''} {'row' if len(rows) == 1 and not more else 'rows'}"
    content = f"""<h1>{count}</h1>
<p class="soft">{seconds * 1000:.1f} ms · all as {links}</p>{notice}{table}
<h2>The query</h2>{query_form(query)}"""
    return page(site, count, content)


def _cell(cell: Cell, site: Site) -> str:
    kind = ' class="number"' if cell.datatype == "number" or cell.datatype.endswith(("#integer", "#decimal")) else ""
    return f"<td{kind}>{term(cell, site)}</td>"
