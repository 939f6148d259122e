"""A small dataset and a real server (uvicorn on loopback) for the tests of the endpoint."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import uvicorn

from codegrey.dataset import Dataset, publish
from codegrey.serve.app import Application, create_app
from codegrey.serve.settings import ServeSettings
from codegrey.settings import DEFAULT_BASE
from codegrey.terms import Iri, Quad, text, typed
from codegrey.vocab import CG, LABEL, TYPE

QUIET = {"access_log": "", "watch_seconds": 0.1, "graceful_seconds": 1.0}


def node(path: str) -> Iri:
    """A resource of the test dataset."""
    return Iri(DEFAULT_BASE + path)


INCIDENTS = node("graph/incidents")
REGISTRY = node("graph/registry")


def quads(count: int = 20, note: str = "") -> list[Quad]:
    """``count`` incidents at five hospitals: 4 quads each, and 3 per hospital."""
    result: list[Quad] = []
    for number in range(count):
        incident = node(f"incident/hospital-{number % 5}-{2010 + number}")
        result += [
            (incident, TYPE, CG["Incident"], INCIDENTS),
            (incident, LABEL, text(f"Incident {number}{note}", "en"), INCIDENTS),
            (incident, CG["victim"], node(f"organisation/hospital-{number % 5}"), INCIDENTS),
            (incident, CG["startDate"], typed(2010 + number, "gYear"), INCIDENTS),
        ]
    for number in range(5):
        hospital = node(f"organisation/hospital-{number}")
        result += [
            (hospital, TYPE, CG["Hospital"], REGISTRY),
            (hospital, LABEL, text(f'Hospital "{number}"', "en"), REGISTRY),
            (hospital, CG["beds"], typed(100 * number, "integer"), REGISTRY),
        ]
    return result


def terms() -> list[Quad]:
    """A few terms of the ontology, as a dataset carries them."""
    graph = node("graph/ontology")
    result: list[Quad] = []
    for name in ("Incident", "Hospital", "victim", "startDate", "beds"):
        kind = "Class" if name[0].isupper() else "ObjectProperty"
        result.append((CG[name], TYPE, Iri(f"http://www.w3.org/2002/07/owl#{kind}"), graph))
        result.append((CG[name], LABEL, text(name.lower(), "en"), graph))
    return result


def make_dataset(folder: Path, count: int = 20, note: str = "") -> Dataset:
    """Publish the test dataset."""
    return publish(folder, [*quads(count, note), *terms()])


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """``Content-Type`` without parameters."""
        return self.headers.get("content-type", "").split(";")[0]

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def lines(self) -> list[str]:
        """The body's lines."""
        return self.body.decode().splitlines()


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    port: int
    app: Application
    loop: asyncio.AbstractEventLoop
    folder: Path
    settings: ServeSettings
    extra: dict[str, Any] = field(default_factory=dict)

    def send(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        *,
        client: str = "127.0.0.1",
        timeout: float = 30,
    ) -> Reply:
        """Send one request from a loopback address."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout, source_address=(client, 0))
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            data = response.read()
            return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, data)
        finally:
            connection.close()

    def get(self, path: str, accept: str = "", **headers: str) -> Reply:
        """GET a path."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("GET", path, {**({"accept": accept} if accept else {}), **named})

    def query(self, text: str, accept: str = "", *, client: str = "127.0.0.1", **parameters: str) -> Reply:
        """Ask a query by GET; parameters with ``_`` for ``-``."""
        pairs = {"query": text, **{name.replace("_", "-"): value for name, value in parameters.items()}}
        headers = {"accept": accept} if accept else {}
        return self.send("GET", "/sparql?" + urlencode(pairs, quote_via=quote), headers, client=client)

    def pids(self) -> tuple[int, ...]:
        """The query processes."""
        serving = self.app.stage.serving
        return serving.pool.pids if serving is not None else ()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, *, wrap: Any = lambda app: app, **settings: Any) -> Iterator[Server]:
    """Serve a dataset folder in a thread; ``wrap`` makes of the application what the server is given."""
    chosen = ServeSettings(**{**QUIET, **settings})
    app = create_app(folder, chosen)
    port = free_port()
    config = uvicorn.Config(wrap(app), host="127.0.0.1", port=port, log_level="critical", lifespan="on", ws="none")
    server = uvicorn.Server(config)
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive())
    if not server.started:
        raise RuntimeError("the server did not start")
    try:
        yield Server(port, app, loops[0], folder, chosen)
    finally:
        server.should_exit = True
        thread.join(20)


def wait_until(condition: Any, seconds: float = 10.0) -> None:
    """Wait for a condition, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)
