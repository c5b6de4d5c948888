"""Columns that hold each different text once say what the same columns of strings would say."""

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from workbooks.reading.texts import COLUMN, changed, encoded, places, respelt, stacked, trimmed, where

CELLS = st.lists(st.one_of(st.none(), st.sampled_from(["", " ", "A", " A", "a\u3000", "12", "0"])), max_size=6)
TABLES = st.integers(0, 6).flatmap(
    lambda rows: st.lists(st.lists(st.sampled_from([None, "", " ", "A", " A", "b"]), min_size=rows, max_size=rows))
)


def column(*texts: str | None) -> pa.DictionaryArray:
    return encoded(pa.array(texts, pa.string()))


def upper(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, "x"), pa.scalar(None, pa.string()), pc.utf8_upper(texts))


def test_each_different_text_is_held_once() -> None:
    one = column("a", None, "b", "a")
    assert one.type == COLUMN
    assert (one.dictionary.to_pylist(), places(one).tolist()) == (["a", "b"], [0, -1, 1, 0])
    assert encoded(one) is one


def test_a_text_that_becomes_blank_is_a_blank_cell() -> None:
    done, same = changed([column("a", "x", None, "A"), column(None, "B")], upper)
    assert done.to_pylist() == ["A", None, None, "A"]
    assert done.null_count == 2
    assert done.dictionary.to_pylist() == ["A"]
    assert same.to_pylist() == [None, "B"]
    assert changed([], upper) == []


def test_only_texts_with_the_pattern_in_them_are_respelt_and_each_once() -> None:
    asked: list[str] = []

    def without(text: str) -> str | None:
        asked.append(text)
        return text.strip("-") or None

    (done,) = respelt([column("a-", "b", "-", None, "a-")], without, "-")
    assert done.to_pylist() == ["a", "b", None, None, "a"]
    assert asked == ["a-", "-"]
    (done,) = respelt([column("a", "b")], str.upper)
    assert done.to_pylist() == ["A", "B"]


def test_a_column_cut_off_below_its_headings_still_answers_for_its_own_cells() -> None:
    cut = column("heading", "a", None, "b").slice(1)
    assert where([cut], lambda texts: pc.is_in(texts, value_set=pa.array(["heading", "b"]))).tolist() == [
        [False, False, True]
    ]
    assert places(cut).tolist() == [1, -1, 2]


def test_columns_stacked_below_each_other() -> None:
    both = stacked([column("a", None), pa.nulls(2, COLUMN), pa.array(["b", "a"])])
    assert both.to_pylist() == ["a", None, None, None, "b", "a"]
    assert both.dictionary.to_pylist() == ["a", "b"]
    assert stacked([]).to_pylist() == []


@given(TABLES)
def test_trimmed_as_cell_by_cell(table: list[list[str | None]]) -> None:
    found = [one.to_pylist() for one in trimmed([pa.array(cells, pa.string()) for cells in table])]
    assert found == [[(text or "").strip() or None for text in cells] for cells in table]


@given(TABLES)
def test_where_as_cell_by_cell(table: list[list[str | None]]) -> None:
    found = where([column(*cells) for cells in table], lambda texts: pc.match_substring_regex(texts, "A"))
    assert found.tolist() == [["A" in (text or "") for text in cells] for cells in table]


@given(st.lists(CELLS))
def test_stacked_as_cell_by_cell(columns: list[list[str | None]]) -> None:
    both = stacked([pa.array(cells, pa.string()) for cells in columns])
    assert both.to_pylist() == [text for cells in columns for text in cells]
