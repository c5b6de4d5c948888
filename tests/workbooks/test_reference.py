from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.books import write_xlsx
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.range_orders import RangeOrders
from workbooks.reading import files
from workbooks.reading.cell_values import cell_text, code_of, day_of, number_of
from workbooks.reading.cells import RawSheet, read_sheets
from workbooks.reference import LOOK_EVERY, Reference
from workbooks.schema import Limits

DAY = date(2026, 11, 21)
PRODUCTS = """
    产品编码 | 产品名称 | 标准价
    A1       | 面霜     | {price}
"""
PARTNERS = """
    合作商编码 | 合作商名称 | 级别
    P1         | 星悦       | VIP
"""
STOCK = """
    产品编码 | 现存量
    A1       | 10
"""


class Clock:
    """A clock that tests turn."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float = LOOK_EVERY) -> None:
        self.now += seconds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = labels().folders
    write_xlsx(tmp_path / names["reference"] / "价格.xlsx", PRODUCTS.format(price=100))
    write_xlsx(tmp_path / names["reference"] / "合作商.xlsx", PARTNERS)
    write_xlsx(tmp_path / names["orders"] / "2026-11-21" / "华东.xlsx", "订单号|合作商编码|产品编码|数量\n1|P1|A1|1")
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reference(folder: Path, clock: Clock) -> Reference:
    return Reference(folder, clock, lambda: DAY)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The suffixes of the files parsed, in their order."""
    seen: list[str] = []

    def counting(content: bytes, suffix: str, limits: Limits) -> list[RawSheet]:
        seen.append(suffix)
        return read_sheets(content, suffix, limits=limits)

    monkeypatch.setattr(files, "read_sheets", counting)
    return seen


def price(reference: Reference) -> float:
    return float(reference.frames()["products"]["list_price"].to_numpy(float)[0])


def write(folder: Path, name: str, table: str, mtime: int) -> None:
    path = write_xlsx(folder / name, table)
    os.utime(path, ns=(mtime, mtime))


def test_tables_are_the_reference_kinds_and_never_orders(reference: Reference, folder: Path) -> None:
    assert set(reference.tables()) == {"products", "partners"}
    assert reference.folder == folder
    assert reference.frames()["products"] is reference.tables()["products"].frame
    assert not reference.problems
    assert reference.today == DAY


def test_the_same_object_until_a_file_changes_and_only_that_file_is_parsed_again(
    reference: Reference, folder: Path, clock: Clock, parsed: list[str]
) -> None:
    first = reference.tables()
    assert len(parsed) == 2
    clock.turn()
    assert reference.tables() is first
    assert reference.frames() is reference.frames()
    write(folder, "基础资料/价格.xlsx", PRODUCTS.format(price=90), 1_800_000_000_000_000_000)
    assert reference.tables() is first  # looked at a moment ago
    clock.turn(LOOK_EVERY - 0.1)
    assert reference.tables() is first
    clock.turn(0.1)
    assert reference.tables() is not first
    assert price(reference) == 90
    assert len(parsed) == 3


def test_size_alone_tells_a_change_too(reference: Reference, folder: Path, clock: Clock) -> None:
    path = folder / "基础资料" / "价格.xlsx"
    reference.tables()
    before = path.stat()
    write(folder, "基础资料/价格.xlsx", PRODUCTS.format(price="123456.78") + "A2|B|7\n" * 50, before.st_mtime_ns)
    assert path.stat().st_size != before.st_size
    clock.turn()
    assert price(reference) == 123456.78


def test_a_file_appears_and_goes(reference: Reference, folder: Path, clock: Clock) -> None:
    reference.tables()
    write_xlsx(folder / "库存" / "库存.xlsx", STOCK)
    clock.turn()
    assert "stock" in reference.tables()
    (folder / "库存" / "库存.xlsx").unlink()
    clock.turn()
    assert "stock" not in reference.tables()


def test_the_button_reads_everything_again_at_once(reference: Reference, parsed: list[str]) -> None:
    first = reference.tables()
    reference.refresh()
    assert reference.tables() is not first
    assert len(parsed) == 4


def test_settings_are_read_again_and_new_aliases_make_tables_of_sheets(
    reference: Reference, folder: Path, clock: Clock
) -> None:
    write_xlsx(folder / "库存" / "库存.xlsx", STOCK.replace("现存量", "库里还有"))
    assert "stock" not in reference.tables()
    assert [problem.code for problem in reference.problems] == ["not-recognised"]
    assert reference.policy.partial
    (folder / "orderdesk.toml").write_text(
        '[stock]\npartial = false\n[aliases.stock]\non_hand = ["库里还有"]\n[aliases.partners]\nlevel = ["等级"]\n',
        encoding="utf-8",
    )
    clock.turn()
    assert "stock" in reference.tables()
    assert not reference.policy.partial
    assert not reference.settings.policy.partial
    assert reference.column("partners", "等级") == "level"


