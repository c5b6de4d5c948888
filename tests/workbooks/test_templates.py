from pathlib import Path
from typing import Any

import openpyxl
import pytest

from workbooks.labels import labels
from workbooks.schema import KINDS, Type
from workbooks.templates import CHOICE_LIMIT, choices, note, write_templates


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("templates")
    write_templates(path)
    return path


@pytest.fixture(scope="module")
def books(folder: Path) -> dict[str, Any]:
    """Return every template as openpyxl reads it; nobody changes them."""
    return {name: openpyxl.load_workbook(folder / f"{said.title}.xlsx") for name, said in labels().kinds.items()}


@pytest.mark.parametrize("name", KINDS)
def test_a_template_has_the_main_headings_in_order_and_nothing_else(books: dict[str, Any], name: str) -> None:
    said, kind, book = labels().kinds[name], KINDS[name], books[name]
    assert book.sheetnames == [said.title]
    rows = book.worksheets[0].iter_rows(values_only=True)
    assert list(next(rows)) == [said.headings[column.name][0] for column in kind.asked]
    assert all(cell is None for row in rows for cell in row)


@pytest.mark.parametrize("name", KINDS)
def test_required_headings_stand_out_and_each_has_its_note(books: dict[str, Any], name: str) -> None:
    said, kind = labels().kinds[name], KINDS[name]
    (sheet,) = books[name].worksheets
    fills: dict[bool, set[str]] = {True: set(), False: set()}
    for column, (cell,) in zip(kind.asked, sheet.iter_cols(max_row=1), strict=True):
        fills[column.required].add(cell.fill.fgColor.rgb)
        assert cell.comment is not None
        assert cell.comment.text == note(name, column, said.headings[column.name])
    assert len(fills[True]) == 1
    assert fills[True].isdisjoint(fills[False])


def test_code_cells_are_text_for_a_thousand_rows(books: dict[str, Any]) -> None:
    (sheet,) = books["orders"].worksheets
    for place, column in enumerate(KINDS["orders"].columns, 1):
        if column.type is Type.CODE:
            assert {sheet.cell(row, place).number_format for row in (2, 500, 1001)} == {"@"}


def test_drop_downs_fit_excel_and_name_what_the_rules_read(books: dict[str, Any]) -> None:
    words = labels().words
    for name, kind in KINDS.items():
        (sheet,) = books[name].worksheets
        lists = [column for column in kind.columns if choices(name, column)]
        assert len(sheet.data_validations.dataValidation) == len(lists)
        assert all(len(",".join(choices(name, column))) <= CHOICE_LIMIT for column in lists)
    assert choices("partners", KINDS["partners"].column("level")) == words["level"]["order"]
    assert set(choices("products", KINDS["products"].column("status"))) >= set(words["product_status"]["discontinued"])
    assert set(choices("partners", KINDS["partners"].column("status"))) >= set(words["partner_status"]["closed"])
    assert set(choices("releases", KINDS["releases"].column("rule"))) <= {said.name for said in labels().rules.values()}


def test_the_same_bytes_every_time(folder: Path, tmp_path: Path) -> None:
    for path in write_templates(tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes()
