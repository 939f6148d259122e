"""Registers as others publish them → rows, streaming: one reader a format, listed in :data:`READERS`.

table    TSV or CSV with a heading (an export of Wikidata's query service, a spreadsheet)
ror      a ROR data dump, schema 1 or 2 (https://ror.org/data): a JSON array
finess   a FINESS extract with a heading, or the official one, without (data.gouv.fr, "etalab" format)
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from codegrey.errors import DataError
from codegrey.registry.register import Row

Record = Mapping[str, Any]
_HEADINGS = {  # the names that columns go by, folded
    "name": ("name", "label", "itemlabel", "nom"),
    "aliases": ("aliases", "altlabel", "itemaltlabel"),
    "wikidata": ("qid", "item", "wikidata"),
    "ror": ("ror",),
    "country": ("country", "countrycode", "pays"),
    "city": ("city", "citylabel", "ville", "commune"),
    "latitude": ("lat", "latitude"),
    "longitude": ("lon", "longitude", "lng"),
    "website": ("website", "url", "siteweb"),
    "ods": ("ods", "odscode"),
    "cms": ("cms", "ccn"),
}
_OFFICIAL = {"site": 1, "legal": 2, "name": 3, "long": 4, "line": 15, "category": 19}  # columns of "structureet" lines
_QID = re.compile(r"Q\d+$")
_CHUNK = 1 << 20


def read_table(path: Path) -> Iterator[Row]:
    """A table with a heading; columns that are not known are left aside.

    :raises DataError: if no column holds a name.
    """
    for cells in _records(path):
        columns = {slot: _first(cells, names) for slot, names in _HEADINGS.items()}
        if "name" not in "".join(cells) and not columns["name"]:
            raise DataError(f"{path.name}: no column called {', '.join(_HEADINGS['name'])}")
        found = _QID.search(columns["wikidata"])
        identifiers = [f"wikidata:{found.group()}"] if found else []
        for scheme in ("ror", "ods", "cms"):
            identifiers += [f"{scheme}:{value}" for value in columns[scheme].split("|") if value]
        yield Row(
            identifiers=tuple(identifiers),
            name=columns["name"],
            aliases=tuple(alias.strip() for alias in columns["aliases"].split("|") if alias.strip()),
            country=columns["country"].split("|")[0],
            city=columns["city"],
            latitude=columns["latitude"],
            longitude=columns["longitude"],
            website=columns["website"],
        )


def _records(path: Path) -> Iterator[dict[str, str]]:
    """Lines of a TSV or CSV file by their folded headings; the delimiter is the one that the heading holds most of."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        heading = stream.readline()
        delimiter = max("\t;,", key=heading.count)
        names = [re.sub(r"[^a-z_]", "", name.lower()) for name in next(csv.reader([heading], delimiter=delimiter), [])]
        plain = delimiter == "\t"
        rows = csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL)
        for cells in rows:
            yield dict(zip(names, cells, strict=False))


