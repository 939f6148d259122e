"""Files to articles: paths, formats, titles, ids, metadata, and whatever can be wrong with them."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegrey.importers import FORMATS, SUFFIXES, read_articles
from codegrey.importers.draft import slug
from codegrey.importers.formats import sniff
from codegrey.model import Article, Finding, Severity
from codegrey.settings import Settings

HOSPITAL = "The hospital in Versailles cancelled operations on Saturday after an attack on its network."
HOPITAL = "L'hôpital de Versailles a annulé samedi des opérations à la suite d'une attaque contre son réseau."


def read(*paths: str | Path, stdin: bytes = b"", limit: int = 5_000_000) -> list[Article | Finding]:
    return list(read_articles(paths, settings=Settings(max_article_bytes=limit), stdin=io.BytesIO(stdin)))


def articles(*paths: str | Path, stdin: bytes = b"") -> list[Article]:
    return [item for item in read(*paths, stdin=stdin) if isinstance(item, Article)]


def codes(items: list[Article | Finding]) -> list[str]:
    return [item.code for item in items if isinstance(item, Finding)]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def one(folder: Path, name: str, content: str | bytes) -> Article:
    (article,) = articles(write(folder, name, content))
    return article


# --- paths


def test_folder_is_read_to_any_depth_and_sorted_by_path(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/b/c.txt"):
        write(tmp_path, name, f"{name} {HOSPITAL}")
    assert [a.stem for a in articles(tmp_path)] == ["c", "z", "b"]


def test_order_of_the_paths_does_not_matter(tmp_path: Path) -> None:
    paths = [write(tmp_path, name, name + HOSPITAL) for name in ("c.txt", "a.txt", "b.txt")]
    assert read(*paths) == read(*reversed(paths))


def test_glob_is_expanded(tmp_path: Path) -> None:
    for name in ("fr-1.txt", "fr-2.txt", "en-1.txt"):
        write(tmp_path, name, name + HOSPITAL)
    assert [a.stem for a in articles(f"{tmp_path}/fr-*.txt")] == ["fr-1", "fr-2"]


def test_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", HOSPITAL)
    assert len(articles(path, tmp_path, f"{tmp_path}/*.txt", path)) == 1


def test_symbolic_link_to_a_file_that_is_read_adds_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", HOSPITAL)
    (tmp_path / "b.txt").symlink_to(path)
    assert len(articles(tmp_path)) == 1


def test_link_loop_ends(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", HOSPITAL)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(articles(tmp_path)) == 1


@pytest.mark.parametrize("name", [".hidden.md", "_draft.md", ".git/x.md", "README.md", "LICENSE", "LICENSE.txt"])
def test_what_is_plainly_no_article_passes_in_silence(tmp_path: Path, name: str) -> None:
    write(tmp_path, "a.txt", HOSPITAL)
    write(tmp_path, name, "About this folder, in some words.")
    assert [type(item) for item in read(tmp_path)] == [Article]


def test_readme_named_outright_is_read(tmp_path: Path) -> None:
    assert one(tmp_path, "README.md", HOSPITAL).stem == "README"


def test_missing_path_is_a_finding_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = read(tmp_path / "nowhere.md", write(tmp_path, "a.txt", HOSPITAL))
    assert codes(found) == ["unreadable"]
    assert isinstance(found[-1], Article)


def test_glob_without_match_is_a_finding(tmp_path: Path) -> None:
    assert codes(read(f"{tmp_path}/*.md")) == ["no-match"]


def test_empty_folder_is_a_finding(tmp_path: Path) -> None:
    assert codes(read(tmp_path)) == ["no-articles"]


def test_unknown_suffix_named_outright_is_an_error(tmp_path: Path) -> None:
    (found,) = read(write(tmp_path, "a.docx", b"PK\x03\x04"))
    assert isinstance(found, Finding)
    assert (found.code, found.severity) == ("unknown-format", Severity.ERROR)
    assert ".md" in found.hint


def test_unknown_suffixes_of_a_folder_are_one_warning_each(tmp_path: Path) -> None:
    for name in ("a.txt", "b.json", "c.json", "d.pdf"):
        write(tmp_path, name, HOSPITAL)
    warnings = [item for item in read(tmp_path) if isinstance(item, Finding)]
    assert [(w.severity, w.message[:9]) for w in warnings] == [
        (Severity.WARNING, "2 file(s)"),
        (Severity.WARNING, "1 file(s)"),
    ]


def test_device_is_a_finding() -> None:
    assert codes(read("/dev/null")) == ["not-a-file"]


def test_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "unreadable" in codes(read(tmp_path))


def test_dangling_link_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    assert codes(read(tmp_path / "a.txt")) == ["unreadable"]


def test_path_with_a_null_character_is_a_finding() -> None:
    assert codes(read("a\0b.txt")) == ["unreadable"]


# --- formats


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_suffix_reads_its_format(tmp_path: Path, suffix: str) -> None:
    page = f"<html><head><title>T</title></head><body><article><h1>T</h1><p>{HOSPITAL * 3}</p></article></body></html>"
    content = {"html": page, "jsonl": json.dumps({"text": HOSPITAL})}.get(SUFFIXES[suffix].name, HOSPITAL)
    assert HOSPITAL in one(tmp_path, "a" + suffix.upper(), content).text


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'{"text": "x"}', "jsonl"),
        (b"---\ntitle: x\n---\n", "markdown"),
        (b"# Title\n", "markdown"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "html"),
        (b"\n <html>", "html"),
        (b"The hospital", "text"),
        (b"{not json", "text"),
        (b"", "text"),
    ],
)
def test_format_of_a_stream_is_told_by_its_first_bytes(head: bytes, name: str) -> None:
    assert sniff(head).name == name


def test_standard_input_is_read_last(tmp_path: Path) -> None:
    found = articles("-", write(tmp_path, "a.txt", HOSPITAL), stdin=HOPITAL.encode())
    assert [a.source for a in found] == [str(tmp_path / "a.txt"), "-"]
    assert found[1].stem == "stdin"


def test_standard_input_may_hold_many_articles() -> None:
    lines = "\n".join(json.dumps({"text": f"{n} {HOSPITAL}"}) for n in range(500))
    assert len(articles("-", stdin=lines.encode())) == 500


def test_empty_standard_input_is_a_finding() -> None:
    assert codes(read("-", stdin=b"")) == ["empty"]


def test_standard_input_that_nobody_names_is_not_read() -> None:
    assert read(stdin=HOSPITAL.encode()) == []


# --- plain text


def test_first_line_of_plain_text_is_its_title_when_it_stands_alone(tmp_path: Path) -> None:
    article = one(tmp_path, "a.txt", f"Attack in Versailles\n\n{HOSPITAL}")
    assert article.title == "Attack in Versailles"
    assert article.text == f"Attack in Versailles\n\n{HOSPITAL}"


@pytest.mark.parametrize("first", ["It was a sentence.", "By our correspondent:", "word " * 40, "A line\nand another"])
def test_first_line_of_plain_text_is_no_title_when_it_reads_like_prose(tmp_path: Path, first: str) -> None:
    assert one(tmp_path, "a.txt", f"{first}\n\n{HOSPITAL}").title == ""


def test_hard_wrapped_text_is_one_line_a_paragraph(tmp_path: Path) -> None:
    wrapped = (
        "The hospital in Versailles cancelled operations on Saturday after an\n"
        "attack on its network. Six patients were transferred to other\n"
        "hospitals, and the emergency department was closed until Monday\n"
        "morning, the regional health agency said."
    )
    assert one(tmp_path, "a.txt", wrapped).text == wrapped.replace("\n", " ")


def test_short_lines_stay_lines(tmp_path: Path) -> None:
    card = "Date:\nSep 2022\nLocation:\nFrance\nSummary\nAn attack on a hospital, and what came of it in the end."
    assert one(tmp_path, "a.txt", card).text == card


def test_title_over_a_subtitle_of_its_length_stays_a_line(tmp_path: Path) -> None:
    lines = "A hospital near Paris is hit by an attack again\nThe second time in a year that patients must move"
    assert one(tmp_path, "a.txt", lines).text == lines


# --- one form of text


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("50\u00a0000 dollars", "50 000 dollars"),
        ("50\u202f000 dollars", "50 000 dollars"),
        ("« \u2009Plan blanc »", "« Plan blanc »"),
        ("ho\u0302pital", "hôpital"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("zero\u200bwidth and soft\u00adhyphen", "zerowidth and softhyphen"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("tab\tand   spaces  \nnext", "tab and spaces\nnext"),
        ("l’hôpital — “quoted”", "l’hôpital — “quoted”"),
    ],
)
def test_text_takes_one_form(tmp_path: Path, written: str, read_as: str) -> None:
    assert one(tmp_path, "a.txt", written).text == read_as


# --- markdown


def test_front_matter_is_metadata(tmp_path: Path) -> None:
    content = f"""---
