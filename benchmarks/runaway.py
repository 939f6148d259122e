"""Runaway queries against a server of its own, light queries beside them: when each dies, how long the light ones take.

    python benchmarks/runaway.py --folder DATASET --time-limit 5

``--folder`` is a dataset (as ``codegrey build`` or ``benchmarks/serve.py`` write it). All stays on loopback and ends.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
PATHS = " . ".join(f"?s{number} (<urn:p>|!<urn:p>)* ?o{number}" for number in range(3))
PATTERN = '"^(([a-z:/.])+.)+[A-Z]+$"'
RUNAWAYS = {
    "cross join and COUNT": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}",
    "ORDER BY RAND over a product": f"SELECT * {{ {CROSS} }} ORDER BY RAND()",
    "path from everywhere": f"SELECT (COUNT(*) AS ?n) {{ {PATHS} }}",
    "catastrophic regex": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} FILTER(REGEX(CONCAT(STR(?a), STR(?l)), {PATTERN})) }}",
    "600 MB of rows": "SELECT * { VALUES ?x { 1 2 3 4 5 6 7 8 9 } ?a ?b ?c }",
    "deep nesting": "ASK " + "{" * 5000 + "}" * 5000,
    "long chain": f"SELECT * {{ FILTER({'1+' * 100_000}1) }}",
}
LIGHT = "SELECT ?p ?o { <https://w3id.org/codegrey/id/incident/i%d> ?p ?o }"
CODE = """
import sys
from pathlib import Path
from codegrey.serve import serve
from codegrey.serve.settings import ServeSettings
serve(Path(sys.argv[1]), ServeSettings(access_log="", time_limit=float(sys.argv[3])), port=int(sys.argv[2]))
"""


def ask(port: int, query: str, *, post: bool = True) -> tuple[int, bytes, int, float]:
    """(status, beginning of the body, bytes, seconds); status 0 for a transport error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    began = time.perf_counter()
    status, head, size = 0, b"", 0
    try:
        if post:
            headers = {"content-type": "application/sparql-query", "accept": "text/csv"}
            connection.request("POST", "/sparql", query.encode(), headers)
        else:
            connection.request("GET", "/sparql?query=" + quote(query))
        response = connection.getresponse()
        status = response.status
        while part := response.read(1 << 20):
            head = head or part[:400]
            size += len(part)
    except (OSError, http.client.HTTPException):
        status = 0 if not status else -status
    finally:
        connection.close()
    return status, head, size, time.perf_counter() - began


def memory(pid: int) -> float:
    """Resident megabytes of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    pages = 0
    for one in [str(pid), *children]:
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError):
            continue
    return pages * 4096 / 1e6


def main() -> None:
    """Run one after the other, then all at once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--time-limit", type=float, default=5.0)
    given = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", CODE, str(given.folder), str(port), str(given.time_limit)])
    try:
        time.sleep(3)
        before = memory(server.pid)
        for name, query in RUNAWAYS.items():
            status, head, size, seconds = ask(port, query)
            reason = json.loads(head)["type"].rpartition("/")[2] if head.startswith(b"{") else "broken off"
            print(f"{name}: {seconds:.2f} s, status {status}, {reason}, {size / 1e6:.0f} MB", flush=True)
        print(f"light queries alone: {light(port, 300)}")
        threads = [threading.Thread(target=ask, args=(port, query)) for query in RUNAWAYS.values()]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        print(f"light queries beside all of them: {light(port, 300)}")
        for thread in threads:
            thread.join()
        time.sleep(1)
        print(f"memory of all processes: {before:.0f} MB before, {memory(server.pid):.0f} MB after")
    finally:
        server.terminate()
        server.wait(30)


def light(port: int, count: int) -> str:
    """Percentiles of light queries, each asked once."""
    times = sorted(ask(port, LIGHT % number, post=False)[3] * 1000 for number in range(count))
    slow = times[int(count * 0.99)]
    return f"p50 {statistics.median(times):.1f} ms, p99 {slow:.1f} ms, slowest {times[-1]:.1f} ms"


if __name__ == "__main__":
    main()
