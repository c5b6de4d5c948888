"""Random days (tests.random_days) as real team folders of .xlsx files: openpyxl, and the headings of the contract.

Nothing of the product takes part: headings, aliases and spellings are written out from domain.md §2 and §3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from random import Random
from typing import Any

import openpyxl
from openpyxl.styles import Font, PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

Row = dict[str, Any]

NAMES = {
    "region": "区域 大区 片区 所在区域",
    "order_no": "订单号 订单编号 订单编码 单号",
    "order_date": "下单日期 订单日期 日期 提交日期",
    "partner_code": "合作商编码 合作商代码 客户编码 客户编号",
    "partner_name": "合作商名称 合作商 客户名称",
    "product_code": "产品编码 产品编号 商品编号 商品编码 货号 SKU",
    "product_name": "产品名称 品名 商品名称",
    "unit": "单位",
    "remark": "备注 说明",
    "clerk": "客服专员 客服 提交人",
}
"""Main heading and aliases of the columns that several kinds share."""
KINDS: dict[str, dict[str, str]] = {
    "orders": {
        **NAMES, "quantity": "数量 订购数量 订货数量", "unit_price": "单价 订购单价 成交价 折后单价",
        "discount": "折扣 折扣率", "amount": "金额 订购金额 合计金额", "line_type": "类型 赠品 是否赠品 行类型",
        "campaign": "活动编号 活动 政策编号",
    },
    "products": {
        "product_code": NAMES["product_code"], "product_name": NAMES["product_name"], "category": "品类",
        "spec": "规格", "unit": "单位", "list_price": "标准价 价目价 出厂价 销售单价", "carton_qty": "装箱数",
        "status": "状态", "replaced_by": "替代产品", "tax_code": "税收编码", "tax_rate": "税率",
        "valid_from": "生效日期", "valid_to": "失效日期",
    },
    "partners": {
        "partner_code": NAMES["partner_code"], "partner_name": NAMES["partner_name"], "region": NAMES["region"],
        "level": "级别", "status": "状态", "contract_discount": "合同折扣", "credit_limit": "信用额度",
        "required_deposit": "应缴保证金", "clerk": NAMES["clerk"], "invoice_title": "开票名称", "tax_id": "税号",
        "address": "地址", "phone": "电话", "bank": "开户行", "bank_account": "账号", "invoice_type": "发票类型",
        "email": "邮箱",
    },
    "policies": {
        "campaign": "活动编号", "campaign_name": "活动名称", "applies_to": "适用产品", "levels": "适用级别",
        "start": "开始日期", "end": "结束日期", "min_discount": "最低折扣", "buy_qty": "买", "free_qty": "送",
        "gifts": "赠品范围",
    },
    "approvals": {"role": "岗位", "max_gap": "可批折扣差", "max_amount": "可批金额"},
    "stock": {
        "product_code": NAMES["product_code"], "warehouse": "仓库", "on_hand": "现存量 库存数量 现有库存",
        "allocated": "已分配 占用", "in_transit": "在途",
    },
    "supply": {
        "product_code": NAMES["product_code"], "eta": "预计到货日期", "quantity": "预计数量", "remark": NAMES["remark"],
    },
    "finance": {
        "partner_code": NAMES["partner_code"], "partner_name": NAMES["partner_name"], "balance": "账户余额 预付款余额",
        "received": "本日到款", "debt": "欠款 应收欠款", "overdue_days": "逾期天数", "deposit": "保证金",
        "as_of": "截止日期", "confirmation": "财务确认",
    },
    "confirmations": {
        "partner_code": NAMES["partner_code"], "order_no": NAMES["order_no"], "confirmation": "财务确认",
    },
    "releases": {
        "order_no": NAMES["order_no"], "product_code": NAMES["product_code"], "rule": "规则", "verdict": "审批结果",
        "approver": "审批人", "role": "岗位", "approved_on": "审批日期", "reason": "理由",
    },
}  # fmt: skip
REQUIRED = {
    "orders": "order_no partner_code product_code quantity", "products": "product_code product_name list_price",
    "partners": "partner_code partner_name level", "policies": "campaign applies_to start end",
    "approvals": "role max_gap", "stock": "product_code on_hand", "supply": "product_code eta quantity",
    "finance": "partner_code", "confirmations": "partner_code order_no confirmation",
    "releases": "order_no rule verdict approver role",
}  # fmt: skip
FOLDERS = {
    "基础资料": ["products", "partners", "policies", "approvals"], "库存": ["stock", "supply"],
    "财务": ["finance", "confirmations"], "审批": ["releases"],
}  # fmt: skip
RATES = {"discount", "contract_discount", "min_discount"}
INBOX = "区域订单/2026-11-21"
THIS_YEAR = 2026
FULL_WIDTH = {place: place + 0xFEE0 for place in range(ord("!"), ord("~") + 1)}
CODES = {"order_no", "partner_code", "product_code", "campaign", "replaced_by"}
COUNTED = {"on_hand", "allocated", "balance", "received"}


@dataclass(frozen=True)
class OrderSheet:
    """What the control totals must say of one sheet of order lines."""

    rows: int
    rejected: tuple[int, ...]
    wrong_totals: tuple[int, ...]


@dataclass(frozen=True)
class TeamFiles:
    """A day as it was written: lines and tables with their places, and each orders sheet by file and sheet name."""

    lines: list[Row]
    tables: dict[str, list[Row] | None]
    sheets: dict[tuple[str, str], OrderSheet]


def write_team(
    folder: Path,
    lines: Sequence[Mapping[str, Any]],
    tables: Mapping[str, list[Row] | None],
    settings: Mapping[str, Any],
    rng: Random,
) -> TeamFiles:
    """Write a random day as a team folder and return the day as the files say it."""
    said = [dict(line) for line in lines]
    given = {kind: None if rows is None else [dict(row) for row in rows] for kind, rows in tables.items()}
    sheets = _write_orders(folder / INBOX, said, rng)
    for usual, kinds in FOLDERS.items():
        there = [kind for kind in kinds if given.get(kind) is not None]
        top = rng.choice(["审批/十一月", "KASP", INBOX]) if usual == "审批" else usual
        for place, group in enumerate(_groups(there, rng)):
            name = f"{place}{rng.choice(['', ' 11月', '_new'])}.xlsx"
            said_as = name if top == INBOX else f"{top}/{name}"
            _write_reference(folder / top / name, {kind: given[kind] or [] for kind in group}, said_as, rng)
    (folder / "orderdesk.toml").write_text(
        f"[orders]\nwhole = {str(settings['whole']).lower()}\n\n[stock]\npartial = {str(settings['partial']).lower()}\n"
        f"\n[finance]\nauto_return = {str(settings['auto_return']).lower()}\n"
        f"max_overdue_days = {settings['max_overdue_days']}\n",
        encoding="utf-8",
    )
    return TeamFiles(said, given, sheets)


def _groups(kinds: list[str], rng: Random) -> list[list[str]]:
    """Part the kinds into workbooks: all in one, each in its own, or as it comes."""
    mixed = rng.sample(kinds, len(kinds))
    cut = rng.choice([0, 1, len(mixed)])
    return [group for group in (mixed[:cut], mixed[cut:]) if group]


class _Sheet:
    """One table on its way into a worksheet: where its headings stand, and how its cells are spelt."""

    def __init__(self, book: Any, kind: str, rows: Sequence[Mapping[str, Any]], title: str, rng: Random) -> None:
        self.rng, self.epoch = rng, book.epoch
        self.page = book.create_sheet(title)
        self.top = self._above(kind)
        names = [
            name
            for name in KINDS[kind]
            if name in REQUIRED[kind].split() or rng.random() < 0.4 or any(row.get(name) is not None for row in rows)
        ]
        shift = rng.choice([1, 1, 1, 2])
        self.headings = {name: rng.choice(KINDS[kind][name].split()) for name in rng.sample(names, len(names))}
        self.places = {name: place for place, name in enumerate(self.headings, start=shift)}
        # 是 and 否 say nothing under 类型
        yes = ["赠品", "正品"], ["是", "否"], ["Y", "N"]
        self.types = rng.choice(yes if "赠品" in self.headings.get("line_type", "") else yes[:1])
        self.write_headings(self.top)

    def _above(self, kind: str) -> int:
        """Write a title or nothing above the headings; return the headings' row."""
        lines: list[str | None] = self.rng.choice(
            [[], [], [], [f"2026年11月 {kind}"], [f"{kind} 汇总表", None], [None], [None, None, None]]
        )
        for place, text in enumerate(lines, start=1):
            self.page.cell(place, 1, text)
        return len(lines) + 1

    def write_headings(self, row: int) -> None:
        """Write the headings in a row, at times spelt with spaces, line breaks and units."""
        for name, heading in self.headings.items():
            cell = self.page.cell(row, self.places[name], self._heading(name, heading))
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")

    def _heading(self, name: str, text: str) -> str:
        spelt = [text] * 8 + [f" {text} ", f"{text[:2]}\n{text[2:]}", text.lower(), " ".join(text)]
        if name in {"quantity", "on_hand", "carton_qty"}:
            spelt += [f"{text}（支）", f"{text}(支)", f"{text}【个】"]
        if name in {"unit_price", "amount", "list_price", "balance"}:
            spelt += [f"{text}（元）", f"{text} (元)\n"]
        return self.rng.choice(spelt)

    def write(self, number: int, row: Mapping[str, Any]) -> None:
        """Write a row's values, spelt at random; the row's `cleaned` columns need to be cleaned."""
        for name, place in self.places.items():
            value = row.get(name)
            cell = self.page.cell(number, place)
            if value is None or value == "":
                cell.value = self.rng.choice([None] * 9 + [" "])
                continue
            if name in row.get("cleaned", ()) or (name in COUNTED and self.rng.random() < 0.1):
                cell.value = _unclean(name, value, self.rng)
            elif name in CODES and self.rng.random() < 0.1:
                cell.value = self.rng.choice([value.translate(FULL_WIDTH), f" {value} ", f"{value[:2]} {value[2:]}"])
            elif name == "line_type":
                cell.value = self.types[0 if value == "giveaway" else 1]
            elif isinstance(value, date):
                self._date(cell, value)
            elif isinstance(value, Decimal) and name in RATES:
                self._rate(cell, value)
            elif isinstance(value, Decimal):
                cell.value = int(value) if value == int(value) else float(value)
                cell.number_format = self.rng.choice(["General", "0.00", "#,##0.00"])
            else:
                cell.value = value

    def _date(self, cell: Any, day: date) -> None:
        spelt: list[Any] = [datetime(day.year, day.month, day.day)] * 6  # noqa: DTZ001 - a cell has no zone
        spelt += [
            f"{day:%Y-%m-%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}.{day.month}.{day.day}",
            f"{day.year}#{day.month}#{day.day}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}",
        ]  # fmt: skip
        spelt += [to_excel(day, self.epoch), int(f"{day:%Y%m%d}")]
        if day.year == THIS_YEAR:
            spelt.append(f"{day.month}月{day.day}日")
        cell.value = self.rng.choice(spelt)
        if isinstance(cell.value, datetime):
            cell.number_format = self.rng.choice(["yyyy-mm-dd", "m/d/yy", 'm"月"d"日"'])

    def _rate(self, cell: Any, rate: Decimal) -> None:
        cent, tenth = (f"{rate * 100:f}".rstrip("0").rstrip("."), f"{rate * 10:f}".rstrip("0").rstrip("."))
        if rate == 1:
            cell.value = self.rng.choice([1, "100%"])
        else:
            cell.value = self.rng.choice([float(rate)] * 4 + [float(cent), float(tenth), f"{cent}%", f"{tenth}折"])
        if cell.value in {1, float(rate)}:
            cell.number_format = self.rng.choice(["General", "0%"])


