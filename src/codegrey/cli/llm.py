"""The language model that the options of `build`, `add` and `extract` name, if they name one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from codegrey.errors import UsageError

if TYPE_CHECKING:
    from codegrey.pipeline import Refine

LLM_BUDGET = 1_000_000  # tokens
_SMALL = 500  # tokens of a small request: bounds the requests of a server that only fails, which cost no tokens


@contextmanager
def second_reader(
    url: str | None, model: str, key_env: str, cache: Path | None, budget: int
) -> Iterator[Refine | None]:
    """What reads each article once more; None without an address.

    :raises UsageError: if the options do not fit together, or the extra is not installed.
    """
    if url is None:
        if model or key_env or cache:
            raise UsageError("--llm-model, --llm-key-env and --llm-cache want --llm URL")
        yield None
        return
    if not model:
        raise UsageError("--llm wants --llm-model NAME too")
    try:
        import httpx

        from codegrey.extract.llm import LlmSettings, load_llm
    except ModuleNotFoundError as error:
        raise UsageError(f"--llm needs {error.name}: pip install 'codegrey[llm]'") from error
    requests = max(100, budget // _SMALL)
    settings = LlmSettings(url, model, cache=cache, max_requests=requests, max_tokens=budget)
    with httpx.Client(headers=_headers(key_env)) as http:
        yield load_llm(settings, http).refine


def _headers(key_env: str) -> dict[str, str]:
    """The header that carries the key. It goes to the endpoint and nowhere else: no redirect is followed."""
    if not key_env:
        return {}
    key = os.environ.get(key_env, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise UsageError(f"--llm-key-env {key_env}: the environment holds no key of that name")
    return {"Authorization": f"Bearer {key}"}
