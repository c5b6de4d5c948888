import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from udfs.findings import DECISIONS, EFFECTS
from workbooks.labels import FILE, labels, raw
from workbooks.reading.recognise import heading_key
from workbooks.schema import KINDS

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[一-鿿]")

CONTRACT = {
    "orders": """
        region        区域 大区 片区 所在区域
        order_no      订单号 订单编号 订单编码 单号
        order_date    下单日期 订单日期 日期 提交日期
        partner_code  合作商编码 合作商代码 客户编码 客户编号
        partner_name  合作商名称 合作商 客户名称
        product_code  产品编码 产品编号 商品编号 商品编码 货号 SKU
        product_name  产品名称 品名 商品名称
        unit          单位
        quantity      数量 订购数量 订货数量
        unit_price    单价 订购单价 成交价 折后单价
        discount      折扣 折扣率
        amount        金额 订购金额 合计金额
        line_type     类型 赠品 是否赠品 行类型
        campaign      活动编号 活动 政策编号
        remark        备注 说明
        clerk         客服专员 客服 提交人
    """,
    "products": """
        category 品类
        spec 规格
        list_price 标准价 价目价 出厂价 销售单价
        carton_qty 装箱数
        status 状态
        replaced_by 替代产品
        tax_code 税收编码
        tax_rate 税率
        valid_from 生效日期
        valid_to 失效日期
    """,
    "partners": """
        level 级别
        status 状态
        contract_discount 合同折扣
        credit_limit 信用额度
        required_deposit 应缴保证金
        invoice_title 开票名称
        tax_id 税号
        address 地址
        phone 电话
        bank 开户行
        bank_account 账号
        invoice_type 发票类型
        email 邮箱
    """,
    "policies": """
        campaign 活动编号
        campaign_name 活动名称
        applies_to 适用产品
        levels 适用级别
        start 开始日期
        end 结束日期
        min_discount 最低折扣
        buy_qty 买
        free_qty 送
        gifts 赠品范围
    """,
    "approvals": """
        role 岗位
        max_gap 可批折扣差
        max_amount 可批金额
    """,
    "stock": """
        warehouse 仓库
        on_hand 现存量 库存数量 现有库存
        allocated 已分配 占用
        in_transit 在途
    """,
    "supply": """
        eta 预计到货日期
        quantity 预计数量
    """,
    "finance": """
        balance 账户余额 预付款余额
        received 本日到款
        debt 欠款 应收欠款
        overdue_days 逾期天数
        deposit 保证金
        as_of 截止日期
        confirmation 财务确认
    """,
    "confirmations": """
        confirmation 财务确认
    """,
    "packaging": """
        request_no 申请单号
        request_date 申请日期
        applicant 市场人员
        material_code 物料编码
        material_name 包材名称
        spec 规格
        base 生产基地
        quantity 申请数量
        approved 批准数量
        shipped 已发数量
        status 状态
    """,
    "releases": """
        rule 规则
        verdict 审批结果
        approver 审批人
        role 岗位
        approved_on 审批日期
        reason 理由
    """,
    "invoices": """
        request_no 申请单号
        amount 开票金额
        invoice_type 发票类型
        invoice_title 开票名称
    """,
}
"""Headings and aliases of domain.md §2, written out from the contract; columns other kinds name are not repeated."""


