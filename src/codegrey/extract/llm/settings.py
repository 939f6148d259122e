"""What a user can tell the LLM extractor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from codegrey.errors import UsageError


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Where the model is and what it may cost. There is no default address: without one, nothing is asked.

    ``url`` is the base of an OpenAI-compatible API (``http://127.0.0.1:11434/v1``). The key itself is no setting: it is
    read where the client is made and goes nowhere else. ``max_requests`` counts every request, repeated ones too;
    ``max_tokens`` counts prompts and replies together, as the replies' ``usage`` says. ``timeout`` is in seconds, for
    one whole request; ``part_chars`` is how much of an article one request reads.
    """

    url: str
    model: str
    cache: Path | None = None
    max_requests: int = 1_000
    max_tokens: int = 1_000_000
    reply_tokens: int = 4_000
    timeout: float = 120.0
    retries: int = 3
    backoff: float = 1.0
    max_reply_bytes: int = 1_000_000
    part_chars: int = 12_000
    max_parts: int = 12

    @property
    def endpoint(self) -> str:
        """The address that requests go to."""
        return self.url.rstrip("/") + "/chat/completions"

    @property
    def extractor(self) -> str:
        """How claims name this extractor."""
        return f"llm:{self.model}"


def check(settings: LlmSettings) -> LlmSettings:
    """The same settings, if they make sense.

    :raises UsageError: if the address is none, the model has no name, or a limit is not above zero.
    """
    try:
        address = urlsplit(settings.url)
        port = address.port
    except ValueError as error:
        raise UsageError(f"{settings.url}: {error}") from error
    if port == 0 or address.scheme not in ("http", "https") or not address.hostname:
        raise UsageError(f"{settings.url}: the base of an API is an http(s) address, such as http://127.0.0.1:11434/v1")
    if address.username or address.query or address.fragment:
        raise UsageError("the address of an API carries no user name, query or fragment; a key comes from a variable")
    if not settings.model.strip():
        raise UsageError("the model has no name")
    limits = (settings.max_requests, settings.max_tokens, settings.reply_tokens, settings.timeout, settings.part_chars)
    if min(limits) <= 0:
        raise UsageError("budgets, sizes and time-outs are above zero")
    return settings
