"""Requests per second of codegrey, `oxigraph serve` and rdflib-endpoint on the same store on disk, in one run.

    pip install oxigraph rdflib-endpoint oxrdflib uvloop httptools    # for this only, here or in --rivals; also wrk
    python benchmarks/serve.py --folder /tmp/bench --triples 1000000

Prints a Markdown table: the median of the rounds for each server, and the ratios. "new" asks each query once (its
text differs each time), "same" asks one query again and again. All servers answer the union of all graphs.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

BASE = "https://w3id.org/codegrey/id/"
CG = "https://w3id.org/codegrey/ontology#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
QUADS_EACH = 50
PLACES = 100
PREFIXES = f"PREFIX cg: <{CG}> PREFIX rdfs: <{RDFS}> "
TABLE, GRAPH = "application/sparql-results+json", "text/turtle"
PLACE = f"<{BASE}place/p@PLACE@>"
REST = "rdfs:label ?label ; cg:attack ?a . ?a a cg:RansomwareAttack"
QUERIES = {
    "lookup": (f"SELECT ?p ?o {{ <{BASE}incident/i@ID@> ?p ?o }}", TABLE),
    "join": (f"{PREFIXES} SELECT ?i ?label ?h {{ ?h cg:location {PLACE} . ?i cg:victim ?h ; {REST} }}", TABLE),
    "aggregate": (
        f"{PREFIXES} SELECT ?type (COUNT(?i) AS ?n) {{ ?i a cg:Incident ; cg:attack ?a . ?a a ?type }} GROUP BY ?type",
        TABLE,
    ),
    "construct": (f"{PREFIXES} CONSTRUCT {{ ?i ?p ?o }} {{ ?h cg:location {PLACE} . ?i cg:victim ?h ; ?p ?o }}", GRAPH),
}
LUA = """
local template = "%s"
local fresh = %s
local seed = os.time()
local n = 0
init = function() math.randomseed(seed) end
request = function()
  n = n + 1
  local id = fresh and tostring(math.random(0, %d)) or "7"
  local place = fresh and tostring(math.random(0, %d)) or "7"
  local path = template:gsub("@ID@", id):gsub("@PLACE@", place)
  if fresh then path = path .. "%%23" .. seed .. "x" .. n .. "x" .. math.random(0, 1e9) end
  return wrk.format("GET", path, {["Accept"] = "%s"})
