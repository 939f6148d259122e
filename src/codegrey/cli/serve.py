"""The serve command."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from codegrey.cli.options import DEFAULT_DATASET, DatasetDir, Quiet
from codegrey.errors import ServiceError

_HELP = """Serve a dataset over HTTP.

There is a SPARQL endpoint at /sparql, and pages for people. The server only reads. When a newer version of the dataset
is built into the same folder, it moves over by itself. Every setting from --title on can also stand in a TOML file
(--config) or in the environment (CODEGREY_SERVE_TIME_LIMIT).

\b
Examples:
  codegrey serve --dataset dataset
  codegrey serve --dataset dataset --port 8080 --time-limit 10
  curl -H 'Accept: text/csv' --data-urlencode 'query=SELECT * { ?s ?p ?o } LIMIT 3' http://127.0.0.1:8000/sparql
"""
_METAVARS = {"s": "SECONDS", "bytes": "BYTES", "processes": "N", "requests": "N", "rows": "N", "file": "FILE"}
_FIXED = frozenset(["dataset", "host", "port", "config", "quiet"])


def serve_command() -> Callable[..., None]:
    """The command, with one option for every setting of the endpoint."""
    from codegrey.serve.settings import setting_rows

    rows = [row for row in setting_rows() if row.name not in _FIXED]

    def serve(**given: Any) -> None:
        from codegrey.dataset import open_dataset
        from codegrey.serve import serve as run
        from codegrey.serve.settings import load_settings

        fixed = {name: given.pop(name) for name in _FIXED}
        settings = load_settings(file=fixed["config"], flags=given)
        if not settings.upstream:
            open_dataset(fixed["dataset"])
        _can_listen(fixed["host"], fixed["port"])
        if not fixed["quiet"]:
            print(f"serving {fixed['dataset']} on {_address(fixed['host'], fixed['port'])} (Ctrl-C stops)", flush=True)
        run(fixed["dataset"], settings, host=fixed["host"], port=fixed["port"])

    parameters = [
        _parameter("dataset", DatasetDir, DEFAULT_DATASET),
        _parameter(
            "host", _option(str, "--host", "HOST", "The address to listen on; 0.0.0.0 means every one."), "127.0.0.1"
        ),
        _parameter("port", _option(int, "--port", "PORT", "The port to listen on.", min=1, max=65_535), 8000),
        _parameter("config", _option(Path | None, "--config", "FILE", "A TOML file with settings."), None),
        _parameter("quiet", Quiet, False),
    ]
    for row in rows:
        text = f"{row.text} [{row.unit + ', ' if row.unit else ''}default: {row.default or 'none'}]"
        option = typer.Option(row.flag, metavar=_METAVARS.get(row.unit, "VALUE"), help=text, show_default=False)
        parameters.append(_parameter(row.name, Annotated[str | None, option], None))
    serve.__doc__ = _HELP
    serve.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    serve.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return serve


def _can_listen(host: str, port: int) -> None:
    """Try the address before anything is started.

    :raises ServiceError: if nobody can listen there.
    """
    try:
        ((family, kind, protocol, _, address), *_) = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ServiceError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another --host or --port"
        ) from error


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _option(kind: Any, flag: str, metavar: str, text: str, **bounds: Any) -> Any:
    return Annotated[kind, typer.Option(flag, metavar=metavar, help=text, **bounds)]


def _parameter(name: str, annotation: Any, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
