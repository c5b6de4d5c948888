"""The team folder (domain.md §1): which files are read for what, in which order, and what is said of the others."""

import hashlib
import os
import struct
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from tests.books import DAY, column, encrypted, write_xlsx, xlsx
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.reading.day import TeamDay, read_team
from workbooks.reading.files import Input
from workbooks.reading.problems import Problem, sentence
from workbooks.schema import LIMITS
from workbooks.team import day_files, days_between, reference_files, team_files

Files = Mapping[str, str | bytes | Mapping[str, str]]
INBOX = "区域订单/2026-11-21"
HEAD = "订单号 | 合作商编码 | 产品编码 | 数量"
ORDERS = f"{HEAD}\nD1 | P1 | A1 | 5"
PARTNERS = "合作商编码 | 合作商名称 | 级别\nP1 | 雅姿 | A"
STOCK = "产品编码 | 现存量\nA1 | 5"
RELEASES = "订单号 | 规则 | 审批结果 | 审批人 | 岗位\nD1 | unpaid | 放行 | 周国强 | 销售总监"


def team(folder: Path, files: Files) -> Path:
    """Fill a team folder; text and sheets by name are written as workbooks, bytes as they are."""
    for name, content in files.items():
        path = folder / name
        if isinstance(content, bytes):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        else:
            write_xlsx(path, content)
    return folder


def read(folder: Path) -> TeamDay:
    return read_team(team_files(folder, DAY), DAY, {})


def told(day: TeamDay) -> list[tuple[str, str, str]]:
    return [(problem.code, problem.source_file, problem.source_sheet) for problem in day.problems]


def order_nos(day: TeamDay) -> list[object]:
    return column(day.tables["orders"], "order_no")


def order(order_no: str) -> str:
    return f"{HEAD}\n{order_no} | P1 | A1 | 5"


# ---------------------------------------------------------------- the layout


def test_the_layout_is_the_contracts() -> None:
    names = labels().folders
    assert [names[role] for role in ("orders", "reference", "stock", "finance", "kasp", "output", "originals")] == [
        "区域订单", "基础资料", "库存", "财务", "KASP", "输出", "原始表格"
    ]  # fmt: skip


def test_each_folder_is_read_for_its_tables(tmp_path: Path) -> None:
    products = "产品编码 | 产品名称 | 标准价\nA1 | 水 | 98"
    policies = "活动编号 | 适用产品 | 开始日期 | 结束日期\nH1 | 全部 | 2026-11-01 | 2026-11-30"
    packaging = "申请单号 | 物料编码 | 申请数量\nS1 | BC001 | 5"
    day = read(
        team(
            tmp_path,
            {
                f"{INBOX}/华东.xlsx": ORDERS,
                "基础资料/全部.xlsx": {"价格": products, "客户": PARTNERS, "活动": policies},
                "基础资料/权限.xlsx": "岗位 | 可批折扣差\n总监 | 0.1",
                "库存/库存.xlsx": STOCK,
                "库存/回复.xlsx": "产品编码 | 预计到货日期 | 预计数量\nA1 | 2026-12-01 | 9",
                "财务/查款.xlsx": "合作商编码 | 账户余额\nP1 | 100",
                "财务/11月/确认.xlsx": "合作商编码 | 订单号 | 财务确认\nP1 | D1 | 有款",
                "KASP/包材.xlsx": packaging,
                "KASP/开票.xlsx": "申请单号 | 合作商编码 | 订单号 | 开票金额\nK1 | P1 | D1 | 50",
                "审批记录.xlsx": RELEASES,
            },
        )
    )
    assert told(day) == []
    assert {kind: len(table.frame) for kind, table in day.tables.items()} == dict.fromkeys(
        ["orders", "products", "partners", "policies", "approvals", "stock", "supply", "finance", "confirmations",
         "packaging", "releases", "invoices"], 1
    )  # fmt: skip
    assert day.day == DAY