end
done = function(summary) io.write("ERRORS " .. summary.errors.status + summary.errors.timeout .. "\\n") end
"""
RDFLIB_SERVER = """
import sys, pyoxigraph, uvicorn
from oxrdflib import OxigraphStore
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
graph = Dataset(store=OxigraphStore(store=pyoxigraph.Store.read_only(sys.argv[1])), default_union=True)
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[2]), log_level="error", access_log=False)
"""


def quads(incidents: int) -> Iterator[ox.Quad]:
    """Incidents in the shape of the data model: facts, and claims with their evidence; 50 quads each."""
    facts, articles, registry = (
        ox.NamedNode(BASE + "graph/" + name) for name in ("incidents", "article/all", "registry")
    )
    node, kind, label = ox.NamedNode, ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "label")
    attacks = [node(CG + name) for name in ("RansomwareAttack", "DataTheft", "DenialOfServiceAttack", "Intrusion")]
    names = [
        node(CG + name) for name in ("victim", "startDate", "attack", "impact", "response", "careStatus", "dataStatus")
    ]
    victim, start, attack = names[:3]
    year = node("http://www.w3.org/2001/XMLSchema#gYear")
    for number in range(incidents // 10):
        hospital = node(f"{BASE}organisation/h{number}")
        yield ox.Quad(hospital, kind, node(CG + "Hospital"), registry)
        yield ox.Quad(hospital, label, ox.Literal(f"Hospital {number}", language="en"), registry)
        yield ox.Quad(hospital, node(CG + "location"), node(f"{BASE}place/p{number % PLACES}"), registry)
    for number in range(incidents):
        one = f"{BASE}incident/i{number}"
        subject, its_attack = node(one), node(one + "/attack")
        yield ox.Quad(subject, kind, node(CG + "Incident"), facts)
        yield ox.Quad(subject, label, ox.Literal(f"Cyberattack number {number}", language="en"), facts)
        yield ox.Quad(subject, victim, node(f"{BASE}organisation/h{number // 10}"), facts)
        yield ox.Quad(subject, start, ox.Literal(str(2005 + number % 20), datatype=year), facts)
        yield ox.Quad(subject, attack, its_attack, facts)
        yield ox.Quad(its_attack, kind, attacks[number % 4], facts)
        for index, name in enumerate(names[3:]):
            yield ox.Quad(subject, name, node(f"{one}/{index}"), facts)
        for index in range(4):
            claim, evidence = node(f"{BASE}claim/{number}x{index}"), node(f"{BASE}claim/{number}x{index}/evidence")
            yield ox.Quad(claim, kind, node(CG + "Claim"), articles)
            yield ox.Quad(claim, node(RDF + "subject"), subject, articles)
            yield ox.Quad(claim, node(RDF + "predicate"), names[index], articles)
            yield ox.Quad(claim, node(RDF + "object"), node(f"{one}/{index}"), articles)
            yield ox.Quad(claim, node(CG + "evidence"), evidence, articles)
            yield ox.Quad(evidence, kind, node("http://www.w3.org/ns/oa#TextQuoteSelector"), articles)
            for detail in ("exact", "prefix", "suffix", "source"):
                literal = ox.Literal(f"{detail} words of claim {index} on incident {number}")
                yield ox.Quad(evidence, node("http://www.w3.org/ns/oa#" + detail), literal, articles)


def make_dataset(folder: Path, incidents: int) -> Path:
    """A dataset folder with such a store; kept from run to run."""
    version = folder / "versions" / f"bench{incidents}"
    if not (version / "manifest.json").exists():
        shutil.rmtree(version, ignore_errors=True)
        version.mkdir(parents=True)
        store = ox.Store(str(version / "store"))
        store.bulk_extend(quads(incidents))
        store.flush()
        store.optimize()
        manifest = {"format": 1, "version": f"bench{incidents}", "base": BASE, "counts": {"quads": len(store)}}
        (version / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    current = folder / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(f"versions/{version.name}")
    return version / "store"


@dataclass(frozen=True)
class Contestant:
    """A server: its name and how it is started on a port."""

    name: str
    command: tuple[str, ...]

    @contextmanager
    def running(self, port: int) -> Iterator[str]:
        """Start it; yield the URL of its endpoint."""
        command = [part.replace("PORT", str(port)) for part in self.command]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            path = "/query" if self.name == "oxigraph" else "/sparql"
            yield f"http://127.0.0.1:{port}{path}"
        finally:
            process.kill()  # rdflib-endpoint does not stop while a query runs
            process.wait(30)


def contestants(folder: Path, store: Path, scratch: Path, rivals: Path) -> list[Contestant]:
    """The three servers."""
    script = scratch / "rdflib_server.py"
    script.write_text(RDFLIB_SERVER, encoding="utf-8")
    code = "import sys; from pathlib import Path; from codegrey.serve import serve; "
    code += "from codegrey.serve.settings import ServeSettings; "
    code += "serve(Path(sys.argv[1]), ServeSettings(access_log=''), port=int(sys.argv[2]))"
    oxigraph = shutil.which("oxigraph", path=str(rivals)) or ""
    return [
        Contestant("codegrey", (sys.executable, "-c", code, str(folder), "PORT")),
        Contestant(
            "oxigraph",
            (
                oxigraph,
                "serve-read-only",
                "--location",
                str(store),
                "--bind",
                "127.0.0.1:PORT",
                "--union-default-graph",
            ),
        ),
        Contestant("rdflib-endpoint", (str(rivals / "python"), str(script), str(store), "PORT")),
    ]


def measure(url: str, script: Path, *, connections: int, seconds: int) -> float:
    """Requests per second by wrk; 0 if any of them failed."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script), url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    failed = re.search(r"ERRORS (\d+)", output)
    return float(found.group(1)) if found and failed and failed.group(1) == "0" else 0.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "codegrey-bench")
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="kinds of query, by comma")
    parser.add_argument("--rivals", type=Path, default=Path(sys.executable).parent, help="bin folder of the others")
    parser.add_argument("--servers", default="codegrey,oxigraph,rdflib-endpoint")
    given = parser.parse_args()
    incidents = given.triples // QUADS_EACH
    store = make_dataset(given.folder, incidents)
    scratch = Path(tempfile.mkdtemp())
    cases = [
        (kind, fresh, connections)
        for kind in (given.only.split(",") if given.only else QUERIES)
        for fresh in (True, False)
        for connections in (1, 16)
    ]
    servers = [
        item
        for item in contestants(given.folder, store, scratch, given.rivals)
        if item.name in given.servers.split(",")
    ]
    results: dict[tuple[str, bool, int], dict[str, list[float]]] = {case: {} for case in cases}
    for round_number in range(given.rounds):
        for case, server in ((case, server) for case in cases for server in servers):
            with server.running(free_port()) as url:  # a fresh start: nobody pays for queries that others abandoned
                script = write_script(scratch, case, url, incidents)
                measure(url, script, connections=case[2], seconds=1)
                rate = measure(url, script, connections=case[2], seconds=given.seconds)
                results[case].setdefault(server.name, []).append(rate)
        print(
            f"round {round_number + 1}\n{table(results, [item.name for item in servers])}", file=sys.stderr, flush=True
        )
    print(table(results, [server.name for server in servers]))


def write_script(scratch: Path, case: tuple[str, bool, int], url: str, incidents: int) -> Path:
    """The wrk script of one case."""
    kind, fresh, _ = case
    query, accept = QUERIES[kind]
    template = "/" + url.rsplit("/", 1)[1] + "?query=" + quote(query, safe="@").replace("%", "%%")
    script = scratch / "case.lua"
    flag = "true" if fresh else "false"
    script.write_text(LUA % (template.replace("%%", "%"), flag, incidents - 1, PLACES - 1, accept), encoding="utf-8")
    return script


def table(results: dict[tuple[str, bool, int], dict[str, list[float]]], names: list[str]) -> str:
    """The results as Markdown: requests per second, and codegrey's ratio to the others."""
    others = [name for name in names if name != "codegrey"]
    lines = ["| query | connections | " + " | ".join([*names, *(f"÷ {name}" for name in others)]) + " |"]
    lines.append("| --- " * (2 + len(names) + len(others)) + "|")
    for (kind, fresh, connections), rates in results.items():
        middle = {name: statistics.median(rates.get(name, [0.0])) for name in names}
        cells = [f"{middle[name]:,.1f}" for name in names]
        ratios = [f"{middle['codegrey'] / middle[name]:.2f}" if middle[name] else "–" for name in others]
        lines.append(f"| {kind}, {'new' if fresh else 'same'} | {connections} | " + " | ".join(cells + ratios) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
