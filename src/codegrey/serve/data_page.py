"""The page of the dumps: what there is, how large, how to check and to load it."""

from __future__ import annotations

from html import escape
from typing import Final

from codegrey.dataset import DUMPS, Dataset
from codegrey.serve.description import counts_of
from codegrey.serve.html import Site, page
from codegrey.serve.http import Response

_WHAT: Final = {
    "codegrey.nq": "everything, as sorted N-Quads: for loading and for comparing versions",
    "codegrey.trig": "the same as TriG, graph by graph: for reading",
    "incidents.ttl": "the fused facts with the organisations that they name, as Turtle",
}


def dump_names(dataset: Dataset) -> tuple[str, ...]:
    """The dumps that this version has."""
    return tuple(name for name in DUMPS if (dataset.path / "dump" / name).is_file())


def data_page(site: Site, dataset: Dataset, *, origin: str) -> Response:
    """The page."""
    sums = dataset.manifest.get("checksums", {})
    rows = "".join(
        f'<tr><td><a href="/dump/{name}">{name}</a></td><td class="number">{_size(dataset, name)}</td>'
        f"<td>{escape(_WHAT.get(name, ''))}<br><small>SHA-256 <code>{escape(str(sums.get('dump/' + name, '–')))}</code>"
        "</small></td></tr>"
        for name in dump_names(dataset)
    )
    counts = ", ".join(f"{value:,} {escape(name)}" for name, value in counts_of(dataset).items() if value)
    head = '<tr><th scope="col">File</th><th scope="col">Size</th><th scope="col">What it holds</th></tr>'
    content = f"""<h1>Data</h1>
<p class="lead">Dataset version <code>{escape(dataset.version)}</code>: {counts}.</p>
<p>A version never changes; its name is the beginning of the SHA-256 of <code>codegrey.nq</code>. The same articles give
the same bytes on any machine.</p>
<div class="scroll"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>
<h2>One graph at a time</h2>
<pre>curl '{escape(origin)}/rdf-graph-store?graph={escape(dataset.base)}graph/incidents'</pre>
<p>Statistics by class and property are in the <a href="/.well-known/void">VoID description</a>.</p>"""
    return page(site, "Data", content)


def _size(dataset: Dataset, name: str) -> str:
    size = float((dataset.path / "dump" / name).stat().st_size)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.2f} GB"