def test_every_sheet_of_a_file_is_read_for_what_it_is(tmp_path: Path) -> None:
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": {"广深": order("D1"), "佛莞": order("D2")}}))
    places = day.tables["orders"].frame[["order_no", "source_sheet"]].to_numpy().tolist()
    assert places == [["D1", "广深"], ["D2", "佛莞"]]


def test_two_files_of_a_reference_kind_are_stacked(tmp_path: Path) -> None:
    files = {f"{INBOX}/一.xlsx": ORDERS, "库存/广州.xlsx": STOCK, "基础资料/武汉.xlsx": STOCK}
    stock = read(team(tmp_path, files)).tables["stock"].frame
    assert stock["source_file"].tolist() == ["基础资料/武汉.xlsx", "库存/广州.xlsx"]


def test_text_tables_are_read_in_both_encodings(tmp_path: Path) -> None:
    text = "订单号;合作商编码;产品编码;数量\nD1;P1;A1;5个\n"
    day = read(team(tmp_path, {f"{INBOX}/一.csv": text.encode("gb18030"), f"{INBOX}/二.CSV": text.encode("utf-8-sig")}))
    assert order_nos(day) == ["D1", "D1"]
    assert day.tables["orders"].frame["source_file"].tolist() == ["一.csv", "二.CSV"]


# ---------------------------------------------------------------- source order


def test_orders_stand_by_path_inside_the_days_folder_by_code_point(tmp_path: Path) -> None:
    names = ["一.xlsx", "华东/二.xlsx", "华东.xlsx", "b.xlsx", "B.xlsx", "10.xlsx", "9.xlsx", "华东/a/z.xlsx", "_.xlsx"]
    day = read(team(tmp_path, {f"{INBOX}/{name}": order(f"D{place}") for place, name in enumerate(names)}))
    assert day.tables["orders"].frame["source_file"].tolist() == sorted(names)
    assert [file.name for file in day.inputs] == sorted(names)


def test_the_days_orders_come_first_and_then_the_rest_by_path(tmp_path: Path) -> None:
    others = ["KASP/a.xlsx", "A.xlsx", "库存/b.xlsx", "基础资料/c.xlsx"]
    files = {f"{INBOX}/一.xlsx": ORDERS, **dict.fromkeys(others, STOCK)}
    found = [(file.name, file.role) for file in team_files(team(tmp_path, files), DAY)]
    assert found == [
        ("一.xlsx", "orders"), ("A.xlsx", "other"), ("KASP/a.xlsx", "reference"), ("基础资料/c.xlsx", "reference"),
        ("库存/b.xlsx", "reference"),
    ]  # fmt: skip


# ---------------------------------------------------------------- files that are not read


def lock_file(owner: str) -> bytes:
    """Return what Excel writes beside an open workbook: the owner in the machine's code page and in UTF-16."""
    local, name = owner.encode("gb18030"), owner.encode("utf-16-le")
    return (bytes([len(local)]) + local).ljust(55, b" ") + struct.pack("<H", len(owner)) + name.ljust(108, b" ")


@pytest.mark.parametrize("owner", ["刘洋", "Liu Yang"])
@pytest.mark.parametrize("place", [INBOX, "库存", f"{INBOX}/华北"])
def test_a_lock_file_is_skipped_and_names_who_has_the_file_open(tmp_path: Path, place: str, owner: str) -> None:
    files: Files = {f"{INBOX}/华北.xlsx": ORDERS, "库存/库存.xlsx": STOCK, f"{place}/~$华北订单.xlsx": lock_file(owner)}
    day = read(team(tmp_path, files))
    (problem,) = day.problems
    assert problem.code == "open-elsewhere"
    assert problem.source_file.endswith("~$华北订单.xlsx")
    assert problem.fields == {"who": owner, "file": "华北订单.xlsx"}
    assert owner in sentence(problem)
    assert len(day.inputs) == 2


