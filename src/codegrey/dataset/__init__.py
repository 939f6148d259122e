"""A dataset: one folder, many immutable versions, one of them current.

DIR/current ──► versions/<version>/manifest.json     what it is: version, base, counts, checksums
    history                       store/             Oxigraph, opened read-only
                                  dump/codegrey.nq   everything; its SHA-256 is the version
                                  dump/codegrey.trig the same, to read
                                  dump/incidents.ttl the fused facts with the organisations they name
                                  void.ttl           VoID and DCAT
                                  articles.jsonl reports.jsonl findings.jsonl assignments.jsonl
                                  SHA256SUMS         of all of them but the store, for ``sha256sum -c``
"""

from codegrey.dataset.folder import (
    DUMPS,
    Dataset,
    open_dataset,
    read_articles,
    read_assignments,
    read_findings,
    read_reports,
    verify,
)
from codegrey.dataset.writer import prune, publish

__all__ = [
    "DUMPS",
    "Dataset",
    "open_dataset",
    "prune",
    "publish",
    "read_articles",
    "read_assignments",
    "read_findings",
    "read_reports",
    "verify",
]