title: "Attack: a hospital"
url: https://example.org/a?b=c#d
published: 2022-09
language: fr-FR
publisher: Local radio
---
{HOSPITAL}
"""
    article = one(tmp_path, "a.md", content)
    assert article.text == f"Attack: a hospital\n\n{HOSPITAL}"
    assert article.title == "Attack: a hospital"
    assert (article.url, article.published) == ("https://example.org/a?b=c#d", "2022-09")
    assert (article.language, article.publisher) == ("fr", "Local radio")


def test_title_that_the_body_repeats_stands_once(tmp_path: Path) -> None:
    for body in (f"# It’s an Attack!\n\n{HOSPITAL}", f"It’s an Attack!\n\n{HOSPITAL}"):
        assert one(tmp_path, "a.md", f"---\ntitle: It's an attack\n---\n{body}").text.startswith(
            "It’s an Attack!\n\nThe"
        )


def test_title_that_only_begins_the_first_sentence_stands_above_it(tmp_path: Path) -> None:
    assert one(tmp_path, "a.md", "---\ntitle: The hospital\n---\nThe hospital was hit.").text.startswith(
        "The hospital\n\nThe hospital was"
    )


def test_first_heading_is_the_title_where_no_other_is_given(tmp_path: Path) -> None:
    assert one(tmp_path, "a.md", f"# *Attack* in [Versailles](x)\n\n{HOSPITAL}").title == "Attack in Versailles"


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("It **was** the _first_ `time`.", "It was the first time."),
        ("the [neonatal unit](#) and <https://x.org>", "the neonatal unit and https://x.org"),
        ("before ![a picture](x.png) after", "before after"),
        (r"demanded \$10 million", "demanded $10 million"),
        ("R&amp;D&nbsp;unit", "R&D unit"),
        ("one\ntwo  \nthree", "one\ntwo\nthree"),
        ("## Heading\ntext", "Heading\n\ntext"),
        ("- one\n- two\n\nafter", "one\ntwo\n\nafter"),
        ("- one\n\n  more\n- two", "one\nmore\ntwo"),
        ("2022. The year.", "2022. The year."),
        ("| a | b |\n|---|---|\n| 6 patients | x *y* |", "a | b\n6 patients | x y"),
        ("> quoted\n> twice", "quoted\ntwice"),
        ("text<br>next <b>bold</b>", "text\nnext bold"),
        ("<div>raw <script>no()</script><p>html</p></div>", "raw\nhtml"),
        ("~~six~~ seven", "seven"),
        ("a\n\n---\n\nb", "a\n\nb"),
        ("    indented code", "indented code"),
        ("```\nfenced\n```", "fenced"),
        ("[x]: https://example.org\n\nsee [x]", "see x"),
        ("5 * 3 * 2 and snake_case_name", "5 * 3 * 2 and snake_case_name"),
    ],
)
def test_markdown_reads_as_plain_text(tmp_path: Path, markdown: str, plain: str) -> None:
    assert one(tmp_path, "a.md", markdown).text == plain


def test_front_matter_that_is_no_yaml_is_a_warning_and_no_text(tmp_path: Path) -> None:
    found = read(write(tmp_path, "a.md", f"---\ntitle: [unclosed\n---\n{HOSPITAL}"))
    assert codes(found) == ["front-matter"]
    assert isinstance(found[-1], Article)
    assert found[-1].text == HOSPITAL


@pytest.mark.parametrize("value", ["null", "~", "", "[a, b]", "{a: b}"])
def test_front_matter_without_a_value_says_nothing(tmp_path: Path, value: str) -> None:
    found = read(write(tmp_path, "a.md", f"---\npublished: {value}\ntitle:\n---\n{HOSPITAL}"))
    assert codes(found) == []


def test_deeply_nested_front_matter_is_a_warning(tmp_path: Path) -> None:
    found = read(write(tmp_path, "a.md", "---\nx: " + "[" * 5_000 + f"\n---\n{HOSPITAL}"))
    assert codes(found) == ["front-matter"]


def test_text_between_rules_is_no_front_matter(tmp_path: Path) -> None:
    article = one(tmp_path, "a.md", f"{HOSPITAL}\n\n---\n\nMore.\n\n---\n\nEnd.")
    assert article.text == f"{HOSPITAL}\n\nMore.\n\nEnd."


# --- html


PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Attack in Versailles - The Paper</title>
<meta property="og:title" content="Attack in Versailles"><meta property="og:site_name" content="The Paper">
<meta property="article:published_time" content="2022-12-05T09:00:00+01:00">
<link rel="canonical" href="https://example.org/attack"></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>Attack in Versailles</h1><p>{HOSPITAL}</p><p>Six patients were transferred, the ministry said on Sunday
evening, and a formal complaint has been filed by the hospital's management.</p></article>
<footer>All rights reserved. Subscribe to our newsletter.</footer></body></html>"""


