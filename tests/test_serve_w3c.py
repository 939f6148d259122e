"""The W3C SPARQL 1.1 Protocol and Graph Store Protocol tests, where their files are at hand.

test_serve_protocol.py and test_serve_graphstore.py try the same behaviour without them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegrey.dataset import publish
from codegrey.terms import Iri, Quad
from codegrey.vocab import TYPE
from serving import Server, running

CONFORMANCE = Path(__file__).resolve().parents[2] / "shared" / "conformance"
needs_files = pytest.mark.skipif(not CONFORMANCE.is_dir(), reason="the W3C test files are not beside the checkout")
SOURCE = "http://kasei.us/2009/09/sparql/data/"


def documents() -> list[Quad]:
    """The data that the protocol manifest names."""
    names = [Iri(f"{SOURCE}data{number}.rdf") for number in (1, 2, 3)]
    return [(name, TYPE, Iri("http://xmlns.com/foaf/0.1/Document"), name) for name in names]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dataset")
    publish(folder, documents())
    with running(folder) as one:
        yield one


def report(server: Server, *arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", str(CONFORMANCE / "w3c_protocol.py"), "codegrey", *arguments]
    url = f"http://127.0.0.1:{server.port}/sparql"
    return subprocess.run([*command, "--query", url], capture_output=True, text=True, check=True, timeout=120).stdout


@needs_files
def test_every_w3c_query_test_passes(server: Server) -> None:
    lines = report(server, "--loader", "none", "--noupdate", "-v").splitlines()
    results = [line.split()[:2] for line in lines[1:]]
    assert len(results) == 34
    assert [name for name, outcome in results if outcome == "FAIL"] == []
    assert sum(outcome == "PASS" for _, outcome in results) >= 20


@needs_files
def test_every_w3c_update_is_refused_with_4xx(server: Server) -> None:
    lines = report(server, "--loader", "none", "-v").splitlines()[1:]
    updates = [line for line in lines if "update" in line.split()[0]]
    accepted = [line for line in updates if "FAIL" in line and "status 4" not in line]
    assert accepted == []
