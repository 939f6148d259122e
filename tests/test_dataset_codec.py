from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegrey.dataset.codec import decode, encode
from codegrey.errors import DatasetError
from codegrey.model import Article, CitedClaim, Claim, Finding, FusedOrganisation, Fusion, Incident, Report
from codegrey.terms import Literal

KINDS: list[Any] = [Article, Claim, CitedClaim, Finding, Report, FusedOrganisation, Incident, Fusion]


def values(kind: Any) -> st.SearchStrategy[Any]:
    floats = st.floats(allow_nan=False, allow_infinity=False)
    st.register_type_strategy(float, floats)
    return st.from_type(kind)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_value_of_the_model_reads_back_equal(kind: Any, data: st.DataObject) -> None:
    value = data.draw(values(kind))
    assert decode(kind, json.loads(json.dumps(encode(kind, value)))) == value


def test_defaults_are_left_out() -> None:
    assert encode(Literal, Literal("x")) == {"lexical": "x"}


@pytest.mark.parametrize("data", [None, [], "x", {"text": "no id"}, {"id": 1, "text": "x"}, {"id": "x", "txt": ""}])
def test_data_of_another_shape_are_a_dataset_error(data: object) -> None:
    with pytest.raises(DatasetError, match="not a Article"):
        decode(Article, data)