@pytest.mark.parametrize("content", [b"", b"\x02ly", bytes(165)])
def test_a_lock_file_without_a_name_is_still_told(tmp_path: Path, content: bytes) -> None:
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, f"{INBOX}/~$一.xlsx": content}))
    assert [(problem.code, problem.fields["who"]) for problem in day.problems] == [("open-elsewhere", "-")]


def test_hidden_and_system_files_are_skipped(tmp_path: Path) -> None:
    names = [".DS_Store", "desktop.ini", "Thumbs.db", ".~lock.一.xlsx#", ".git/config.xlsx", "._一.xlsx"]
    files = {f"{place}/{name}": b"x" for name in names for place in (INBOX, "库存")}
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, **files}))
    assert told(day) == []
    assert [file.name for file in day.inputs] == ["一.xlsx"]


@pytest.mark.parametrize("place", ["", "库存/"])
@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".zip", ".txt", ".et", ""])
def test_a_file_of_another_kind_is_reported(tmp_path: Path, place: str, suffix: str) -> None:
    name = f"{place or INBOX + '/'}说明{suffix}"
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, name: b"abc"}))
    assert told(day) == [("unsupported", name.removeprefix(f"{INBOX}/"), "")]
    assert (suffix or "-") in sentence(day.problems[0])
    assert order_nos(day) == ["D1"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (encrypted(xlsx(ORDERS)), "password"),
        (xlsx(ORDERS)[:-200], "damaged"),
        (xlsx(ORDERS)[:40], "damaged"),
        (b"<html><table><tr><td>D1</td></tr></table></html>", "not-a-workbook"),
        (bytes(range(256)), "not-a-workbook"),
        (b"\x09\x08\x08\x00abc", "unsupported"),
    ],
    ids=["nothing", "password", "end-missing", "beginning-only", "web-page", "binary", "excel-4"],
)
@pytest.mark.parametrize("place", [INBOX, "库存"])
def test_a_file_that_cannot_be_read_is_reported_and_the_others_are_read(
    tmp_path: Path, place: str, content: bytes, code: str
) -> None:
    files: Files = {f"{INBOX}/一.xlsx": ORDERS, f"{place}/坏.xlsx": content, f"{INBOX}/终.xlsx": order("D2")}
    day = read(team(tmp_path, files))
    assert [problem.code for problem in day.problems] == [code]
    assert order_nos(day) == ["D1", "D2"]
    (unread,) = (file for file in day.inputs if file.name.endswith("坏.xlsx"))
    assert (unread.size, unread.sha256, unread.sheets) == (len(content), hashlib.sha256(content).hexdigest(), ())


def test_a_link_is_refused(tmp_path: Path) -> None:
    outside = write_xlsx(tmp_path / "outside" / "别处.xlsx", order("D9"))
    folder = team(tmp_path / "team", {f"{INBOX}/一.xlsx": ORDERS})
    (folder / INBOX / "链接.xlsx").symlink_to(outside)
    (folder / INBOX / "断链.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
    day = read(folder)
    assert told(day) == [("not-a-file", "断链.xlsx", ""), ("not-a-file", "链接.xlsx", "")]
    assert order_nos(day) == ["D1"]


@pytest.mark.skipif(os.name == "nt", reason="a pipe has no name there")
def test_a_pipe_is_not_opened_nobody_may_ever_write_to_it(tmp_path: Path) -> None:
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS})
    os.mkfifo(folder / INBOX / "管道.xlsx")
    os.mkfifo(folder / INBOX / "~$一.xlsx")
    (folder / INBOX / "~$二.xlsx").symlink_to("/etc/passwd")
    day = read(folder)
    assert [(code, name) for code, name, _ in told(day)] == [
        ("open-elsewhere", "~$一.xlsx"), ("open-elsewhere", "~$二.xlsx"), ("not-a-file", "管道.xlsx")
    ]  # fmt: skip
    assert [problem.fields["who"] for problem in day.problems[:2]] == ["-", "-"]
    assert order_nos(day) == ["D1"]