def _unclean(name: str, value: Decimal, rng: Random) -> str:
    """Spell a number as clerks do, so that it is read and reported."""
    plain = f"{value.normalize():f}"
    if name == "quantity":
        spelt = [f"{plain}支", f"{plain} 个", f"{plain}瓶", plain.translate(FULL_WIDTH)]
    else:
        spelt = [f"¥{plain}", f"￥{plain}", f"{plain}元", plain.translate(FULL_WIDTH)]
    if abs(value) >= 1000:
        spelt += [f"{value.normalize():,f}"] * 4
    return rng.choice(spelt)


def _write_orders(inbox: Path, lines: list[Row], rng: Random) -> dict[tuple[str, str], OrderSheet]:
    """Write the day's order workbooks, and into each line its place, and the file's name where it has no region."""
    sheets: dict[tuple[str, str], OrderSheet] = {}
    for line in lines:
        line["source_file"] = line["source_file"].replace(".csv", ".xlsx")
        line["cleaned"] = [name for name in line["cleaned"] if line[name] is not None]
    for file in sorted({line["source_file"] for line in lines}):
        book = _book(rng)
        titles = rng.sample(["Sheet1", "订单", "11月21日", "B店", "a"], 2)
        for index, title in enumerate(titles):
            rows = [line for line in lines if (line["source_file"], line["sheet_index"]) == (file, index)]
            if rows:
                sheets[file, title] = _write_lines(book, title, rows, rng)
            elif index == 0:
                book.create_sheet(title).append(["请于每天 17 点前提交"])
        _save(book, inbox / file)
        if rng.random() < 0.1:
            (inbox / file).with_name(f"~${PurePosixPath(file).name}").write_bytes(b"\x02Li".ljust(165))
    return sheets


