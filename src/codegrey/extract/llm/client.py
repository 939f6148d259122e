"""One question to an OpenAI-compatible chat-completions endpoint, within time, size and budget.

ask(messages, schema) ──► Reply, or Failure with a code; nothing that a server answers raises, but a refused key does.

The shape of requests and replies: https://platform.openai.com/docs/api-reference/chat.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeAlias

import httpx

from codegrey.errors import ServiceError
from codegrey.extract.llm.settings import LlmSettings

Messages: TypeAlias = Sequence[Mapping[str, str]]
Schema: TypeAlias = Mapping[str, object]

MODES = ("json_schema", "json_object", "text")
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_OTHER_MODE = frozenset({400, 415, 422, 501})  # what servers say to a response format that they do not know
_FATAL = frozenset({401, 403, 404})
_LONGEST_WAIT = 60.0
_GIVE_UP = 3  # articles in a row that nobody answered
_CHARS_A_TOKEN = 4  # for servers that send no usage
_CONNECT = 10.0  # seconds
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote. ``cut`` says that it hit the limit of tokens."""

    content: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no reply; ``code`` is that of the finding."""

    code: str
    message: str


Answer: TypeAlias = Reply | Failure


@dataclass(slots=True)
class Budget:
    """What may be spent, and what has been."""

    max_requests: int
    max_tokens: int
    requests: int = 0
    tokens: int = 0

    @property
    def left(self) -> int:
        """Tokens that may still be spent."""
        return max(0, self.max_tokens - self.tokens)

    @property
    def spent(self) -> bool:
        """Whether no further request may be made."""
        return self.requests >= self.max_requests or self.left == 0


@dataclass(slots=True)
class ChatClient:
    """Asks one model. ``http`` is the caller's client (its headers carry the key, if there is one)."""

    http: httpx.Client
    settings: LlmSettings
    fallback: str  # tells a model that knows no schemas what to write; ``$schema`` stands for the schema
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    budget: Budget = field(init=False)
    mode: str = field(init=False, default=MODES[0])
    _silent: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Open the budget."""
        self.budget = Budget(self.settings.max_requests, self.settings.max_tokens)

    def ask(self, messages: Messages, schema: Schema) -> Answer:
        """Ask once, in the strictest format that the server knows.

        :raises ServiceError: if the server refuses the key, or knows neither address nor model.
        """
        if self._silent >= _GIVE_UP:
            return Failure("llm/unreachable", f"not asked: nobody answered the last {_GIVE_UP} times")
        answer: Answer = Failure("llm/status", "")
        for mode in MODES[MODES.index(self.mode) :]:
            answer = self._patiently(self._body(messages, schema, mode))
            if not (isinstance(answer, Failure) and answer.code == "llm/format"):
                self.mode = mode
                break
        if isinstance(answer, Failure) and answer.code == "llm/format":
            answer = Failure("llm/status", answer.message)
        unreachable = isinstance(answer, Failure) and answer.code in ("llm/unreachable", "llm/timeout")
        self._silent = self._silent + 1 if unreachable else 0
        return answer

    def _body(self, messages: Messages, schema: Schema, mode: str) -> dict[str, object]:
        body: dict[str, object] = {
            "model": self.settings.model,
            "messages": [dict(message) for message in messages],
            "temperature": 0,
            "max_tokens": max(1, min(self.settings.reply_tokens, self.budget.left)),
            "stream": False,
        }
        if mode == MODES[0]:
            named = {"name": "report", "strict": True, "schema": schema}
            return body | {"response_format": {"type": mode, "json_schema": named}}
        told = self.fallback.replace("$schema", json.dumps(schema, ensure_ascii=False, separators=(",", ":")))
        first, *rest = messages
        body["messages"] = [{**first, "content": f"{first['content']}\n\n{told}"}, *map(dict, rest)]
        return body | {"response_format": {"type": mode}} if mode == MODES[1] else body

    def _patiently(self, body: Mapping[str, object]) -> Answer:
        answer: Answer = Failure("llm/budget", "the budget is spent")
        for attempt in range(self.settings.retries + 1):
            if self.budget.spent:
                return Failure("llm/budget", f"not read: {self.budget.requests} requests, {self.budget.tokens} tokens")
            answer, wait = self._once(body)
            if wait is None or attempt == self.settings.retries:
                return answer
            self.sleep(min(_LONGEST_WAIT, max(wait, self.settings.backoff * 2**attempt)))
        return answer

    def _once(self, body: Mapping[str, object]) -> tuple[Answer, float | None]:
        """The answer to one request, and the seconds to wait where another try makes sense."""
        self.budget.requests += 1
        limit = self.clock() + self.settings.timeout
        timeout = httpx.Timeout(self.settings.timeout, connect=min(_CONNECT, self.settings.timeout))
        sent = json.dumps(body).encode("ascii")
        try:
            with self.http.stream(
                "POST", self.settings.endpoint, content=sent, headers=_HEADERS, timeout=timeout
            ) as response:
                raw, whole = self._read(response, limit)
        except httpx.TimeoutException:
            return Failure("llm/timeout", f"no reply within {self.settings.timeout:g} seconds"), 0.0
        except httpx.HTTPError as error:
            return Failure("llm/unreachable", f"no reply: {type(error).__name__}"), 0.0
        if whole == "late":
            return Failure("llm/timeout", f"no whole reply within {self.settings.timeout:g} seconds"), 0.0
        if whole == "large":
            return Failure("llm/too-large", f"the reply is over {self.settings.max_reply_bytes:,} bytes"), None
        return self._judge(response, raw, body)

    def _read(self, response: httpx.Response, limit: float) -> tuple[bytes, str]:
        raw = bytearray()
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) > self.settings.max_reply_bytes:
                return b"", "large"
            if self.clock() > limit:
                return b"", "late"
        return bytes(raw), ""

    def _judge(self, response: httpx.Response, raw: bytes, body: Mapping[str, object]) -> tuple[Answer, float | None]:
        status = response.status_code
        if status in _FATAL:
            phrase = HTTPStatus(status).phrase
            raise ServiceError(f"{self.settings.endpoint} answers {status} {phrase}: check address, model and key")
        if status in _OTHER_MODE:
            return Failure("llm/format", f"the server answers {status}"), None
        if status in _AGAIN:
            return Failure("llm/status", f"the server answers {status}"), _retry_after(response)
        if status != HTTPStatus.OK:
            return Failure("llm/status", f"the server answers {status}"), None
        answer = read_envelope(raw)
        self.budget.tokens += _tokens(answer, body)
        return answer, None


def read_envelope(raw: bytes) -> Answer:
    """The model's words out of what the server sent."""
    try:
        sent = json.loads(raw)
    except (ValueError, RecursionError):
        return Failure("llm/reply", "the server's reply is no JSON")
    match sent:
        case {"choices": [{"message": {"content": str(content)}, **choice}, *_]}:
            usage = sent.get("usage")
            counts = usage if isinstance(usage, dict) else {}
            prompt, completion = (_count(counts.get(f"{name}_tokens")) for name in ("prompt", "completion"))
            return Reply(content, prompt, completion, choice.get("finish_reason") == "length")
    return Failure("llm/reply", "the server's reply holds no words of the model")


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 32 else 0


def _tokens(answer: Answer, body: Mapping[str, object]) -> int:
    """The tokens that an answer cost, by its own word or, failing that, by its length."""
    content = answer.content if isinstance(answer, Reply) else ""
    if isinstance(answer, Reply) and (answer.prompt_tokens or answer.completion_tokens):
        return answer.prompt_tokens + answer.completion_tokens
    return (len(json.dumps(body["messages"], ensure_ascii=False)) + len(content)) // _CHARS_A_TOKEN + 1


def _retry_after(response: httpx.Response) -> float:
    """Seconds that the server asks for; dates are not understood, and nothing is waited for longer than a minute."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0.0
