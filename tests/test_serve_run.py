"""The server as a process of its own, and single queries without one."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from codegrey.errors import DatasetError, QueryError, QueryLimitError, UsageError
from codegrey.serve import run_query, serve
from codegrey.serve.settings import ServeSettings
from serving import free_port, make_dataset, wait_until

CODE = """
import sys
from pathlib import Path
from codegrey.serve import serve
from codegrey.serve.settings import ServeSettings
settings = ServeSettings(access_log="", time_limit=40.0, graceful_seconds=float(sys.argv[3]))
serve(Path(sys.argv[1]), settings, port=int(sys.argv[2]))
"""
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dataset")
    make_dataset(path, 10)
    return path


def answers(port: int, path: str = "/readyz", timeout: float = 30) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"accept": "text/csv"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def is_ready(port: int) -> bool:
    try:
        return answers(port)[0] == 200
    except OSError:
        return False


@contextmanager
def process(folder: Path, grace: float = 2.0) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    one = subprocess.Popen([sys.executable, "-c", CODE, str(folder), str(port), str(grace)], stderr=subprocess.PIPE)
    try:
        wait_until(lambda: is_ready(port), 20)
        yield one, port
    finally:
        one.kill()
        one.communicate()


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(item) for item in text.split()]


def test_a_running_query_is_answered_when_the_server_is_told_to_stop(folder: Path) -> None:
    with process(folder, grace=30.0) as (one, port):
        replies: list[tuple[int, bytes]] = []
        asker = threading.Thread(target=lambda: replies.append(answers(port, "/sparql?query=" + quote(SLOW))))
        asker.start()
        time.sleep(0.2)
        one.send_signal(signal.SIGTERM)
        asker.join()
        assert one.wait(40) in (0, -signal.SIGTERM)
    assert replies[0][0] == 200
    assert replies[0][1].startswith(b"n\r\n")


def test_a_query_that_outlives_the_grace_gets_503(folder: Path) -> None:
    with process(folder) as (one, port):
        replies: list[tuple[int, bytes]] = []
        asker = threading.Thread(target=lambda: replies.append(answers(port, "/sparql?query=" + quote(ENDLESS))))
        asker.start()
        time.sleep(0.3)
        one.send_signal(signal.SIGTERM)
        asker.join()
        assert one.wait(20) in (0, -signal.SIGTERM)
    assert replies[0][0] == 503
    assert b"closing" in replies[0][1]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_query_processes_end_with_a_server_that_is_killed(folder: Path) -> None:
    with process(folder) as (one, port):
        asker = threading.Thread(target=_ask_in_vain, args=(port,))
        asker.start()
        wait_until(lambda: len(children(one.pid)) >= 3)
        workers = children(one.pid)
        one.send_signal(signal.SIGKILL)
        asker.join()
        wait_until(lambda: not any(_lives(pid) for pid in workers))


def _ask_in_vain(port: int) -> None:
    with suppress(OSError, http.client.HTTPException):
        answers(port, "/sparql?query=" + quote(ENDLESS))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii")


def test_a_missing_dataset_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no dataset"):
        serve(tmp_path, ServeSettings())


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [("SELECT (1 AS ?x) {}", "csv", b"x\r\n1\r\n"), ("ASK {}", "json", b'{"head":{},"boolean":true}'),
     ("CONSTRUCT { <urn:s> <urn:p> 'x' } {}", "nt", b'<urn:s> <urn:p> "x" .\n'),
     ("CONSTRUCT { <urn:s> <urn:p> 1 } {}", "csv", b"<urn:s> <urn:p> 1 .\n"),
     ("SELECT (1 AS ?x) {}", "text/csv", b"x\r\n1\r\n")],
)  # fmt: skip
def test_a_query_without_a_server(folder: Path, query: str, name: str, expected: bytes) -> None:
    assert run_query(folder, query, format_name=name) == expected


def test_a_wrong_query_is_one_line_that_says_where(folder: Path) -> None:
    with pytest.raises(QueryError, match=r"Line 1, column 1: 'SELEC' does not fit here.*Did you mean SELECT"):
        run_query(folder, "SELEC * {}")


def test_a_query_past_its_time_is_a_limit_error(folder: Path) -> None:
    with pytest.raises(QueryLimitError, match=r"0\.3 seconds"):
        run_query(folder, ENDLESS, time_limit=0.3)


def test_an_unknown_format_is_a_usage_error(folder: Path) -> None:
    with pytest.raises(UsageError, match="unknown format"):
        run_query(folder, "ASK {}", format_name="pdf")
