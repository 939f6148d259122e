"""The error tree.

    CodegreyError                 anything that codegrey reports in one line, without a stack trace
    ├── UsageError                the call itself is off (exit code 2)
    ├── DataError                 input that cannot be used at all (exit code 3)
    │   ├── ArticleError          one article cannot be read: becomes a Finding
    │   ├── OntologyError         ontology, lexicon, shapes, registry or query file is malformed
    │   └── DatasetError          a dataset folder is missing, damaged or of another version
    ├── QueryError                a SPARQL query that cannot be answered as written
    │   └── QueryLimitError       ... because it met a limit (time, memory, size)
    └── ServiceError              a service outside the process failed (LLM, upstream, register)

Bad data in a batch is a :class:`codegrey.model.Finding`, not an exception: the rest goes on.
"""


class CodegreyError(Exception):
    """Base of every error that is shown to a user as one line."""

    exit_code = 1


class UsageError(CodegreyError):
    """The call's words are off."""

    exit_code = 2


class DataError(CodegreyError):
    """Input that cannot be used."""

    exit_code = 3


class ArticleError(DataError):
    """One article that cannot be read."""


class OntologyError(DataError):
    """A file under ontology/, shapes/ or queries/ is malformed."""


class DatasetError(DataError):
    """A dataset folder that is missing, damaged or foreign."""


class QueryError(CodegreyError):
    """A SPARQL query that cannot be answered as written."""

    exit_code = 4


class QueryLimitError(QueryError):
    """A query that met one of its limits."""


class ServiceError(CodegreyError):
    """Something outside this process failed."""

    exit_code = 5