def test_wrong_settings_and_a_lost_folder_raise_until_they_are_mended(
    reference: Reference, folder: Path, clock: Clock, tmp_path: Path
) -> None:
    settings = folder / "orderdesk.toml"
    settings.write_text("[stock]\npartail = true\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(WorkbookError) as caught:
            reference.tables()
        assert caught.value.code == "unknown-setting"
    settings.unlink()
    clock.turn()
    assert price(reference) == 100
    folder = Path(tmp_path / "away")
    lost = Reference(folder, clock)
    with pytest.raises(WorkbookError) as caught:
        lost.refresh()
    assert caught.value.code == "no-folder"
    write_xlsx(folder / "基础资料" / "价格.xlsx", PRODUCTS.format(price=5))
    clock.turn()
    assert price(lost) == 5


def test_a_damaged_file_is_reported_as_long_as_it_is_there(reference: Reference, folder: Path, clock: Clock) -> None:
    broken = folder / "财务" / "查款.xlsx"
    broken.parent.mkdir()
    broken.write_bytes(b"PK\x03\x04 not really")
    for _ in range(3):
        assert [(problem.code, problem.source_file) for problem in reference.problems] == [
            ("damaged", "财务/查款.xlsx")
        ]
        assert price(reference) == 100
        clock.turn()


def test_a_file_that_another_program_holds_keeps_its_rows_and_is_tried_again(
    reference: Reference, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert price(reference) == 100
    read_bytes = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == "价格.xlsx":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    write(folder, "基础资料/价格.xlsx", PRODUCTS.format(price=80), 1_800_000_000_000_000_000)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refused)
        clock.turn()
        held = reference.tables()
        assert price(reference) == 100
        assert [problem.code for problem in reference.problems] == ["locked"]
        clock.turn()
        assert reference.tables() is held  # nothing new: what is built on it stays
    clock.turn()
    assert price(reference) == 80
    assert not reference.problems


def test_a_new_day_gives_dates_without_a_year_their_year(folder: Path, clock: Clock) -> None:
    write_xlsx(folder / "库存" / "回复.xlsx", "产品编码|预计到货日期|预计数量\nA1|1月5日|3")
    days = [date(2026, 12, 31), date(2027, 1, 1)]
    reference = Reference(folder, clock, lambda: days[0])
    assert reference.frames()["supply"]["eta"].dt.year.to_list() == [2026]
    days.pop(0)
    clock.turn()
    assert reference.frames()["supply"]["eta"].dt.year.to_list() == [2027]


def test_two_threads_get_one_set_of_tables(reference: Reference, parsed: list[str]) -> None:
    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(reference.tables())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(parsed) == 2
    assert all(tables is got[0] for tables in got)


@pytest.mark.parametrize(
    ("heading", "column"),
    [("级别", "level"), ("客户名称", "partner_name"), (" 合同 折扣（%）", "contract_discount"), ("Tax_ID", "tax_id"),
     ("现存量", None), ("", None)],
)  # fmt: skip
def test_columns_by_heading_alias_and_english_name(reference: Reference, heading: str, column: str | None) -> None:
    assert reference.column("partners", heading) == column


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (code_of, 123.0, "123"), (code_of, " 00123 ", "00123"), (code_of, "ＡＢ 1", "AB1"), (code_of, None, None),
        (code_of, "　", None), (code_of, "12.00", "12"), (code_of, True, "TRUE"),
        (number_of, 0.1 + 0.2, 0.3), (number_of, "1,200支", 1200.0), (number_of, "12箱", None),
        (number_of, "abc", None), (number_of, None, None), (number_of, 2e12, None), (number_of, True, None),
        (day_of, datetime(2026, 11, 20, 23, 59, 59, 999900), DAY),  # noqa: DTZ001 - a cell has no zone
        (day_of, 46347.0, DAY), (day_of, 46347.5, DAY), (day_of, 20261121.0, DAY), (day_of, "11月21日", DAY),
        (day_of, "昨天", None), (day_of, datetime(1899, 12, 30, 10, 30), None),  # noqa: DTZ001 - the same
        (cell_text, 46347.0, "46347"), (cell_text, " x ", "x"), (cell_text, None, None),
    ],
)  # fmt: skip
def test_cells_as_values(read: Callable[..., object], cell: object, value: object) -> None:
    assert (read(cell, DAY) if read is day_of else read(cell)) == value


def test_cells_are_read_by_the_desk_too(reference: Reference) -> None:
    assert (reference.code("a 1"), reference.number("2个"), reference.day("2026#11#21")) == ("a1", 2.0, DAY)


def test_a_range_of_order_lines(reference: Reference) -> None:
    cells = (
        ("华东订单", None, None, None, None),
        ("订单号", "合作商编码", "产品编码", "数量", "单价"),
        (1001.0, "P1", "A1", "3个", 9.5),
        (1002.0, "P1", "A1", -2146826246, None),
        (None, None, None, None, None),
        ("合计", None, None, 5.0, None),
    )
    read = reference.order_lines(cells)
    assert isinstance(read, RangeOrders)
    assert read.lines[["order_no", "quantity", "unit_price", "source_row"]].to_numpy().tolist() == [["1001", 3, 9.5, 3]]
    assert read.lines["region"].isna().all()
    assert read.cleaned["text"].to_list() == ["3个"]
    assert read.totals["stated"].to_list() == [5.0]
    assert [(row, code) for row, code, _, _ in read.rejected] == [(4, "error-cell")]


def test_a_range_without_headings_names_what_it_lacks(reference: Reference) -> None:
    assert reference.order_lines((("订单号", "数量"), (1.0, 2.0))) == "合作商编码、产品编码"
    assert "订单号" in str(reference.order_lines(((None,),)))
