"""What all handlers share: the version served now, the settings, the endpoint, the examples."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar, cast

from codegrey.serve.catalogue import Catalogue, load_catalogue
from codegrey.serve.endpoint import Endpoint
from codegrey.serve.examples import Example
from codegrey.serve.html import Site
from codegrey.serve.http import Request, Response
from codegrey.serve.problems import Problem, ProblemError
from codegrey.serve.serving import Serving, Stage
from codegrey.serve.settings import ServeSettings
from codegrey.vocab import PREFIXES

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Context:
    """Shared by the handlers."""

    stage: Stage
    settings: ServeSettings
    endpoint: Endpoint
    examples: tuple[Example, ...]

    def serving(self) -> Serving:
        """The version served now. :raises ProblemError: 503 while there is none."""
        serving = self.stage.serving
        if serving is None:
            raise ProblemError(Problem(503, "closing", "The server is starting or stopping.", retry_after=5))
        return serving

    def site(self, serving: Serving) -> Site:
        """What pages need to know."""
        return Site(self.settings.title, serving.dataset.base, serving.version, PREFIXES)

    def origin(self, request: Request) -> str:
        """The URL at which clients see this server, without a final slash."""
        return self.settings.public_base.rstrip("/") or request.origin

    async def catalogue(self, serving: Serving) -> Catalogue:
        """The catalogue of a version, read once."""
        return await once(serving, "catalogue", lambda: load_catalogue(serving.dataset, serving.pool))


async def once(serving: Serving, name: str, make: Callable[[], Awaitable[_T]]) -> _T:
    """A value that is computed once for a version, even if many ask at the same time."""
    future = serving.memo.get(name)
    if future is None:
        future = serving.memo[name] = asyncio.ensure_future(cast("Awaitable[object]", make()))
    return cast("_T", await asyncio.shield(future))