def test_a_file_larger_than_anything_may_unpack_to_is_not_even_read(tmp_path: Path) -> None:
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS})
    with (folder / INBOX / "大.csv").open("wb") as sparse:
        sparse.truncate((LIMITS.unpacked_mb << 20) + 1)
    assert told(read(folder)) == [("too-large", "大.csv", "")]


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="nothing is closed to this user")
def test_a_folder_that_may_not_be_looked_into_is_named(tmp_path: Path) -> None:
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, f"{INBOX}/华东/二.xlsx": order("D2")})
    (folder / INBOX / "华东").chmod(0)
    try:
        assert told(read(folder)) == [("locked", "华东", "")]
    finally:
        (folder / INBOX / "华东").chmod(0o700)


def test_a_folder_that_cannot_be_listed_stands_for_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, f"{INBOX}/华东/二.xlsx": order("D2")})
    really: dict[str, Callable[[str], object]] = {"scandir": os.scandir, "listdir": os.listdir}

    def refusing(name: str) -> Callable[[str], object]:
        def look(place: str) -> object:
            if str(place).endswith("华东"):
                raise PermissionError(13, "Permission denied", str(place))
            return really[name](place)

        return look

    for name in really:
        monkeypatch.setattr(os, name, refusing(name))
    assert told(read(folder)) == [("locked", "华东", "")]


def test_a_linked_folder_is_not_entered(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "outside" / "别处.xlsx", order("D9"))
    folder = team(tmp_path / "team", {f"{INBOX}/一.xlsx": ORDERS})
    (folder / INBOX / "链接").symlink_to(tmp_path / "outside", target_is_directory=True)
    (folder / "财务").symlink_to(tmp_path / "outside", target_is_directory=True)
    day = read(folder)
    assert order_nos(day) == ["D1"]
    assert told(day) == [("not-a-file", "链接", ""), ("not-a-file", "财务", "")]


def test_a_file_that_vanishes_before_it_is_read_is_reported(tmp_path: Path) -> None:
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, f"{INBOX}/二.xlsx": order("D2")})
    files = team_files(folder, DAY)
    os.unlink(folder / INBOX / "二.xlsx")  # noqa: PTH108 - as another program would
    day = read_team(files, DAY, {})
    assert told(day) == [("locked", "二.xlsx", "")]
    assert order_nos(day) == ["D1"]


# ---------------------------------------------------------------- other days and outputs


def test_orders_of_other_days_and_outputs_are_not_read(tmp_path: Path) -> None:
    files: Files = {
        f"{INBOX}/一.xlsx": ORDERS,
        "区域订单/2026-11-20/一.xlsx": order("D0"),
        "区域订单/放错.xlsx": order("D9"),
        "输出/2026-11-20/审单结果_2026-11-20.xlsx": {"订单": order("D8"), "放行": RELEASES},
        "输出/2026-11-20/原始表格/一.xlsx": order("D0"),
        "模板/库存表.xlsx": STOCK,
    }
    day = read(team(tmp_path, files))
    assert order_nos(day) == ["D1"]
    assert set(day.tables) == {"orders"}
    assert [file.name for file in day.inputs] == ["一.xlsx"]


def test_our_own_funds_sheet_put_back_is_finances_word(tmp_path: Path) -> None:
    funds = """
        合作商编码 | 合作商名称 | 区域 | 订单号 | 订单金额 | 合作商订单总额 | 可用资金 | 差额 | 系统判断 | 财务确认
        P1         | 雅姿       | 华东 | D1     | 50       | 90             | 40       | -10  | 没款     | 有款
        P1         | 雅姿       | 华东 | D2     | 40       | 90             | 40       | 0    | 有款     |
    """
    result = {"财务查款": funds, "概览": "审单结果\n通过 | 2"}
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, "财务/审单结果_2026-11-21.xlsx": result}))
    confirmed = day.tables["confirmations"].frame[["partner_code", "order_no", "confirmation"]]
    assert confirmed.to_numpy().tolist() == [["P1", "D1", "paid"]]
    assert "finance" not in day.tables


