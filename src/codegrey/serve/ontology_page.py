"""The ontology as one page: each term with its definitions, grouped by kind and scheme."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from codegrey.serve.ask import rows
from codegrey.serve.html import Site, page
from codegrey.serve.http import Response
from codegrey.serve.serving import Serving
from codegrey.serve.tables import Row
from codegrey.vocab import CG, LABEL, OWL, RDF, RDFS, SKOS, local_name

_SECTIONS: Final = (
    ("Classes", (OWL["Class"], RDFS["Class"])),
    ("Properties", (OWL["ObjectProperty"], OWL["DatatypeProperty"], RDF["Property"])),
    ("Concepts", (SKOS["Concept"],)),
)


async def ontology_page(site: Site, serving: Serving, *, client: str) -> Response:
    """The page. :raises TaskError: if the store does not answer."""
    found = await rows(serving.pool, _query(serving.dataset.base + "graph/ontology"), client=client)
    terms: dict[str, list[Row]] = {}
    for row in found:
        if "term" in row:
            terms.setdefault(row["term"].value, []).append(row)
    sections = "".join(_section(title, kinds, terms, site) for title, kinds in _SECTIONS)
    content = f"""<h1>The ontology</h1>
<p class="lead">Every term that the graph uses, with its definition in English and French.</p>
<p class="soft"><code>{escape(CG.removesuffix("#"))}</code><br>as data: <a href="/ontology.ttl">ttl</a> ·
<a href="/ontology.jsonld">jsonld</a> · <a href="/ontology.nt">nt</a> · <a href="/ontology.rdf">rdf</a></p>
{sections or "<p>This dataset carries no ontology.</p>"}"""
    return page(site, "Ontology", content)


def _query(graph: str) -> str:
    return f"""SELECT ?term ?kind ?label ?definition ?scheme ?above WHERE {{ GRAPH <{graph}> {{
  ?term a ?kind . FILTER(STRSTARTS(STR(?term), "{CG}"))
  OPTIONAL {{ ?term <{LABEL}>|<{SKOS["prefLabel"]}> ?label }}
  OPTIONAL {{ ?term <{SKOS["definition"]}> ?definition . FILTER(LANG(?definition) = LANG(?label)) }}
  OPTIONAL {{ ?term <{SKOS["inScheme"]}> ?scheme }}
  OPTIONAL {{ ?term <{RDFS["subClassOf"]}>|<{RDFS["subPropertyOf"]}>|<{SKOS["broader"]}> ?above .
    FILTER(STRSTARTS(STR(?above), "{CG}")) }}
}} }} ORDER BY ?term"""


def _section(title: str, kinds: Sequence[str], terms: dict[str, list[Row]], site: Site) -> str:
    chosen = {
        iri: group for iri, group in terms.items() if any(row["kind"].value in kinds for row in group if "kind" in row)
    }
    if not chosen:
        return ""
    items = "".join(_item(iri, group, site) for iri, group in sorted(chosen.items()))
    return f'<h2 id="{title.lower()}">{title} <small>{len(chosen)}</small></h2><dl class="terms">{items}</dl>'


def _item(iri: str, group: Sequence[Row], site: Site) -> str:
    name = local_name(iri)
    labels = _distinct(group, "label")
    definitions = "".join(
        f'<dd lang="{escape(lang)}">{escape(text)}</dd>' for text, lang in _distinct(group, "definition")
    )
    shown = " · ".join(f'<span lang="{escape(lang)}">{escape(text)}</span>' for text, lang in labels)
    above = sorted({row[key].value for row in group for key in ("above", "scheme") if key in row})
    links = ", ".join(
        f'<a href="{escape(site.path(item), quote=True)}">{escape(site.short(item))}</a>' for item in above
    )
    below = f'<dd class="soft">below {links}</dd>' if links else ""
    term = f'{shown or escape(name)} <code class="soft">{escape(name)}</code>'
    return f'<dt id="{escape(name, quote=True)}">{term}</dt>{definitions}{below}'


def _distinct(group: Sequence[Row], key: str) -> list[tuple[str, str]]:
    found = {(row[key].value, row[key].language) for row in group if key in row}
    return sorted(found, key=lambda pair: (pair[1] != "en", pair[1], pair[0]))
