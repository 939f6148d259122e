"""Full registers: every source read, what is refused and why, what changed since the last time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from codegrey.errors import DataError, ServiceError, UsageError
from codegrey.registry.register import Row, read_register, refusal, update_register
from codegrey.registry.sources import read_finess, read_ror, read_table, sentence_case
from codegrey.registry.wikidata import Manners, asker, read_wikidata

FOCH = Row(("wikidata:Q1",), "Hôpital Foch", ("Foch",), country="FR", latitude="48.87", longitude="2.22")


def test_a_tab_separated_table_is_read_by_its_heading(tmp_path: Path) -> None:
    path = tmp_path / "hospitals.tsv"
    path.write_text(
        "name\taliases\tqid\tcountry\tcity\tlat\tlon\tror\nHôpital Foch\tFoch\tQ1\tFR\tSuresnes\t48.87\t2.22\t0a|0b\n",
        encoding="utf-8",
    )
    identifiers = ("wikidata:Q1", "ror:0a", "ror:0b")
    assert list(read_table(path)) == [
        Row(identifiers, "Hôpital Foch", ("Foch",), country="FR", city="Suresnes", latitude="48.87", longitude="2.22")
    ]


def test_an_export_of_the_query_service_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        'item,itemLabel,countryCode\nhttp://www.wikidata.org/entity/Q1,"Foch, Hôpital",FR\n', encoding="utf-8"
    )
    assert list(read_table(path)) == [Row(("wikidata:Q1",), "Foch, Hôpital", country="FR")]


def test_a_table_without_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.tsv"
    path.write_text("a\tb\n1\t2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"odd\.tsv: no column called name"):
        list(read_table(path))


def test_finess_with_a_heading(tmp_path: Path) -> None:
    path = tmp_path / "finess.tsv"
    path.write_text(
        "finess_et\tfiness_ej\tname\tlong_name\tcategory\tcommune\n"
        "460000110\t460780216\tCH JEAN ROUGIER CAHORS\tCENTRE HOSPITALIER JEAN ROUGIER CAHORS\tCH\tCAHORS\n",
        encoding="utf-8",
    )
    found = next(read_finess(path))
    assert found.identifiers == ("finess:460000110", "finess-ej:460780216")
    assert (found.name, found.city) == ("Centre Hospitalier Jean Rougier Cahors", "Cahors")


def test_the_official_finess_file_has_no_heading(tmp_path: Path) -> None:
    cells = ["structureet", "460000110", "460780216", "CH CAHORS", "CENTRE HOSPITALIER DE CAHORS"]
    cells += [""] * 10 + ["46005 CAHORS CEDEX 9", "", "", "355", "Centre Hospitalier (C.H.)", ""]
    path = tmp_path / "etalab.csv"
    path.write_text("finess;etalab;93;2024\n" + ";".join(cells) + "\n", encoding="utf-8")
    found = next(read_finess(path))
    assert (found.name, found.city, found.kind) == (
        "Centre Hospitalier de Cahors",
        "Cahors",
        "Centre Hospitalier (C.H.)",
    )


@pytest.mark.parametrize(
    ("shouted", "said"),
    [
        ("CH DE LA COTE D'AZUR", "CH de la Cote d'Azur"),
        ("CHU ROUEN", "CHU Rouen"),
        ("Already Written", "Already Written"),
    ],
)
def test_capitals_are_lowered_and_acronyms_kept(shouted: str, said: str) -> None:
    assert sentence_case(shouted) == said


ROR_1 = {
    "id": "https://ror.org/0a",
    "name": "Hôpital Foch",
    "types": ["Healthcare"],
    "aliases": ["Foch"],
    "acronyms": ["HF"],
    "labels": [{"label": "Foch Hospital", "iso639": "en"}],
    "links": ["https://foch.example"],
    "country": {"country_code": "FR"},
    "addresses": [{"city": "Suresnes", "lat": 48.87, "lng": 2.22}],
    "external_ids": {"Wikidata": {"preferred": None, "all": ["Q1"]}},
}
ROR_2 = {
    "id": "https://ror.org/0a",
    "types": ["healthcare"],
    "names": [
        {"value": "Hôpital Foch", "types": ["ror_display", "label"]},
        {"value": "Foch Hospital", "types": ["label"]},
        {"value": "Foch", "types": ["alias"]},
        {"value": "HF", "types": ["acronym"]},
    ],
    "links": [{"type": "website", "value": "https://foch.example"}],
    "locations": [{"geonames_details": {"name": "Suresnes", "country_code": "FR", "lat": 48.87, "lng": 2.22}}],
    "external_ids": [{"type": "wikidata", "preferred": None, "all": ["Q1"]}],
}


@pytest.mark.parametrize("record", [ROR_1, ROR_2])
def test_both_schemas_of_ror_say_the_same(tmp_path: Path, record: object) -> None:
    path = tmp_path / "ror.json"
    path.write_text(json.dumps([{"id": "x", "name": "A school", "types": ["Education"]}, record]), encoding="utf-8")
    (found,) = read_ror(path)
    assert found == Row(
        ("ror:0a", "wikidata:Q1"),
        "Hôpital Foch",
        ("Foch Hospital", "Foch", "HF"),
        country="FR",
        city="Suresnes",
        latitude="48.87",
        longitude="2.22",
        website="https://foch.example",
    )


def test_a_dump_larger_than_one_read_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "ror.json"
    many = [ROR_2 | {"id": f"https://ror.org/{n}", "filler": "x" * 50_000} for n in range(60)]
    path.write_text(json.dumps(many, indent=1), encoding="utf-8")
    assert sum(1 for _ in read_ror(path)) == 60


@pytest.mark.parametrize("content", ['[{"id": "x"', '["x"]', "nothing"])
def test_a_broken_dump_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ror.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"ror\.json"):
        list(read_ror(path))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (FOCH, ""),
        (Row((), "X"), "no identifier"),
        (Row(("wikidata:Q5",), "Q5"), "no name"),
        (Row(("wikidata:Q5",), " "), "no name"),
        (Row(("wikidata:Q5",), "X", country="France"), "'France' is no country code"),
        (Row(("wikidata:Q5",), "X", latitude="91", longitude="0"), "its coordinates are not on Earth"),
        (Row(("wikidata:Q5",), "X", latitude="1"), "its coordinates are not on Earth"),
    ],
)
def test_what_cannot_be_used_is_refused_and_why(row: Row, reason: str) -> None:
    assert refusal(row) == reason


def test_an_update_counts_what_it_kept_and_refused(tmp_path: Path) -> None:
    done = update_register("x", [FOCH, FOCH, Row(("wikidata:Q5",), "Q5")], tmp_path)
    assert (done.read, done.kept, done.added) == (3, 1, ("wikidata:Q1",))
    assert [finding.message for finding in done.refused] == [
        "Hôpital Foch: its identifier is there twice",
        "Q5: no name",
    ]


def test_an_update_tells_what_is_new_changed_and_gone(tmp_path: Path) -> None:
    update_register("x", [FOCH, Row(("wikidata:Q2",), "B"), Row(("wikidata:Q3",), "C")], tmp_path)
    done = update_register("x", [FOCH, Row(("wikidata:Q2",), "B again"), Row(("wikidata:Q4",), "D")], tmp_path)
    assert (done.added, done.changed, done.removed) == (("wikidata:Q4",), ("wikidata:Q2",), ("wikidata:Q3",))


def test_the_same_rows_again_are_no_change_however_they_are_spaced(tmp_path: Path) -> None:
    rows = [Row(("wikidata:Q2",), "A  B ", ("C|D", " E  F"))]
    update_register("x", rows, tmp_path)
    assert update_register("x", rows, tmp_path).changed == ()


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    update_register("x", [FOCH], tmp_path)
    assert list(read_register(tmp_path / "x.tsv")) == [FOCH]


def test_an_update_that_fails_leaves_the_last_one(tmp_path: Path) -> None:
    update_register("x", [FOCH], tmp_path)

    def failing() -> Iterator[Row]:
        yield Row(("wikidata:Q2",), "B")
        raise ServiceError("halfway")

    with pytest.raises(ServiceError):
        update_register("x", failing(), tmp_path)
    assert list(read_register(tmp_path / "x.tsv")) == [FOCH]


def test_another_file_is_no_register(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("a\tb\n", encoding="utf-8")
    with pytest.raises(DataError, match="is no register"):
        list(read_register(path))


class StandIn(BaseHTTPRequestHandler):
    """A SPARQL service of five hospitals that fails when it is told to."""

    asked: list[int]
    fail_at: set[int]
    status = 500

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(body)["query"][0]
        limit, offset = (int(query.split(word, 1)[1].split()[0]) for word in ("LIMIT ", "OFFSET "))
        type(self).asked.append(offset)
        if len(type(self).asked) in type(self).fail_at:
            self.send_response(type(self).status)
            self.send_header("Retry-After", "7")
            self.end_headers()
            return
        rows = [_binding(n) for n in range(offset, min(offset + limit, 5))]
        content = json.dumps({"results": {"bindings": rows}}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class calls it so
        """Quiet."""


def _binding(number: int) -> dict[str, dict[str, str]]:
    cells = {"item": f"http://www.wikidata.org/entity/Q{number}", "labelEn": f"Hospital {number}"}
    cells |= {"point": f"Point(2.{number} 48.5)", "country": "FR", "aliases": "A|B"}
    return {name: {"value": value} for name, value in cells.items()}


@contextmanager
def service(*, fail_at: frozenset[int] = frozenset(), status: int = 500) -> Iterator[tuple[str, list[int]]]:
    """A stand-in on loopback: its address, and the offsets that it was asked for."""
    asked: list[int] = []
    handler = type("Handler", (StandIn,), {"asked": asked, "fail_at": set(fail_at), "status": status})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_wikidata_is_read_page_by_page(tmp_path: Path) -> None:
    manners = Manners(page=2, pause=0)
    with service() as (address, asked):
        rows = list(read_wikidata(asker(address, manners=manners), tmp_path, manners=manners))
    assert ([row.key for row in rows], asked) == ([f"wikidata:Q{n}" for n in range(5)], [0, 2, 4])
    assert rows[1] == Row(("wikidata:Q1",), "Hospital 1", ("A", "B"), country="FR", latitude="48.5", longitude="2.1")


def test_a_run_that_failed_halfway_goes_on_where_it_stopped(tmp_path: Path) -> None:
    manners = Manners(page=2, pause=0, tries=1)
    with service(fail_at=frozenset({2})) as (address, asked):
        ask = asker(address, manners=manners)
        with pytest.raises(ServiceError, match="run it again to go on"):
            list(read_wikidata(ask, tmp_path, manners=manners))
        rows = list(read_wikidata(ask, tmp_path, manners=manners))
    assert (len(rows), asked) == (5, [0, 2, 2, 4])


def test_a_service_that_asks_for_patience_gets_it(tmp_path: Path) -> None:
    slept: list[float] = []
    manners = Manners(page=10, pause=0)
    with service(fail_at=frozenset({1}), status=429) as (address, _):
        rows = list(read_wikidata(asker(address, manners=manners, sleep=slept.append), tmp_path, manners=manners))
    assert (len(rows), slept) == (5, [7.0])


def test_a_question_that_the_service_refuses_is_not_asked_again(tmp_path: Path) -> None:
    manners = Manners(page=10, pause=0)
    with service(fail_at=frozenset({1}), status=400) as (address, asked):
        with pytest.raises(ServiceError, match="answered 400"):
            list(read_wikidata(asker(address, manners=manners), tmp_path, manners=manners))
        assert asked == [0]


def test_an_answer_that_is_no_result_is_thrown_away(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="did not answer with SPARQL results"):
        list(read_wikidata(lambda _: b"<html>", tmp_path))
    assert not list(tmp_path.glob("*.json"))


def test_a_service_that_is_not_there_is_an_error_of_one_line(tmp_path: Path) -> None:
    manners = Manners(tries=1, patience=2)
    with pytest.raises(ServiceError, match="cannot be reached"):
        list(read_wikidata(asker("http://127.0.0.1:9/", manners=manners), tmp_path))


def test_an_address_of_another_scheme_is_refused() -> None:
    with pytest.raises(UsageError):
        asker("file:///etc/passwd")