# ---------------------------------------------------------------- sheets that are not read


def test_a_sheet_that_matches_nothing_is_listed_with_the_closest_kind_and_what_is_missing(tmp_path: Path) -> None:
    strange = "订单号 | 合作商编码 | 产品编码 | 件数\nD1 | P1 | A1 | 5"
    files: Files = {f"{INBOX}/一.xlsx": {"订单": ORDERS, "别的": strange}, "库存/二.xlsx": "产品编码 | 仓库\nA1 | 广州"}
    day = read(team(tmp_path, files))
    assert told(day) == [("not-recognised", "一.xlsx", "别的"), ("not-recognised", "库存/二.xlsx", "Sheet1")]
    assert [problem.fields for problem in day.problems] == [
        {"kind": "区域订单", "missing": "数量"}, {"kind": "库存表", "missing": "现存量"}
    ]  # fmt: skip
    assert "数量" in sentence(day.problems[0])


def test_a_partner_list_without_levels_is_not_read_as_finance(tmp_path: Path) -> None:
    partners = "合作商编码 | 合作商名称 | 区域 | 合同折扣\nP1 | 雅姿 | 华东 | 0.85"
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, "基础资料/客户.xlsx": partners}))
    assert told(day) == [("not-recognised", "基础资料/客户.xlsx", "Sheet1")]
    assert set(day.tables) == {"orders"}


@pytest.mark.filterwarnings("ignore:Unknown worksheet")
def test_a_workbook_of_charts_alone_is_said_to_have_no_worksheet(tmp_path: Path) -> None:
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS})
    with xlsxwriter.Workbook(folder / INBOX / "图.xlsx") as book:
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=A!$A$1:$A$2"})
        book.add_chartsheet("图").set_chart(chart)
    assert told(read(folder)) == [("no-sheets", "图.xlsx", "")]


def test_a_text_table_wider_than_any_sheet_is_too_large(tmp_path: Path) -> None:
    wide = ",".join(f"c{number}" for number in range(LIMITS.columns + 1)).encode()
    assert told(read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, f"{INBOX}/宽.csv": wide}))) == [
        ("too-large", "宽.csv", "")
    ]


def test_an_empty_sheet_is_said_to_be_empty(tmp_path: Path) -> None:
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": {"订单": ORDERS, "Sheet2": ""}}))
    assert told(day) == [("empty-sheet", "一.xlsx", "Sheet2")]


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, f"{INBOX}/二.xlsx": HEAD}))
    assert told(day) == []
    assert day.tables["orders"].control[["source_file", "rows"]].to_numpy().tolist() == [["一.xlsx", 1], ["二.xlsx", 0]]


def test_reference_sheets_inside_a_regions_file_are_not_used(tmp_path: Path) -> None:
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": {"订单": ORDERS, "客户": PARTNERS, "库存": STOCK}}))
    assert told(day) == [("not-used-here", "一.xlsx", "客户"), ("not-used-here", "一.xlsx", "库存")]
    assert "合作商档案" in sentence(day.problems[0])
    assert set(day.tables) == {"orders"}


def test_orders_outside_the_inbox_are_not_used(tmp_path: Path) -> None:
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, "库存/放错.xlsx": order("D9")}))
    assert told(day) == [("not-used-here", "库存/放错.xlsx", "Sheet1")]
    assert order_nos(day) == ["D1"]


@pytest.mark.parametrize("place", [INBOX, "基础资料", "库存", "财务", "KASP", "审批", "", "审批/11月"])
def test_releases_are_read_from_any_folder(tmp_path: Path, place: str) -> None:
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, f"{place}/审批.xlsx".removeprefix("/"): RELEASES}))
    assert told(day) == []
    assert column(day.tables["releases"], "verdict") == ["release"]