def test_web_page_gives_text_title_date_address_and_publisher(tmp_path: Path) -> None:
    article = one(tmp_path, "a.html", PAGE)
    assert article.text.startswith(f"Attack in Versailles\n\n{HOSPITAL}")
    assert "newsletter" not in article.text
    assert (article.title, article.published) == ("Attack in Versailles", "2022-12-05")
    assert (article.url, article.publisher) == ("https://example.org/attack", "The Paper")
    assert article.language == "en"


def test_language_of_a_page_is_that_of_its_text(tmp_path: Path) -> None:
    page = PAGE.replace(HOSPITAL, HOPITAL * 4).replace("Six patients were transferred", "Six patients transférés")
    assert one(tmp_path, "a.html", page).language == "fr"


def test_page_in_its_declared_encoding_is_read_without_a_finding(tmp_path: Path) -> None:
    page = PAGE.replace("<head>", '<head><meta charset="iso-8859-15">').replace(HOSPITAL, HOPITAL).encode("iso-8859-15")
    found = read(write(tmp_path, "a.html", page))
    assert isinstance(found[-1], Article)
    assert HOPITAL in found[-1].text


def test_page_without_an_article_is_a_finding(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, "a.html", "<html><body><img src='x.png'></body></html>"))) == ["no-article"]


