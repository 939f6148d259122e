"""Mixed requests for a while, the dataset switched under them, query processes killed: nothing may fail, memory stays.

    python benchmarks/soak.py --requests 20000 --switches 5

Starts a server of its own on loopback, stops by itself, prints one line of figures a check and a verdict.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from codegrey.dataset import publish
from codegrey.terms import Iri, Quad, text
from codegrey.vocab import CG, LABEL, TYPE

BASE = "https://w3id.org/codegrey/id/"
CONNECTIONS = 16
QUERIES = (
    "SELECT ?p ?o {{ <{base}incident/i{n}> ?p ?o }}",
    "SELECT ?i ?l {{ ?i a <{cg}Incident> ; <{label}> ?l FILTER(CONTAINS(?l, '{n}')) }} LIMIT 20",
    "SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }}",
    "CONSTRUCT {{ <{base}incident/i{n}> ?p ?o }} {{ <{base}incident/i{n}> ?p ?o }}",
    "ASK {{ <{base}incident/i{n}> ?p ?o }}",
    "SELECT * {{ ?s ?p ?o }} LIMIT 2000",
)
ACCEPTS = ("application/sparql-results+json", "text/csv", "text/turtle, text/csv;q=0.5", "*/*")


def quads(note: str) -> list[Quad]:
    """A few thousand quads; ``note`` makes versions differ."""
    graph = Iri(BASE + "graph/incidents")
    result: list[Quad] = []
    for number in range(2000):
        one = Iri(f"{BASE}incident/i{number}")
        result.append((one, TYPE, CG["Incident"], graph))
        result.append((one, LABEL, text(f"Incident {number} {note}", "en"), graph))
    return result


def path_of(number: int) -> tuple[str, str]:
    """(path, Accept) of one request; one in four repeats an earlier one."""
    n = random.randrange(2000) if number % 4 else 7
    if number % 17 == 0:
        return f"/id/incident/i{n}.ttl", "*/*"
    if number % 23 == 0:
        return "/", "text/html"
    query = random.choice(QUERIES).format(base=BASE, cg=CG, label=LABEL, n=n)
    return "/sparql?query=" + quote(query), random.choice(ACCEPTS[2:] if "CONSTRUCT" in query else ACCEPTS)


class Client:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def get(self, path: str, accept: str) -> int:
        """Send one GET; return the status; 0 for a broken answer."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n"
        try:
            self._writer.write(head.encode())
            return await self._read()
        except (asyncio.IncompleteReadError, ConnectionError):
            self._writer = None
            return 0

    async def _read(self) -> int:
        assert self._reader is not None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split()[1])
        if "transfer-encoding: chunked" in head:
            while size := int((await self._reader.readline()).strip() or b"0", 16):
                await self._reader.readexactly(size + 2)
            await self._reader.readexactly(2)
        elif "content-length:" in head:
            await self._reader.readexactly(int(head.split("content-length:")[1].split()[0]))
        return status


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def children(pid: int) -> list[int]:
    """The process's children."""
    return [int(item) for item in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


async def load(port: int, requests: int, statuses: Counter[int], times: list[float]) -> None:
    """Send the requests over all connections."""
    numbers = iter(range(requests))

    async def one() -> None:
        client = Client(port)
        for number in numbers:
            began = time.perf_counter()
            statuses[await client.get(*path_of(number))] += 1
            times.append(time.perf_counter() - began)

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))


async def disturb(
    folder: Path, server: int, switches: int, kills: int, seconds: list[float], done: asyncio.Event
) -> None:
    """Switch the dataset and kill workers, spread over the run."""
    for number in range(max(switches, kills)):
        await asyncio.sleep(seconds[0])
        if done.is_set():
            return
        if number < switches:
            await asyncio.to_thread(publish, folder, quads(f"version {number}"))
        if number < kills:
            victims = children(server)
            if victims:
                os.kill(random.choice(victims), signal.SIGKILL)
        print(f"  {number + 1}: web {memory(server):.0f} MB, {len(children(server))} workers", flush=True)


async def run(given: argparse.Namespace) -> int:
    """The whole soak; the exit code."""
    folder = Path(tempfile.mkdtemp())
    publish(folder, quads("first"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = "import sys; from pathlib import Path; from codegrey.serve import serve; "
    code += "from codegrey.serve.settings import ServeSettings; "
    code += "serve(Path(sys.argv[1]), ServeSettings(access_log=''), port=int(sys.argv[2]))"
    server = subprocess.Popen([sys.executable, "-c", code, str(folder), str(port)])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.1)
        statuses: Counter[int] = Counter()
        times: list[float] = []
        await load(port, 2000, Counter(), [])  # warm
        before = memory(server.pid)
        done = asyncio.Event()
        began = time.perf_counter()
        disturbance = asyncio.create_task(disturb(folder, server.pid, given.switches, given.kills, [given.every], done))
        await load(port, given.requests, statuses, times)
        done.set()
        await disturbance
        seconds = time.perf_counter() - began
        after = memory(server.pid)
    finally:
        server.terminate()
        server.wait(30)
    times.sort()
    good = sum(count for status, count in statuses.items() if 200 <= status < 400)
    middle, slow = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.99))
    print(f"{given.requests} requests in {seconds:.0f} s; statuses {dict(statuses)}")
    print(f"p50 {middle:.1f} ms, p99 {slow:.1f} ms; web process {before:.0f} → {after:.0f} MB")
    failed = given.requests - good
    print("zero failed requests" if not failed else f"{failed} FAILED")
    return int(bool(failed))


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--switches", type=int, default=5)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--every", type=float, default=3.0, help="seconds between disturbances")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