def _write_lines(book: Any, title: str, rows: list[Row], rng: Random) -> OrderSheet:
    """Write one sheet of order lines, with what is no line between and below them."""
    rows.sort(key=lambda line: line["source_row"])
    sheet = _Sheet(book, "orders", rows, title, rng)
    total = rng.choice(["", "", "right", "wrong"])
    rejected: list[int] = []
    last = sheet.top
    for row in rows:
        number = row["source_row"] + sheet.top - 1
        gap = list(range(last + 1, number))
        if gap and rng.random() < 0.3:
            sheet.write_headings(gap[0])
        elif gap and not total and rng.random() < 0.5:
            sheet.write(gap[-1], row | {"cleaned": []})
            _spoil(sheet, gap[-1], rng)
            rejected.append(gap[-1])
        sheet.write(number, row)
        row["source_row"], row["source_sheet"] = number, title
        row["region"] = row["region"] or PurePosixPath(row["source_file"]).stem
        last = number
    if total:
        _write_total(sheet, last + 1, rows, right=total == "right", rng=rng)
    return OrderSheet(len(rows) + len(rejected), tuple(rejected), (last + 1,) if total == "wrong" else ())


def _spoil(sheet: _Sheet, number: int, rng: Random) -> None:
    """Make a row unreadable: a number that is none, an error, a formula never calculated, a code missing."""
    name, value = rng.choice(
        [
            ("quantity", "很多"), ("quantity", "12箱"), ("quantity", "#N/A"), ("quantity", "=1+1"), ("quantity", None),
            ("partner_code", None), ("product_code", "#REF!"),
        ]
    )  # fmt: skip
    sheet.page.cell(number, sheet.places[name]).value = value