def test_page_date_does_not_depend_on_the_day_of_reading(tmp_path: Path) -> None:
    assert one(tmp_path, "a.html", PAGE.replace("2022-12-05", "2090-12-05")).published == "2090-12-05"


# --- json lines


def test_json_lines_carry_metadata(tmp_path: Path) -> None:
    line = {"id": "X 1", "title": "T", "text": HOSPITAL, "url": "https://x.org/", "date": 2022, "publisher": "P"}
    article = one(tmp_path, "a.jsonl", json.dumps(line))
    assert article.text == f"T\n\n{HOSPITAL}"
    assert (article.stem, article.title, article.url) == ("x-1", "T", "https://x.org/")
    assert (article.published, article.publisher, article.language) == ("2022", "P", "en")
    assert article.source.endswith("a.jsonl:1")


def test_line_without_an_id_is_named_by_its_number(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", f"\n{json.dumps({'text': HOSPITAL})}\n{json.dumps({'text': HOPITAL})}")
    assert [a.stem for a in articles(path)] == ["a-2", "a-3"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"text": 5, "text": null}',
        '{"text": ["x"]}',
        "[" * 100_000,
        '{"text": "x", "published": ' + "9" * 5_000 + "}",
    ],
)
def test_bad_line_is_one_finding_and_the_next_follows(tmp_path: Path, line: str) -> None:
    found = read(write(tmp_path, "a.jsonl", f"{line}\n{json.dumps({'text': HOSPITAL})}\n"))
    assert codes(found) == ["json"]
    assert isinstance(found[0], Finding)
    assert (found[0].severity, found[0].where) == (Severity.ERROR, "line 1")
    assert isinstance(found[-1], Article)