def test_other_folders_are_read_for_nothing_else_and_not_complained_about(tmp_path: Path) -> None:
    files: Files = {"归档/库存.xlsx": STOCK, "归档/随便.xlsx": "这个 | 那个", "记录.pdf": b"x", "归档/坏.docx": b"x"}
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, **files}))
    assert told(day) == []
    assert set(day.tables) == {"orders"}


# ---------------------------------------------------------------- notices, inputs, copies


def test_the_same_file_name_in_two_folders_is_noticed_and_both_are_read(tmp_path: Path) -> None:
    names = ["华东/订单.xlsx", "华南/订单.XLSX", "别名.xlsx"]
    day = read(team(tmp_path, {f"{INBOX}/{name}": order(f"D{place}") for place, name in enumerate(names)}))
    assert [(problem.code, problem.source_file, problem.fields) for problem in day.problems] == [
        ("same-name", "华南/订单.XLSX", {"other": "华东/订单.xlsx"})
    ]
    assert order_nos(day) == ["D2", "D0", "D1"]
    assert day.tables["orders"].frame["source_file"].nunique() == 3


def test_the_same_name_in_other_folders_is_no_notice(tmp_path: Path) -> None:
    files: Files = {f"{INBOX}/一.xlsx": ORDERS, "库存/一.xlsx": STOCK, f"{INBOX}/华北/~$一.xlsx": b""}
    assert [problem.code for problem in read(team(tmp_path, files)).problems] == ["open-elsewhere"]


def test_rejected_rows_are_problems_of_the_day(tmp_path: Path) -> None:
    sheet = """
        说明行

        订单号 | 合作商编码 | 产品编码 | 数量 | 金额
        D1     | P1         | A1       | 5    | 50
        D2     | P1         | A1       | #N/A | 面议   <- D5, E5
        D3     | P1         |          | 5    |        <- C6
    """
    day = read(team(tmp_path, {f"{INBOX}/一.xlsx": sheet, "库存/库存.xlsx": "产品编码 | 现存量\nA1 | 很多"}))
    assert [(p.code, p.source_file, p.source_row, p.cell, p.value) for p in day.problems] == [
        ("error-cell", "一.xlsx", 5, "D5", "#N/A"),
        ("not-a-number", "一.xlsx", 5, "E5", "面议"),
        ("missing-value", "一.xlsx", 6, "C6", ""),
        ("not-a-number", "库存/库存.xlsx", 2, "B2", "很多"),
    ]
    assert order_nos(day) == ["D1"]


def test_every_input_is_named_with_its_size_hash_and_sheets(tmp_path: Path) -> None:
    folder = team(tmp_path, {f"{INBOX}/华东/一.xlsx": {"订单": ORDERS, "附注": "这个"}, "库存/库存.xlsx": STOCK})
    contents = [(folder / name).read_bytes() for name in (f"{INBOX}/华东/一.xlsx", "库存/库存.xlsx")]
    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    assert read(folder).inputs == (
        Input("华东/一.xlsx", "orders", len(contents[0]), digests[0], (("订单", "orders"), ("附注", ""))),
        Input("库存/库存.xlsx", "reference", len(contents[1]), digests[1], (("Sheet1", "stock"),)),
    )


def test_every_one_of_the_days_workbooks_is_kept_as_it_was_read(tmp_path: Path) -> None:
    files: Files = {f"{INBOX}/华东/一.xlsx": ORDERS, f"{INBOX}/坏.xlsx": b"\0bad", f"{INBOX}/~$一.xlsx": b""}
    folder = team(tmp_path, {**files, "库存/库存.xlsx": STOCK})
    kept: dict[str, bytes] = {}
    read_team(team_files(folder, DAY), DAY, {}, keep=kept.__setitem__)
    assert kept == {name: (folder / INBOX / name).read_bytes() for name in ("华东/一.xlsx", "坏.xlsx")}


