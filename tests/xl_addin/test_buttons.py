"""A button pressed: what Excel gets back, and what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlwings as xw

from macros import desk as macros
from tests.fake_excel import AUTOMATIC, Application, ComError
from tests.live_hosts import windows_engine
from workbooks.errors import WorkbookError
from workbooks.labels import raw
from workbooks.reference import Reference
from xl_addin import buttons, checks, desk, doctor, log, manual
from xl_addin import excel as door
from xl_addin.wording import BOX

ORDERS: list[list[Any]] = [["订单号", "合作商编码", "产品编码", "数量"], ["A1", "P1", "X1", 24.0]]


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Application:
    """Return a made-up Excel in Chinese with a workbook of orders; nobody presses Esc, and the team folder is empty."""
    monkeypatch.setattr(xw, "_xlwindows", windows_engine(), raising=False)
    monkeypatch.setattr(door, "escape_pressed", lambda _app: False)
    (tmp_path / "team").mkdir()
    reference = Reference(tmp_path / "team")
    monkeypatch.setattr(desk, "reference", lambda: reference)
    monkeypatch.setattr(desk, "desk_folder", lambda: tmp_path / "desk")
    monkeypatch.setattr(log, "user_log_path", lambda *_, **__: tmp_path)
    excel = Application()
    excel.open({"订单": ORDERS})
    return excel


def names(excel: Application) -> list[str]:
    """Return the names of the open workbook's sheets."""
    assert excel.book is not None
    return [page.name for page in excel.book.pages]


def test_where_all_goes_well_nothing_is_said(excel: Application) -> None:
    assert door.press("audit", excel) == [[""]]
    assert names(excel) == ["订单", "订单汇总", "异常明细", "读取问题"]
    assert (excel.ScreenUpdating, excel.EnableEvents, excel.Calculation) == (True, True, AUTOMATIC)
    assert "规则" in str(excel.StatusBar)  # those that did not run: the team folder is empty


@pytest.mark.parametrize(("language", "words"), [(2052, "没有打开"), (1028, "没有打开"), (1033, "No workbook is open")])
def test_what_stands_in_the_way_is_said_in_excels_own_language(language: int, words: str, excel: Application) -> None:
    excel.language, excel.book = language, None
    [[text]] = door.press("merge", excel)
    assert words in text
    assert str(log.log_file()) in text


def test_a_problem_that_an_error_names_is_worded_too(excel: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    excel.open({"订单": [["编号", *ORDERS[0][1:]], *ORDERS[1:]]})
    [[text]] = door.press("merge", excel)
    assert text.startswith("book.xlsx 里没有一个工作表能认作区域订单。前 20 行里没有找到表头。")

    def fail() -> Reference:
        raise WorkbookError("no-team-folder")

    monkeypatch.setattr(desk, "reference", fail)
    [[text]] = door.press("merge", excel)
    assert "数据位置" in text


def test_a_bug_is_logged_and_its_place_said(
    excel: Application, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def trip(name: str) -> None:
        if name == "Range.Value =":
            raise ComError("0x800A03EC")

    excel.calls.trip = trip
    [[text]] = door.press("merge", excel)
    assert str(tmp_path / "orderdesk.log") in text
    logged = (tmp_path / "orderdesk.log").read_text(encoding="utf-8")
    assert "0x800A03EC" in logged
    assert "Traceback" in logged
    assert names(excel) == ["订单"]
    assert (excel.ScreenUpdating, excel.StatusBar) == (True, False)
    monkeypatch.setattr(door, "_app", lambda _application: 1 / 0)
    [[text]] = door.press("merge", excel)
    assert "orderdesk.log" in text


def test_escape_ends_it_quietly(excel: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter(range(100))
    monkeypatch.setattr(door, "escape_pressed", lambda _app: next(looks) == 12)
    assert door.press("audit", excel) == [[""]]
    assert names(excel) == ["订单"]
    assert excel.StatusBar == "审单台：审单已取消，没有写任何工作表。"
    assert excel.ScreenUpdating is True


def test_an_escape_from_before_means_nothing(excel: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([True])
    monkeypatch.setattr(door, "escape_pressed", lambda _app: next(looks, False))
    assert door.press("merge", excel) == [[""]]
    assert "订单汇总" in names(excel)


def test_progress_is_shown_with_the_step(excel: Application) -> None:
    shown: list[str] = []
    excel.calls.trip = lambda name: (
        shown.append(str(vars(excel).get("StatusBar"))) if name.endswith("Value =") else None
    )
    door.press("merge", excel)
    assert shown[0] == "审单台：合并订单，写结果……　按 Esc 取消"


def test_a_button_that_is_not_there_yet_says_so(excel: Application) -> None:
    assert door.press("nonsense", excel) == [["这一版还没有“nonsense”。"]]


def test_the_folder_chosen_is_remembered(excel: Application, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    saved: list[Path] = []
    monkeypatch.setattr(desk, "save_team_folder", saved.append)
    assert door.press("folder", excel) == [[""]]
    assert saved == []
    excel.chosen = str(tmp_path)
    monkeypatch.setattr(checks, "team", lambda: checks.Check("team", ok=True))
    assert door.press("folder", excel) == [[""]]
    assert saved == [tmp_path]


def test_a_folder_without_tables_is_taken_but_said(
    excel: Application, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(desk, "read_desk", lambda: desk.Desk(tmp_path / "team", ""))
    monkeypatch.setattr(desk, "save_team_folder", lambda _path: None)
    excel.chosen = str(tmp_path / "team")
    [[text]] = door.press("folder", excel)
    assert "没有：产品价格表, 合作商档案" in text
    assert "基础资料" in text


def test_the_other_buttons(excel: Application, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(door.os, "startfile", opened.append, raising=False)  # type: ignore[attr-defined] # theirs
    monkeypatch.setattr(doctor, "examine", list)
    assert door.press("refresh", excel) == [[""]]
    assert door.press("log", excel) == [[""]]
    assert opened == [tmp_path]
    [[text]] = door.press("doctor", excel)
    assert text == checks.text([], "zh")
    assert door.press("help", excel) == [[""]]
    assert opened[-1] == tmp_path / "desk" / "manual.html"


def test_help_and_log_where_nothing_can_be_opened(
    excel: Application, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nothing(_path: Path) -> None:
        raise OSError

    monkeypatch.setattr(door.os, "startfile", nothing, raising=False)  # type: ignore[attr-defined] # theirs
    assert door.press("log", excel) == [[str(tmp_path / "orderdesk.log")]]
    assert "单行审核" in door.press("help", excel)[0][0]
    monkeypatch.setattr(manual, "source_folder", lambda: tmp_path / "none")
    assert "单行审核" in door.press("help", excel)[0][0]


def test_a_text_is_no_longer_than_excels_box(excel: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", list)
    monkeypatch.setattr(checks, "text", lambda _checks, _lang: "x" * 5000)
    [[text]] = door.press("doctor", excel)
    assert len(text) == BOX


def test_a_sentence_too_long_for_the_box_keeps_the_place_of_the_log(
    excel: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Reference:
        raise WorkbookError("no-folder", path="审" * 900)

    monkeypatch.setattr(desk, "reference", fail)
    [[text]] = door.press("merge", excel)
    assert len(text.encode("gbk")) <= BOX
    assert text.endswith(f"\n日志：{log.log_file()}")


def test_every_button_of_the_ribbon_is_known() -> None:
    known = {*macros.BUTTONS, *buttons._OTHERS}  # noqa: SLF001 - the table of buttons
    ribbon = {name for name, said in raw()["ribbon"].items() if "screentip" in said}
    assert ribbon == known