def test_line_over_the_limit_is_a_finding_and_the_next_follows(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", json.dumps({"text": "x" * 5_000}) + "\n" + json.dumps({"text": HOSPITAL}))
    found = read(path, limit=1_000)
    assert codes(found) == ["too-large"]
    assert isinstance(found[-1], Article)


def test_lone_surrogate_becomes_a_replacement_character(tmp_path: Path) -> None:
    assert (
        one(tmp_path, "a.jsonl", b'{"text": "The hospital \\ud800 is closed"}').text == "The hospital \ufffd is closed"
    )


def test_many_articles_pass_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    with path.open("w") as stream:
        for number in range(4_000):
            stream.write(
                json.dumps({"text": f"{number} {HOSPITAL} " + "More words about it. " * 100, "language": "en"}) + "\n"
            )

    def peak(limit: int) -> int:
        tracemalloc.start()
        for _, _ in zip(range(limit), read_articles([path], settings=Settings()), strict=False):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    assert peak(4_000) < peak(400) + 2_000_000  # the file is 9 MB


# --- ids, dates, languages, addresses


def test_id_is_words_and_the_hash_of_the_text(tmp_path: Path) -> None:
    article = one(tmp_path, "a.md", f"# L’hôpital de Cahors visé par une cyberattaque\n\n{HOPITAL}")
    assert article.id.rsplit("-", 1)[0] == "l-hopital-de-cahors-vise-par-une"
    assert len(article.id.rsplit("-", 1)[1]) == 10


def test_same_text_has_the_same_id_in_every_format(tmp_path: Path) -> None:
    plain = one(tmp_path, "a.txt", f"A title\n\n{HOSPITAL}")
    markdown = one(tmp_path, "b.md", f"# A title\n\n{HOSPITAL}\n")
    line = one(tmp_path, "c.jsonl", json.dumps({"title": "A title", "text": HOSPITAL}))
    assert plain.id == markdown.id == line.id


def test_same_text_in_two_files_comes_once(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", HOSPITAL)
    write(tmp_path, "b.md", HOSPITAL)
    found = read(tmp_path)
    assert [a.stem for a in found if isinstance(a, Article)] == ["a"]
    assert codes(found) == ["duplicate"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("Œuvre & Straße", "oeuvre-strasse"), ("病院", ""), ("x" * 60, "x" * 40), ("", ""), ("a " * 50, "a-" * 19 + "a")],
)
def test_slug_is_short_and_ascii(words: str, expected: str) -> None:
    assert slug(words) == expected


@given(st.text())
def test_slug_of_anything_is_short_and_ascii(words: str) -> None:
    found = slug(words)
    assert len(found) <= 40
    assert found.isascii()
    assert found == found.strip("-").lower()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2022", "2022"),
        ("2022-12", "2022-12"),
        ("2022-12-05", "2022-12-05"),
        ("2022-12-05T09:30:00Z", "2022-12-05"),
        ("2022-12-05 09:30", "2022-12-05"),
    ],
)
def test_publication_date_keeps_its_precision(tmp_path: Path, written: str, expected: str) -> None:
    assert one(tmp_path, "a.md", f"---\npublished: {written}\n---\n{HOSPITAL}").published == expected


@pytest.mark.parametrize("written", ["2022-13", "2022-02-30", "5 December", "22-12-05", "2022/12/05", "0000", "٢٠٢٢"])
def test_bad_publication_date_is_a_warning(tmp_path: Path, written: str) -> None:
    found = read(write(tmp_path, "a.md", f'---\npublished: "{written}"\n---\n{HOSPITAL}'))
    assert codes(found) == ["published"]
    assert isinstance(found[-1], Article)
    assert found[-1].published == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (HOSPITAL, "en"),
        (HOPITAL, "fr"),
        ("Das Krankenhaus musste am Samstag nach einem Angriff auf sein Netz Operationen absagen.", "de"),
        ("El hospital tuvo que cancelar el sábado varias operaciones tras un ataque contra su red.", "es"),
        ("CHU", ""),
        ("12345 67890 " * 20, ""),
    ],
)
def test_language_is_told_by_the_text_where_nobody_says_it(tmp_path: Path, text: str, language: str) -> None:
    assert one(tmp_path, "a.txt", text).language == language


def test_language_without_a_lexicon_is_a_warning_and_the_article_is_kept(tmp_path: Path) -> None:
    found = read(write(tmp_path, "a.md", "---\nlanguage: de\n---\nDas Krankenhaus wurde angegriffen."))
    assert codes(found) == ["no-lexicon"]
    assert isinstance(found[-1], Article)


def test_language_that_is_given_counts(tmp_path: Path) -> None:
    assert one(tmp_path, "a.md", f"---\nlang: FR\n---\n{HOSPITAL}").language == "fr"