def places(text: str) -> set[str]:
    """Return the names of a text's places."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("kind", CONTRACT)
def test_headings_are_the_contracts_main_heading_first(kind: str) -> None:
    for line in CONTRACT[kind].strip().splitlines():
        name, *headings = line.split()
        written = labels().kinds[kind].headings[name]
        assert written[0] == headings[0]
        assert set(headings) <= set(written)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_has_a_heading_and_no_two_share_one(kind: str) -> None:
    said = labels().kinds[kind]
    assert said.title
    assert set(said.headings) == {column.name for column in KINDS[kind].columns}
    keys = [heading_key(heading) for headings in said.headings.values() for heading in headings]
    assert sorted(keys) == sorted(set(keys))
    assert all(heading.strip() for headings in said.headings.values() for heading in headings)


def test_columns_that_several_kinds_have_are_headed_alike() -> None:
    for kind in ("products", "stock", "supply", "releases"):
        assert labels().kinds[kind].headings["product_code"] == labels().kinds["orders"].headings["product_code"]
    for kind in ("partners", "finance", "confirmations", "packaging", "invoices"):
        assert labels().kinds[kind].headings["partner_code"] == labels().kinds["orders"].headings["partner_code"]


@pytest.mark.parametrize("section", ["phrases", "effects"])
def test_both_languages_have_the_same_texts_with_the_same_places(section: str) -> None:
    chinese, english = raw()[section], raw()[f"{section}_en"]
    assert set(chinese) == set(english)
    for code, text in chinese.items():
        assert places(text) == places(english[code]), code
        assert not CHINESE.search(english[code]), code


def test_messages_say_the_same_in_both_languages() -> None:
    for code, said in raw()["messages"].items():
        assert set(said) == {"zh", "en"}, code
        assert places(said["en"]) <= places(said["zh"]), code


def test_problems_have_a_name_and_a_sentence_in_both_languages() -> None:
    for code, said in raw()["problems"].items():
        assert said["name"], code
        assert places(said["says"]) == places(said["says_en"]), code
        assert not CHINESE.search(said["says_en"]), code


def test_english_sentences_of_rules_are_english() -> None:
    for code, rule in labels("en").rules.items():
        assert not CHINESE.search(rule.name + rule.says + rule.do), code
    for code, rule in labels("zh").rules.items():
        assert CHINESE.search(rule.name), code
        assert CHINESE.search(rule.says), code
        assert CHINESE.search(rule.do), code


@pytest.mark.parametrize("kind", ["packaging", "invoices"])
def test_sentences_of_requests_are_in_their_language_with_the_same_places(kind: str) -> None:
    said, translated = getattr(labels(), kind), getattr(labels("en"), kind)
    assert list(said) == list(translated)
    for code, chinese in said.items():
        english = translated[code]
        assert places(chinese.says) == places(english.says), code
        assert not CHINESE.search((english.name + english.says).replace("取消", "")), code
        assert all(CHINESE.search(text) for text in (chinese.name, chinese.says, chinese.do)), code
    assert said["cleaned-value"] == labels().rules["cleaned-value"]


def test_rule_names_are_distinct() -> None:  # a release may name its rule in words
    for lang in ("zh", "en"):
        names = [rule.name for rule in labels("zh" if lang == "zh" else "en").rules.values()]
        assert len(set(names)) == len(names)


def test_effects_and_decisions_are_all_worded() -> None:
    for lang in ("zh", "en"):
        said = labels("zh" if lang == "zh" else "en")
        assert set(said.effects) == set(EFFECTS)
        assert set(said.decisions) == set(DECISIONS)
    assert dict(labels().decisions) == {"pass": "通过", "transfer": "转出", "hold": "待批", "return": "退回"}


@cache
def calls() -> tuple[ast.Call, ...]:
    """Return every call in the four packages."""
    paths = [path for package in ("xl_addin", "macros", "udfs", "workbooks") for path in (ROOT / package).rglob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(paths)]
    return tuple(node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))


def codes(*functions: str) -> Iterator[str]:
    """Return the literal first arguments of calls to those functions or methods."""
    for call in calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in functions and call.args and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def test_every_code_that_the_program_names_is_worded() -> None:
    assert set(codes("WorkbookError", "message")) <= set(labels().messages)
    assert set(codes("Problem", "_problem")) <= set(labels().problems)
    assert set(codes("phrase")) <= set(labels().phrases)


def test_the_file_is_read_once() -> None:
    assert labels() is labels("zh") or labels() is labels()
    assert FILE.is_file()


def test_message_and_phrase_fill_their_places() -> None:
    said = labels("en")
    assert said.message("no-file", path="x.xlsx") == "There is no file x.xlsx. Check the path."
    assert said.phrase("why_level", level="C") == "level C is not listed"
    with pytest.raises(KeyError):
        said.message("no-file")
    with pytest.raises(KeyError):
        said.phrase("nonsense")