def _first(cells: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((cells[name].strip() for name in names if cells.get(name, "").strip()), "")


def read_finess(path: Path) -> Iterator[Row]:
    """French sites with their legal entities; both shapes in which FINESS is handed around."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        heading = stream.readline()
    if "finess_et" in heading or "nofinesset" in heading.lower():
        yield from map(_finess_row, _records(path))
        return
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        for cells in csv.reader(stream, delimiter=";"):
            if cells and cells[0] == "structureet" and len(cells) > max(_OFFICIAL.values()):
                picked = {name: cells[column] for name, column in _OFFICIAL.items()}
                commune = re.sub(r"^\d{5}\s*|\s*CEDEX.*$", "", picked["line"])
                yield _finess_row(
                    {"finess_et": picked["site"], "finess_ej": picked["legal"], "name": picked["name"]}
                    | {"long_name": picked["long"], "commune": commune, "category": picked["category"]}
                )


def _finess_row(cells: Mapping[str, str]) -> Row:
    site = cells.get("finess_et") or cells.get("nofinesset", "")
    legal = cells.get("finess_ej") or cells.get("nofinessej", "")
    short = cells.get("name") or cells.get("rs", "")
    long = cells.get("long_name") or cells.get("rslongue", "")
    names = [name for name in dict.fromkeys((long, short)) if name]
    identifiers = [f"finess:{site}"] if site else []
    identifiers += [f"finess-ej:{legal}"] if legal else []
    return Row(
        identifiers=tuple(identifiers),
        name=sentence_case(names[0]) if names else "",
        aliases=tuple(map(sentence_case, names[1:])),
        kind=cells.get("category") or cells.get("libcategetab", ""),
        country="FR",
        city=sentence_case(cells.get("commune", "")),
    )


def sentence_case(name: str) -> str:
    """``CENTRE HOSPITALIER DE BOURG`` → ``Centre Hospitalier de Bourg``; short words that are no acronym stay small."""
    if name != name.upper():
        return name
    small = {"DE", "DU", "DES", "LA", "LE", "LES", "ET", "SUR", "EN", "AU", "AUX", "SOUS", "LEZ"}
    words = [
        word.lower() if number and word in small else word if _acronym(word) else word.capitalize()
        for number, word in enumerate(name.split())
    ]
    return re.sub(r"\b([DL])'(\w)", lambda m: f"{m[1].lower()}'{m[2].upper()}", " ".join(words))


def _acronym(word: str) -> bool:
    return len(word) <= 5 and not re.search("[AEIOUY]", word.replace("É", "E")[1:-1] or "B") and len(word) > 1


def read_ror(path: Path) -> Iterator[Row]:
    """The healthcare organisations of a ROR dump, schema 1 or 2; an array of any size is read object by object."""
    for record in _objects(path):
        if "healthcare" in {str(kind).lower() for kind in record.get("types", ())}:
            yield _ror_two(record) if "names" in record else _ror_one(record)


def _objects(path: Path) -> Iterator[Record]:
    """The objects of a JSON array, without holding the array.

    :raises DataError: if the file ends inside an object or holds anything else.
    """
    decoder, buffer = json.JSONDecoder(), ""
    with path.open(encoding="utf-8") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK), ""):
            buffer += chunk
            start = 0
            while True:
                start += len(buffer[start:]) - len(buffer[start:].lstrip(" \t\r\n[,"))
                if start >= len(buffer) or buffer[start] == "]":
                    break
                try:
                    record, start = decoder.raw_decode(buffer, start)
                except json.JSONDecodeError:
                    break
                if not isinstance(record, dict):
                    raise DataError(f"{path.name}: not an array of objects")
                yield record
            buffer = buffer[start:]
    if buffer.strip(" \t\r\n],["):
        raise DataError(f"{path.name}: the file ends inside an object, or is not JSON")


def _ror_one(record: Record) -> Row:
    country = record.get("country") or {}
    addresses: list[Record] = list(record.get("addresses") or ())
    place: Record = addresses[0] if addresses else {}
    external: Record = (record.get("external_ids") or {}).get("Wikidata") or {}
    wikidata = external.get("preferred") or next(iter(external.get("all") or ()), "")
    labels = [label["label"] for label in record.get("labels") or ()]
    return Row(
        identifiers=_identifiers(record, wikidata),
        name=str(record.get("name", "")),
        aliases=(*labels, *record.get("aliases", ()), *record.get("acronyms", ())),
        country=str(country.get("country_code", "")),
        city=str(place.get("city", "")),
        latitude=_number(place.get("lat")),
        longitude=_number(place.get("lng")),
        website=next(iter(record.get("links") or ()), ""),
    )


def _ror_two(record: Record) -> Row:
    names = record["names"]
    shown = next((name["value"] for name in names if "ror_display" in name["types"]), names[0]["value"])
    places: list[Record] = list(record.get("locations") or ())
    place: Record = places[0].get("geonames_details", {}) if places else {}
    outside: list[Record] = [ids for ids in record.get("external_ids") or () if ids["type"].lower() == "wikidata"]
    external = outside[0] if outside else {}
    wikidata = external.get("preferred") or next(iter(external.get("all") or ()), "")
    links = [link["value"] for link in record.get("links") or () if link.get("type") == "website"]
    return Row(
        identifiers=_identifiers(record, wikidata),
        name=str(shown),
        aliases=tuple(name["value"] for name in names if name["value"] != shown),
        country=str(place.get("country_code", "")),
        city=str(place.get("name", "")),
        latitude=_number(place.get("lat")),
        longitude=_number(place.get("lng")),
        website=next(iter(links), ""),
    )


def _identifiers(record: Record, wikidata: str) -> tuple[str, ...]:
    own = f"ror:{str(record['id']).rsplit('/', 1)[-1]}"
    return (own, f"wikidata:{wikidata}") if wikidata else (own,)


def _number(value: object) -> str:
    return "" if value is None else str(value)


Reader = Callable[[Path], Iterator[Row]]
READERS: dict[str, Reader] = {"table": read_table, "ror": read_ror, "finess": read_finess}