def test_language_that_is_no_code_is_a_warning_and_the_text_decides(tmp_path: Path) -> None:
    found = read(write(tmp_path, "a.md", f"---\nlanguage: the English one\n---\n{HOSPITAL}"))
    assert codes(found) == ["language"]
    assert isinstance(found[-1], Article)
    assert found[-1].language == "en"


@pytest.mark.parametrize(
    "url", ["ftp://x.org/a", "example.org", "javascript:alert(1)", 'https://x.org/"><b', "https://a b"]
)
def test_address_that_is_none_is_a_warning(tmp_path: Path, url: str) -> None:
    found = read(write(tmp_path, "a.jsonl", json.dumps({"text": HOSPITAL, "url": url})))
    assert codes(found) == ["url"]
    assert isinstance(found[-1], Article)
    assert found[-1].url == ""


# --- bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings_are_read_in_silence(tmp_path: Path, encoding: str) -> None:
    (article,) = read(write(tmp_path, "a.txt", HOPITAL.encode(encoding)))
    assert isinstance(article, Article)
    assert article.text == HOPITAL


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-1"])
def test_other_encodings_are_guessed_with_a_warning(tmp_path: Path, encoding: str) -> None:
    found = read(write(tmp_path, "a.txt", HOPITAL.encode(encoding)))
    assert codes(found) == ["encoding"]
    assert isinstance(found[-1], Article)
    assert found[-1].text == HOPITAL


def test_one_broken_byte_does_not_turn_utf8_into_something_else(tmp_path: Path) -> None:
    data = (HOPITAL * 10).encode() + b"\xff" + HOPITAL.encode()
    found = read(write(tmp_path, "a.txt", data))
    assert codes(found) == ["encoding"]
    assert isinstance(found[-1], Article)
    assert "hôpital" in found[-1].text


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n...", b"PK\x03\x04....", b"\x89PNG\r\n", bytes(range(256)) * 20, b"a\x00b" * 99]
)
def test_binary_is_a_finding(tmp_path: Path, data: bytes) -> None:
    assert codes(read(write(tmp_path, "a.txt", data))) == ["binary"]


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf", b"...\n---\n!!"])
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_file_without_words_is_a_finding(tmp_path: Path, data: bytes, suffix: str) -> None:
    assert codes(read(write(tmp_path, f"a{suffix}", data))) == ["empty"]


def test_front_matter_without_a_body_is_a_finding(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, "a.md", "---\npublished: 2022\n---\n"))) == ["empty"]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_file_over_the_limit_is_a_finding(tmp_path: Path, suffix: str) -> None:
    assert codes(read(write(tmp_path, f"a{suffix}", HOSPITAL * 50), limit=1_000)) == ["too-large"]


def test_file_of_fifty_megabytes_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    assert codes(read(path)) == ["too-large"]


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(data=st.binary(max_size=400) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_make_a_reader_raise(tmp_path: Path, kind: object, data: bytes) -> None:
    suffix = next(s for s, k in SUFFIXES.items() if k is kind)
    for item in read(write(tmp_path, f"any{suffix}", data)):
        assert isinstance(item, Article | Finding)
        if isinstance(item, Article):
            item.text.encode("utf-8")
            assert item.text == item.text.strip()
            assert "\r" not in item.text


_MARKUP = st.sampled_from(
    ["<p>", "</p>", "<table>", "<tr><td>", "<!--", "]]>", "<svg>", "&#0;", "&#x110000;", "\x00", "# ", "|", "- "]
)


def fragments() -> Iterator[st.SearchStrategy[str]]:
    yield _MARKUP
    yield st.text(max_size=8)
    yield st.sampled_from(
        ["---\n", "title: x\n", "***", "`", "[a](", ")", "![", "\n", "    ", "~~", "{", '{"text": "', '"}', "\\"]
    )


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(parts=st.lists(st.one_of(*fragments()), max_size=40))
def test_no_markup_makes_a_reader_raise(tmp_path: Path, kind: object, parts: list[str]) -> None:
    suffix = next(s for s, k in SUFFIXES.items() if k is kind)
    data = "".join(parts).encode("utf-8", "surrogatepass")
    assert all(isinstance(item, Article | Finding) for item in read(write(tmp_path, f"any{suffix}", data)))
