"""The endpoint as a FastAPI application, for programs that want routes of their own beside it.

    app = create_app(Path("dataset"))

    @app.get("/hello")
    def hello() -> str: ...

Requests that no route of theirs wants go straight to the endpoint's own ASGI application, past FastAPI's machinery
(docs/decisions/serve-raw-asgi.md). The OpenAPI document is the endpoint's, with the paths of those routes added.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from codegrey import __version__
from codegrey.serve.app import Application
from codegrey.serve.openapi import document
from codegrey.serve.settings import ServeSettings


class Service(FastAPI):
    """A dataset folder, served, under FastAPI's interface."""

    def __init__(self, endpoint: Application, settings: ServeSettings) -> None:
        super().__init__(title=settings.title, version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
        self.endpoint = endpoint
        self._settings = settings

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document: the endpoint's paths and those of added routes."""
        described = document(self._settings, origin=self.root_path or "/", version=__version__)
        added = super().openapi() if self.routes else {}
        return {**described, "paths": {**added.get("paths", {}), **described["paths"]}}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event or request."""
        if scope["type"] == "http" and any(route.matches(scope)[0] is not Match.NONE for route in self.routes):
            await super().__call__(scope, receive, send)
        else:
            await self.endpoint(scope, receive, send)
