"""The SPARQL endpoint: ``create_app`` for an ASGI server, ``serve`` to run one, ``run_query`` without a server.

These three import what they need when they are called, so that a query process loads none of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegrey.serve.service import Service
    from codegrey.serve.settings import ServeSettings


def create_app(dataset_dir: Path, settings: ServeSettings | None = None) -> Service:
    """The FastAPI application for a dataset folder; routes may be added to it."""
    from codegrey.serve.app import create_app as make  # noqa: PLC0415
    from codegrey.serve.service import Service  # noqa: PLC0415
    from codegrey.serve.settings import ServeSettings as Given  # noqa: PLC0415

    chosen = settings or Given()
    return Service(make(dataset_dir, chosen), chosen)


def serve(dataset_dir: Path, settings: ServeSettings, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve a dataset folder until told to stop; see :func:`codegrey.serve.run.serve`."""
    from codegrey.serve.run import serve as run  # noqa: PLC0415

    run(dataset_dir, settings, host=host, port=port)


def run_query(
    dataset_dir: Path, text: str, *, format_name: str = "csv", time_limit: float = 0.0, memory_limit: int = 0
) -> bytes:
    """Answer one query in a process of its own; see :func:`codegrey.serve.run.run_query`."""
    from codegrey.serve.run import run_query as run  # noqa: PLC0415

    return run(dataset_dir, text, format_name=format_name, time_limit=time_limit, memory_limit=memory_limit)