def test_progress_counts_the_files(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, f"{INBOX}/二.xlsx": ORDERS, "库存/库存.xlsx": STOCK})
    read_team(team_files(folder, DAY), DAY, {}, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_teams_aliases_are_used(tmp_path: Path) -> None:
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": "Order code | 合作商编码 | 产品编码 | 件数（支）\nD1 | P1 | A1 | 5"})
    day = read_team(team_files(folder, DAY), DAY, {"orders": {"order_no": ["order code"], "quantity": ["件数"]}})
    assert order_nos(day) == ["D1"]
    assert day.problems == ()


def test_inputs_are_never_changed_and_the_answer_is_the_same_every_time(tmp_path: Path) -> None:
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, f"{INBOX}/二.xlsx": order("D2"), "库存/库存.xlsx": STOCK})
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    first, second = read(folder), read(folder)
    assert first.inputs == second.inputs
    assert first.tables["orders"].frame.equals(second.tables["orders"].frame)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


# ---------------------------------------------------------------- what stops a run


def refusal(folder: Path) -> WorkbookError:
    with pytest.raises(WorkbookError) as raised:
        read(folder)
    assert labels().message(raised.value.code, **raised.value.fields)
    assert labels("en").message(raised.value.code, **raised.value.fields)
    return raised.value


def test_no_team_folder(tmp_path: Path) -> None:
    error = refusal(tmp_path / "nowhere")
    assert (error.code, error.fields["path"]) == ("no-folder", tmp_path / "nowhere")


def test_no_folder_for_the_day_names_the_days_there_are(tmp_path: Path) -> None:
    team(tmp_path, {"区域订单/2026-11-19/一.xlsx": ORDERS, "区域订单/2026-11-20/一.xlsx": ORDERS})
    error = refusal(tmp_path)
    assert (error.code, error.fields) == ("no-day", {"path": tmp_path / INBOX, "days": "2026-11-19、2026-11-20"})


@pytest.mark.parametrize("left", ["~$一.xlsx", ".DS_Store", "desktop.ini"])
def test_nothing_in_the_days_folder(tmp_path: Path, left: str) -> None:
    error = refusal(team(tmp_path, {f"{INBOX}/{left}": b"x", "库存/库存.xlsx": STOCK}))
    assert (error.code, error.fields) == ("no-orders", {"path": tmp_path / INBOX})


def test_no_sheet_with_orders_says_why(tmp_path: Path) -> None:
    sheet = "订单号 | 合作商编码 | 产品编码\nD1 | P1 | A1"
    error = refusal(team(tmp_path, {f"{INBOX}/华东/苏皖/一.xlsx": sheet, f"{INBOX}/华东/~$一.xlsx": b""}))
    assert (error.code, error.fields["path"]) == ("no-order-sheet", tmp_path / INBOX)
    assert "数量" in str(error.fields["first"])


def test_orders_of_which_none_can_be_read_are_named(tmp_path: Path) -> None:
    error = refusal(team(tmp_path, {f"{INBOX}/一.xlsx": b"PK", f"{INBOX}/二.xlsx": b"", "库存/别的.csv": "甲\n乙\n"}))
    assert (error.code, error.fields["file"]) == ("no-orders-read", "一.xlsx")
    assert (
        labels()
        .message(error.code, **error.fields)
        .startswith(f"{tmp_path / INBOX} 里的订单文件都没能读取。“一.xlsx”：")
    )


def test_a_table_that_cannot_be_read_is_no_order_file(tmp_path: Path) -> None:
    answers = "订单号 | 规则 | 审批结果 | 审批人\nD1 | 没款 | 放行 | 王敏"
    error = refusal(team(tmp_path, {f"{INBOX}/批.xlsx": answers, "库存/库存.xlsx": b"PK"}))
    assert error.code == "no-order-sheet"


