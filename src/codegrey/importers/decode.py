"""Bytes to text: UTF-8 first, then a guess that says so."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from codegrey.importers.source import kept, left_out
from codegrey.model import Finding

SAMPLE = 65_536  # bytes that the guess looks at
_BOMS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_BOMS_16 = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What binary formats begin with: PDF, ZIP (docx, odt, epub), gzip, PNG, JPEG, GIF, OLE (doc, msg), ELF, Zstandard,
# bzip2, xz.
_MAGIC = (
    b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"\x7fELF",
    b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ",
)  # fmt: skip
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")
MAX_CONTROL_SHARE = 0.02  # of the characters; more is no text
MAX_BROKEN_SHARE = 0.002  # of the bytes; fewer broken bytes in otherwise good UTF-8 are dirt, not another encoding
BINARY_HINT = "convert it to plain text, Markdown or HTML first"


def decode(data: bytes, source: str, *, declared: str = "") -> Iterator[str | Finding]:
    """The text of some bytes, as the last item; findings before it. A binary yields a finding and no text.

    ``declared`` is an encoding that the file itself names (HTML does), tried after UTF-8.
    """
    if data.startswith(_MAGIC):
        yield left_out("binary", "not text but a binary format", source, hint=BINARY_HINT)
        return
    text, encoding = _decode(data, declared)
    if _looks_binary(text):
        yield left_out("binary", "not text: too many control characters", source, hint=BINARY_HINT)
        return
    if encoding:
        yield kept("encoding", f"not UTF-8; read as {encoding}", source, hint="save the file as UTF-8 to be sure")
    yield text


def _decode(data: bytes, declared: str) -> tuple[str, str]:
    """Text, and the name of the encoding when it had to be guessed."""
    for bom, encoding in (*_BOMS, *_BOMS_16):
        if data.startswith(bom):
            return data.decode(encoding, errors="replace"), ""
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    if declared and _known(declared):
        return data.decode(declared, errors="replace"), ""
    patched = data.decode("utf-8-sig", errors="replace")
    broken = patched.count("\ufffd")
    if broken <= len(data) * MAX_BROKEN_SHARE and _multibyte(patched) > broken:
        return patched, f"UTF-8 with {broken} broken bytes replaced"
    encoding = _guess(data[:SAMPLE])
    return data.decode(encoding, errors="replace"), encoding


def _known(encoding: str) -> bool:
    try:
        info = codecs.lookup(encoding)
    except LookupError:
        return False
    return info._is_text_encoding and info.name not in ("idna", "punycode", "undefined")


def _multibyte(text: str) -> int:
    return sum(1 for c in text if c > "\x7f") - text.count("\ufffd")


def _guess(sample: bytes) -> str:
    """The likeliest encoding; Windows-1252, which most old Western pages use, when it fits as well as any."""
    matches = from_bytes(sample)
    names = {match.encoding for match in matches} | {name for m in matches for name in m.could_be_from_charset}
    best = matches.best()
    if best is None or "cp1252" in names:
        return "cp1252"
    return best.encoding


def _looks_binary(text: str) -> bool:
    sample = text[:SAMPLE]
    return len(_CONTROL.findall(sample)) > max(1, len(sample) * MAX_CONTROL_SHARE)
