"""The page of one resource: its facts with what was asserted and what follows, its proof, what points at it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from codegrey.serve.ask import rows
from codegrey.serve.html import Cell, Site, page, term
from codegrey.serve.http import Response
from codegrey.serve.labels import labels_of
from codegrey.serve.serving import Serving
from codegrey.serve.tables import Row
from codegrey.vocab import CG, DCTERMS, LABEL, OA, PROV, RDF, TYPE

_MOST_LINKS: Final = 100
_MOST_FACTS: Final = 500


@dataclass(frozen=True, slots=True)
class _View:
    """What the page is made of."""

    site: Site
    iri: str
    facts: Sequence[Row]
    links: Sequence[Row]
    proofs: Sequence[Row]
    labels: Mapping[str, Cell]

    def show(self, cell: Cell) -> str:
        """A term with its label."""
        label = self.labels.get(cell.value) if cell.kind == "iri" else None
        return term(cell, self.site, label.value if label else "")


async def entity_page(site: Site, serving: Serving, iri: str, *, client: str) -> Response:
    """The page of a resource that exists.

    :raises TaskError: if the store does not answer.
    """
    facts, links, proofs = await asyncio.gather(
        *(rows(serving.pool, query, client=client) for query in (_facts(iri), _links(iri), _proofs(iri)))
    )
    cells = [cell for row in (*facts, *links, *proofs) for cell in row.values() if cell.kind == "iri"]
    names = {cell.value for cell in cells} | {iri}
    labels = await labels_of(serving.pool, names, client=client)
    view = _View(site, iri, facts, links, proofs, labels)
    title = labels[iri].value if iri in labels else site.short(iri)
    path = escape(site.path(iri), quote=True)
    others = " · ".join(f'<a href="{path}.{suffix}">{suffix}</a>' for suffix in ("ttl", "jsonld", "nt", "rdf"))
    head = "".join(
        f'\n<link rel="alternate" type="{media}" href="{path}.{suffix}">'
        for suffix, media in (("ttl", "text/turtle"), ("jsonld", "application/ld+json"))
    )
    content = f"""<h1>{escape(title)}</h1>
<p class="soft"><code>{escape(iri)}</code><br>as data: {others}</p>
{_facts_table(view)}{_proof_list(view)}{_links_table(view)}"""
    return page(site, title, content, head=head)


def _facts(iri: str) -> str:
    return f"""SELECT ?g ?s ?p ?o WHERE {{
  {{ GRAPH ?g {{ <{iri}> ?p ?o }} BIND(<{iri}> AS ?s) }}
  UNION {{ <{iri}> ?link ?s . FILTER(ISIRI(?s) && STRSTARTS(STR(?s), "{iri}/")) GRAPH ?g {{ ?s ?p ?o }} }}
}} ORDER BY ?s ?p ?o LIMIT {_MOST_FACTS}"""


def _links(iri: str) -> str:
    return f"""SELECT ?s ?p WHERE {{
  ?s ?p <{iri}> .
  FILTER(!STRSTARTS(STR(?s), "{iri}/") && ?p NOT IN (<{RDF["subject"]}>, <{RDF["object"]}>))
}} ORDER BY ?p ?s LIMIT {_MOST_LINKS + 1}"""


def _proofs(iri: str) -> str:
    return f"""SELECT DISTINCT ?claim ?p ?o ?quote ?article ?disputed ?reason WHERE {{
  {{ BIND(<{iri}> AS ?s) }} UNION {{ <{iri}> ?link ?s . FILTER(ISIRI(?s) && STRSTARTS(STR(?s), "{iri}/")) }}
  ?claim <{RDF["subject"]}> ?s ; <{RDF["predicate"]}> ?p ; <{RDF["object"]}> ?o ; <{PROV["wasDerivedFrom"]}> ?article .
  OPTIONAL {{ ?claim <{CG["evidence"]}>/<{OA["hasSelector"]}>/<{OA["exact"]}> ?quote }}
  OPTIONAL {{ ?claim <{CG["disputed"]}> ?disputed }}
  OPTIONAL {{ ?claim <{DCTERMS["description"]}> ?reason }}
}} ORDER BY ?article ?claim LIMIT {_MOST_FACTS}"""


def _facts_table(view: _View) -> str:
    entailed = view.site.base + "graph/entailed"
    groups: dict[tuple[str, str], list[str]] = {}
    for row in view.facts:
        if {"s", "p", "o"} <= row.keys():
            shown = view.show(row["o"])
            if row.get("g", Cell("")).value == entailed:
                shown += '<span class="tag">follows</span>'
            values = groups.setdefault((row["s"].value, row["p"].value), [])
            if shown not in values:
                values.append(shown)
    own = "".join(_fact(view, "", key[1], values) for key, values in groups.items() if key[0] == view.iri)
    below = "".join(
        _fact(view, key[0], key[1], values) for key, values in groups.items() if key[0] != view.iri and key[1] != LABEL
    )
    return f'<h2>Facts</h2><div class="scroll"><table><tbody>{own}{below}</tbody></table></div>' if groups else ""


def _fact(view: _View, node: str, predicate: str, values: Sequence[str]) -> str:
    name = "type" if predicate == TYPE else ""
    label = term(Cell("iri", predicate), view.site, name or _label(view, predicate))
    part = f"<small>{escape(node.removeprefix(view.iri))}</small> " if node else ""
    return f'<tr><th scope="row">{part}{label}</th><td>{"<br>".join(values)}</td></tr>'


def _label(view: _View, iri: str) -> str:
    found = view.labels.get(iri)
    return found.value if found else ""


def _proof_list(view: _View) -> str:
    items = []
    for row in view.proofs:
        if not {"p", "o", "article"} <= row.keys():
            continue
        quote = row.get("quote")
        words = f"<blockquote>“{escape(quote.value)}”</blockquote>" if quote else ""
        reason = f" — {escape(row['reason'].value)}" if "reason" in row else ""
        mark = f'<span class="tag">disputed{reason}</span>' if row.get("disputed", Cell("")).value == "true" else ""
        fact = f"{term(Cell('iri', row['p'].value), view.site, _label(view, row['p'].value))} {view.show(row['o'])}"
        items.append(f"<li>{fact}{mark}{words}<small>{view.show(row['article'])}</small></li>")
    return f'<h2 id="proof">What the articles say</h2><ul>{"".join(items)}</ul>' if items else ""


def _links_table(view: _View) -> str:
    if not view.links:
        return ""
    body = "".join(
        f"<tr><td>{view.show(row['s'])}</td><td>{view.show(row['p'])}</td></tr>"
        for row in view.links[:_MOST_LINKS]
        if {"s", "p"} <= row.keys()
    )
    more = f"<p>… and more than {_MOST_LINKS}.</p>" if len(view.links) > _MOST_LINKS else ""
    head = '<thead><tr><th scope="col">Resource</th><th scope="col">says of this</th></tr></thead>'
    return f'<h2>What points here</h2><div class="scroll"><table>{head}<tbody>{body}</tbody></table></div>{more}'