def test_the_parts_can_be_asked_for_alone(tmp_path: Path) -> None:
    folder = team(tmp_path, {f"{INBOX}/一.xlsx": ORDERS, "库存/库存.xlsx": STOCK})
    assert [file.name for file in day_files(folder, DAY)] == ["一.xlsx"]
    assert [file.name for file in reference_files(folder)] == ["库存/库存.xlsx"]


@pytest.mark.parametrize("code", labels().problems)
def test_every_problem_has_its_sentence_in_both_languages(code: str) -> None:
    fields = dict.fromkeys(
        [
            "heading",
            "choices",
            "other",
            "kind",
            "missing",
            "folder",
            "who",
            "file",
            "suffix",
            "detail",
            "place",
            "why",
            "count",
            "days",
            "seconds",
        ],
        "甲",
    )
    problem = Problem(code, "一.xlsx", "订单", 5, "D5", "值", fields)
    assert sentence(problem)
    assert sentence(problem, "en") != sentence(problem)


# ---------------------------------------------------------------- our own result, put back


RESULT = {
    "库存量表": "产品编码 | 现存量 | 预计到货日期 | 预计数量\nA1 | 5 | 2026-11-30 | 9",
    "财务查款": "合作商编码 | 合作商名称 | 订单号 | 财务确认\nP1 | 雅姿 | D1 | 没款\nP1 | 雅姿 | D2 |",
    "控制总表": "来源文件 | 行数\n华东.xlsx | 1",
    "订单汇总": ORDERS,
}


def test_a_result_put_into_finance_is_read_for_its_confirmations_only(tmp_path: Path) -> None:
    day = read(team(tmp_path, {f"{INBOX}/华东.xlsx": ORDERS, "库存/库存.xlsx": STOCK, "财务/审单结果.xlsx": RESULT}))
    assert column(day.tables["confirmations"], "order_no") == ["D1"]
    assert column(day.tables["confirmations"], "confirmation") == ["unpaid"]
    assert len(day.tables["stock"].frame) == 1
    assert "supply" not in day.tables
    assert told(day) == []


def test_a_result_among_the_orders_is_not_read_as_orders(tmp_path: Path) -> None:
    day = read(team(tmp_path, {f"{INBOX}/华东.xlsx": order("D7"), f"{INBOX}/审单结果.xlsx": RESULT}))
    assert order_nos(day) == ["D7"]
    assert told(day) == [("own-result", "审单结果.xlsx", "")]


def test_orders_that_lack_a_heading_are_told_which(tmp_path: Path) -> None:
    lacking = "订单号 | 客户编号 | 件数\nD1 | P1 | 5"
    day = read(team(tmp_path, {f"{INBOX}/华东.xlsx": ORDERS, f"{INBOX}/海外.xlsx": lacking}))
    (problem,) = day.problems
    assert sentence(problem) == "前 20 行里没有找到表头。最接近的是“区域订单”，缺少：产品编码、数量。"


def test_days_that_hold_nothing_but_a_lock_file_are_no_days_of_a_span(tmp_path: Path) -> None:
    inbox = tmp_path / "区域订单"
    for name in (
        "2026-11-19/a.xlsx",
        "2026-11-20/~$a.xlsx",
        "2026-11-21/华东/a.xlsx",
        "2026-11-30/a.xlsx",
        "notes/a.xlsx",
    ):
        (inbox / name).parent.mkdir(parents=True)
        (inbox / name).write_bytes(b"")
    days = days_between(tmp_path, date(2026, 11, 1), date(2026, 11, 29))
    assert list(days) == [date(2026, 11, 19), date(2026, 11, 21)]
    with pytest.raises(WorkbookError, match="no-days"):
        days_between(tmp_path, date(2026, 11, 20), date(2026, 11, 20))
