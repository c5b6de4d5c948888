"""Random days as real team folders, through the nightly run, against the slow reference (tests/reference.py).

The folders are written and the results read with openpyxl; sheets, headings and words are written out from domain.md,
so that none of our reading, writing and labels can agree with itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from tests import reference
from tests.contract import HEADINGS, MORE
from tests.random_days import random_day
from tests.reference import code
from tests.team_files import Row, TeamFiles, write_team
from xl_addin import cli

SEEDS = (0, 3, 11, 17, 42, 77, 101, 160)
RESULT = "输出/2026-11-21/审单结果_2026-11-21.xlsx"
DECISIONS = {"pass": "通过", "transfer": "转出", "hold": "待批", "return": "退回"}
EFFECTS = {**DECISIONS, "info": "提示"}
PLACE = ("来源文件", "来源工作表", "来源行")
SOURCE = ("source_file", "source_sheet", "source_row")
STOCK = {
    "现存量": "on_hand", "已分配": "allocated", "可用量": "available", "订货量": "ordered", "可发量": "ship",
    "预留量": "reserved", "欠货量": "short", "不排货量": "unscheduled", "剩余量": "left",
}  # fmt: skip


Place = tuple[Any, ...]
"""File, sheet and row."""


@dataclass(frozen=True)
class Compared:
    """A day as the files say it, what the reference says of it, and what the result workbook does."""

    day: date
    files: TeamFiles
    expected: reference.Result
    overview: list[str]
    sheets: dict[str, list[Row]]

    def where(self, line: int) -> Place:
        """Return a line's file, sheet and row."""
        row = self.files.lines[line]
        return tuple(row[name] for name in SOURCE)

    def kind(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Return the rows of a table; none where it is missing."""
        return self.files.tables.get(name) or []


Check = Callable[[Compared], tuple[Any, Any]]
"""Returns what ours says and what it must say, of one sheet."""


def run(seed: int, folder: Path, size: int = 40) -> Compared:
    """Write the day, run it, audit it with the reference, and read the result."""
    lines, tables, settings, day = random_day(seed, size)
    files = write_team(folder, lines, tables, settings, Random(f"files of {seed}"))  # noqa: S311
    assert cli.main(["nightly", str(folder), "--date", f"{day:%Y-%m-%d}", "--lang", "zh"]) == 0
    expected = reference.audit(files.lines, files.tables, settings, day)
    book = openpyxl.load_workbook(folder / RESULT, read_only=True)
    assert book.sheetnames == ["概览", *HEADINGS, *MORE]
    overview = [" ".join(str(cell) for cell in row if cell is not None) for row in book["概览"].values]
    return Compared(day, files, expected, overview, {name: rows_of(book[name], HEADINGS[name]) for name in HEADINGS})


def rows_of(page: Any, headings: str) -> list[Row]:
    """Return a sheet's rows by heading; its headings begin with those of the contract."""
    first, *rows = page.values
    assert list(first[: len(headings.split())]) == headings.split()
    return [dict(zip(first, row, strict=True)) for row in rows]


def number(value: Any, places: int = 6) -> float:
    """Return a figure as it is compared; a blank is 0."""
    return round(float(value or 0), places) + 0.0


def day_of(value: Any) -> date | None:
    """Return a date cell's day."""
    return value.date() if isinstance(value, datetime) else value


def funds_of(value: Any) -> float | None:
    """Return money that may be unknown, to the fen."""
    return None if value is None else number(value, 2)


def order_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return what makes an order: its number and its partner."""
    return code(row["order_no"]), code(row["partner_code"])


def check_lines(day: Compared) -> tuple[Any, Any]:
    """订单汇总: a row per line, each with what was written, its decision, quantities, level and floor."""
    partners: dict[str, Any] = {}
    for row in day.kind("partners"):
        partners.setdefault(code(row["partner_code"]), row)
    expected = {}
    for index, (line, said) in enumerate(zip(day.files.lines, day.expected.lines, strict=True)):
        expected[day.where(index)] = (
            DECISIONS[said["decision"]], *(number(said[name]) for name in ("ship", "reserved", "short")),
            partners.get(code(line["partner_code"]), {}).get("level"),
            *(line[name] for name in ("region", "order_no", "partner_code", "product_code", "campaign")),
            line["order_date"] or day.day, "赠品" if line["line_type"] == "giveaway" else "正品",
            *(number(line[name]) for name in ("quantity", "unit_price", "discount", "amount")),
        )  # fmt: skip
    ours = {
        tuple(row[name] for name in PLACE): (
            row["决定"], *(number(row[name]) for name in ("可发数量", "预留数量", "欠货数量")), row["级别"],
            *(row[name] for name in ("区域", "订单号", "合作商编码", "产品编码", "活动编号")),
            day_of(row["下单日期"]), row["类型"], *(number(row[name]) for name in ("数量", "单价", "折扣", "金额")),
        )
        for row in day.sheets["订单汇总"]
    }  # fmt: skip
    assert len(ours) == len(day.sheets["订单汇总"])
    return ours, expected


def check_floors(day: Compared) -> tuple[Any, Any]:
    """订单汇总: floor and effective discount (shown to four places) wherever the reference has them."""
    rows = {tuple(row[name] for name in PLACE): row for row in day.sheets["订单汇总"]}
    wrong = [
        (day.where(index), name, rows[day.where(index)][heading], said[name])
        for index, said in enumerate(day.expected.lines)
        for name, heading, dust in (("floor", "折扣下限", 1e-9), ("effective", "有效折扣", 5.01e-5))
        if said[name] is not None and not abs(rows[day.where(index)][heading] - float(said[name])) <= dust
    ]
    return wrong, []


def check_findings(day: Compared) -> tuple[Any, Any]:
    """异常明细: rule, effect and place of each finding, and the shortfall of a discount below its floor."""
    expected: Counter[Any] = Counter()
    for finding in day.expected.findings:
        at, extra = finding.line, finding.extra
        place = tuple(extra[name] for name in SOURCE) if at is None else day.where(at)
        money = number(extra["shortfall"], 2) if finding.rule == "discount-below-floor" else None
        expected[finding.rule, EFFECTS[finding.effect], place, money] += 1
    for (file, sheet), facts in day.files.sheets.items():
        for row in facts.wrong_totals:
            expected["total-mismatch", EFFECTS["info"], (file, sheet, row), None] += 1
    ours = Counter(
        (
            row["规则"],
            row["级别"],
            tuple(row[name] for name in PLACE),
            number(row["涉及金额"], 2) if row["规则"] == "discount-below-floor" else None,
        )
        for row in day.sheets["异常明细"]
    )
    return ours, expected


def check_finding_texts(day: Compared) -> tuple[Any, Any]:
    """异常明细: each finding says what is wrong, what to do, and names its line and the line's decision."""
    lines = {tuple(row[name] for name in PLACE): row for row in day.sheets["订单汇总"]}
    same = ("决定", "区域", "订单号", "合作商编码", "产品编码")
    rows = [(row, lines.get(tuple(row[name] for name in PLACE))) for row in day.sheets["异常明细"]]
    assert all(row["说明"] and row["建议"] for row, _ in rows)
    on_lines = [(row, line) for row, line in rows if line is not None]
    return [[row[name] for name in same] for row, _ in on_lines], [
        [line[name] for name in same] for _, line in on_lines
    ]


def check_stock(day: Compared) -> tuple[Any, Any]:
    """库存量表: every product of the products and stock tables with every figure."""
    transit: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in day.kind("stock"):
        transit[code(row["product_code"])] += row["in_transit"] or 0
    replies: defaultdict[str, list[Any]] = defaultdict(list)
    for row in day.kind("supply"):
        replies[code(row["product_code"])].append(row)
    # READING: the first reply's date, and the sum of all replies
    expected = {
        product: {heading: number(entry[name]) for heading, name in STOCK.items()}
        | {"在途": number(transit[product]), "预计数量": number(sum(row["quantity"] for row in replies[product]))}
        | {"预计到货日期": min((row["eta"] for row in replies[product]), default=None)}
        for product, entry in day.expected.stock.items()
    }
    ours = {
        code(row["产品编码"]): {name: number(row[name]) for name in [*STOCK, "在途", "预计数量"]}
        | {"预计到货日期": day_of(row["预计到货日期"])}
        for row in day.sheets["库存量表"]
    }
    assert len(ours) == len(day.sheets["库存量表"])
    return ours, expected


def check_transfers(day: Compared) -> tuple[Any, Any]:
    """转出登记: the lines that are decided as transfers and short, with arrival and replacement."""
    replaced = {f.line: f.extra["replaced_by"] for f in day.expected.findings if f.rule == "product-discontinued"}
    expected = Counter(
        (
            day.day, line["region"], line["order_no"], line["partner_code"], line["product_code"],
            number(line["quantity"]), number(said["ship"]), number(said["short"]), said["eta"], replaced.get(index),
        )
        for index, (line, said) in enumerate(zip(day.files.lines, day.expected.lines, strict=True))
        if said["decision"] == "transfer" and said["short"] > 0
    )  # fmt: skip
    ours = Counter(
        (
            day_of(row["登记日期"]), *(row[name] for name in ("区域", "订单号", "合作商编码", "产品编码")),
            *(number(row[name]) for name in ("订货数量", "可发数量", "转出数量")),
            day_of(row["预计到货日期"]), row["替代产品"],
        )
        for row in day.sheets["转出登记"]
    )  # fmt: skip
    assert all(row["备注"] for row in day.sheets["转出登记"])
    return ours, expected


def check_funds(day: Compared) -> tuple[Any, Any]:
    """财务查款: a row per order, by partner, with amounts, funds and what they leave."""
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in day.expected.orders:
        totals[code(order["partner_code"])] += order["amount"]
    expected = {}
    for order in day.expected.orders:
        total, funds = totals[code(order["partner_code"])], order["funds"]
        left = None if funds is None else funds - total
        expected[order_of(order)] = number(order["amount"], 2), number(total, 2), funds_of(funds), funds_of(left)
    ours = {
        (code(row["订单号"]), code(row["合作商编码"])): (
            number(row["订单金额"], 2), number(row["合作商订单总额"], 2),
            funds_of(row["可用资金"]), funds_of(row["差额"]),
        )
        for row in day.sheets["财务查款"]
    }  # fmt: skip
    assert len(ours) == len(day.sheets["财务查款"])
    partners = [code(row["合作商编码"]) for row in day.sheets["财务查款"]]
    assert partners == sorted(partners)
    return ours, expected


def check_judgements(day: Compared) -> tuple[Any, Any]:
    """财务查款: finance's own word where it has spoken, else the system's judgement."""
    words = {"paid": "有款", "unpaid": "没款", "indebted": "欠款"}
    rows = {(code(row["订单号"]), code(row["合作商编码"])): row for row in day.sheets["财务查款"]}
    expected = {order_of(order): words[order["outcome"]] for order in day.expected.orders if order["outcome"] in words}
    confirmed = {order_of(order) for order in day.expected.orders if order["confirmed"]}
    return {order: rows[order]["财务确认" if order in confirmed else "系统判断"] for order in expected}, expected


def check_returns(day: Compared) -> tuple[Any, Any]:
    """退单清单: the orders that want of money holds or returns, why, and whether finance said so."""
    amounts = {order_of(row): row["amount"] for row in day.expected.orders}
    expected: Counter[Any] = Counter()
    for finding in day.expected.findings:
        if finding.rule in {"unpaid", "indebted"} and finding.effect in {"hold", "return"} and finding.line is not None:
            order = order_of(day.files.lines[finding.line])
            reason = "没款" if finding.rule == "unpaid" else "欠款"
            status = "已确认" if finding.effect == "return" else "待财务确认"
            expected[order, number(amounts[order], 2), reason, status] += 1
    ours = Counter(
        ((code(row["订单号"]), code(row["合作商编码"])), number(row["订单金额"], 2), row["原因"], row["状态"])
        for row in day.sheets["退单清单"]
    )
    assert all(row["说明"] for row in day.sheets["退单清单"])
    return ours, expected


def check_problems(day: Compared) -> tuple[Any, Any]:
    """读取问题: every rejected row stands in it."""
    told = {tuple(row[name] for name in PLACE) for row in day.sheets["读取问题"]}
    rejected = {(*place, row) for place, facts in day.files.sheets.items() for row in facts.rejected}
    return {place for place in told if place[:2] in day.files.sheets}, rejected


def check_control(day: Compared) -> tuple[Any, Any]:
    """控制总表: rows, quantity and money of each sheet, and in the last row their sums; all pass."""
    figures = ("行数", "接收行", "拒绝行", "接收数量", "接收金额")
    *rows, last = day.sheets["控制总表"]
    ours = {(row["来源文件"], row["来源工作表"]): [row[name] for name in figures] for row in rows}
    assert len(ours) == len(rows)
    expected: dict[Place, list[float]] = {}
    for place, facts in day.files.sheets.items():
        lines = [line for line in day.files.lines if (line["source_file"], line["source_sheet"]) == place]
        sums = [float(sum(line[name] or 0 for line in lines)) for name in ("quantity", "amount")]
        expected[place] = [facts.rows, len(lines), len(facts.rejected), *sums]
    assert {row["核对"] for row in day.sheets["控制总表"]} == {"PASS"}
    total = [sum(column) for column in zip(*expected.values(), strict=True)]
    assert [last[name] for name in figures] == pytest.approx(total, abs=1e-3)
    return ours, {place: pytest.approx(values, abs=1e-4) for place, values in expected.items()}


def check_overview(day: Compared) -> tuple[Any, Any]:
    """概览: names each rule that did not run, and says of no other that it did not."""
    ours = {rule for rule in [*reference.NEEDS, "cleaned-value"] for text in day.overview if says_not_run(text, rule)}
    return ours, day.expected.not_run


def says_not_run(text: str, rule: str) -> bool:
    """Tell whether a row of the overview says that the rule did not run."""
    return f" {rule} " in f" {text} " and "未运行" in text


CHECKS: tuple[Check, ...] = (
    check_lines, check_floors, check_findings, check_finding_texts, check_stock, check_transfers, check_funds,
    check_judgements, check_returns, check_problems, check_control, check_overview,
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_of_real_files_gives_what_the_reference_says(seed: int, tmp_path: Path) -> None:
    day = run(seed, tmp_path)
    for check in CHECKS:
        ours, expected = check(day)
        assert ours == expected, check.__name__