def _write_total(sheet: _Sheet, number: int, rows: Iterable[Mapping[str, Any]], *, right: bool, rng: Random) -> None:
    """Write a total row below the lines; it has no order number."""
    quantity = float(sum(row["quantity"] for row in rows))
    names = [name for name in sheet.places if name in {"region", "partner_code", "partner_name", "product_code"}]
    sheet.page.cell(number, sheet.places[rng.choice(names)], rng.choice(["合计", "总计", "合计：", "合 计"]))
    sheet.page.cell(number, sheet.places["quantity"], quantity if right else quantity + 7)


def _write_reference(path: Path, kinds: Mapping[str, list[Row]], name: str, rng: Random) -> None:
    """Write tables as the sheets of one workbook, some of them in two sheets, and into each release its place."""
    book = _book(rng)
    if rng.random() < 0.3:
        book.create_sheet("说明").append(["本表每周更新"])
    for kind, rows in kinds.items():
        cut = rng.choice([0, 0, 0, len(rows) // 2])
        for part, some in (("1", rows[:cut]), ("2", rows[cut:])):
            if part == "1" and not some:
                continue
            sheet = _Sheet(book, kind, some, f"{kind}{part}", rng)
            number = sheet.top
            for row in some:
                number += 1
                if rng.random() < 0.1:  # a row that cannot be read is in no calculation
                    sheet.write(number, row)
                    sheet.page.cell(number, sheet.places[rng.choice(REQUIRED[kind].split())]).value = "#N/A"
                    number += rng.choice([1, 2])
                sheet.write(number, row)
                row.update(source_file=name, source_sheet=sheet.page.title, source_row=number)
    _save(book, path)


def _book(rng: Random) -> Any:
    """Return an empty workbook, counting days from 1900 or, at times, from 1904."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.epoch = rng.choice([CALENDAR_WINDOWS_1900, CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904])
    return book


def _save(book: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
