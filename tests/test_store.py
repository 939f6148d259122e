from __future__ import annotations

from pathlib import Path

import pytest

from codegrey.errors import DatasetError
from codegrey.store import build_store, open_store

LINES = '<urn:a> <urn:p> "1.50" <urn:g> .\n<urn:b> <urn:p> <urn:a> <urn:g> .\n'


@pytest.fixture
def nquads(tmp_path: Path) -> Path:
    path = tmp_path / "codegrey.nq"
    path.write_text(LINES, encoding="utf-8")
    return path


def test_a_store_holds_every_quad_of_the_file(tmp_path: Path, nquads: Path) -> None:
    assert build_store(tmp_path / "store", nquads) == 2


def test_two_readers_open_one_store_at_once(tmp_path: Path, nquads: Path) -> None:
    build_store(tmp_path / "store", nquads)
    first, second = open_store(tmp_path / "store"), open_store(tmp_path / "store")
    assert len(first) == len(second) == 2


def test_a_reader_cannot_write(tmp_path: Path, nquads: Path) -> None:
    build_store(tmp_path / "store", nquads)
    with pytest.raises(RuntimeError, match="read-write"):
        open_store(tmp_path / "store").update("INSERT DATA { <urn:x> <urn:x> <urn:x> }")


def test_a_missing_store_is_a_dataset_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no store at"):
        open_store(tmp_path / "nothing")


def test_an_empty_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot open"):
        open_store(tmp_path)


def test_a_file_that_is_not_nquads_is_a_dataset_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.nq"
    path.write_text("not quads\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"bad\.nq"):
        build_store(tmp_path / "store", path)
