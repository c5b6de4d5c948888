"""Calls of every formula as Excel sends them, over the demo day; any Python runs this: it imports datetime only.

A number is a float, a blank None, an error the VARIANT's integer, a range a tuple of rows. Days are named, so that the
answers are the same whenever they are asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

NULL, DIV0, VALUE, REF = -2146826288, -2146826281, -2146826273, -2146826265
NAME, NUM, NA = -2146826259, -2146826252, -2146826246
DAY = datetime(2026, 11, 21)  # noqa: DTZ001 - a cell has no zone
ZONED = datetime(2026, 11, 21, tzinfo=timezone(timedelta(hours=8)))  # as pywintypes gives a date cell
SERIAL = 46347.0  # the same day as a plain number

ORDERS = (
    ("订单号", "日期", "合作商编码", "合作商名称", "产品编码", "数量(支)", "单价", "金额", "类型", "活动编号", "备注"),
    ("N-1", ZONED, "HD-001", "上海星悦美妆贸易有限公司", "010001", 48.0, 61.74, 2963.52, "正品", None, None),
    ("N-1", ZONED, "HD-001", "上海星悦美妆贸易有限公司", "010002", 24.0, 50.0, 1200.0, "正品", None, "价格太低"),
    ("N-2", "2026.11.21", "hd-002", None, "ＡＢ９９", "24支", 80.0, None, None, None, None),
    ("N-3", SERIAL, "HD-003", None, "010003", NA, 100.0, None, None, None, "数量出错"),
    ("合计", None, None, None, None, 90.0, None, None, None, None, None),
    (None, None, None, None, None, None, None, None, None, None, None),
)

CASES: list[tuple[str, tuple[Any, ...]]] = [
    ("OD_LIST_PRICE", ("010003", DAY)),
    ("OD_LIST_PRICE", ("010003", ZONED)),
    ("OD_LIST_PRICE", ("010003", SERIAL)),
    ("OD_LIST_PRICE", ("010003", "2026年10月31日")),
    ("OD_LIST_PRICE", ("０１０００３", "2026/11/1")),
    ("OD_LIST_PRICE", ((("010001",), ("010002",), (None,), ("没有",), (DIV0,)), ZONED)),
    ("OD_LIST_PRICE", ((("010003", "010003"),), ((ZONED, "昨天"),))),
    ("OD_LIST_PRICE", ((("010001",), ("010002",)), ((ZONED, ZONED),))),
    ("OD_LIST_PRICE", (10001.0, DAY)),
    ("OD_FLOOR", ("HD-001", "010001", "HD2611-01", DAY)),
    ("OD_FLOOR", ("HD-001", "010001", None, DAY)),
    ("OD_FLOOR", ("HD-005", "010001", "", DAY)),
    ("OD_FLOOR", ("HD-001", "010001", "HD2611-01", datetime(2026, 12, 24))),  # noqa: DTZ001 - a cell has no zone
    ("OD_FLOOR", ("HD-001", "010001", "没有这个活动", DAY)),
    ("OD_FLOOR", ((("HD-001", "hd-002"), ("XX-999", None)), "010001", (("HD2611-04", "HD2611-04"), (NUM, NA)), DAY)),
    ("OD_DISCOUNT_CHECK", ("HD-001", "010001", 58.8, "HD2611-01", DAY)),
    ("OD_DISCOUNT_CHECK", ("HD-001", "010001", "¥50.00元", None, DAY)),
    ("OD_DISCOUNT_CHECK", ("HD-001", "010001", ((0.0,), (-1.0,), (None,), ("面议",), (True,), (500.0,)), None, DAY)),
    ("OD_DISCOUNT_CHECK", ((("HD-001",), (NAME,), (None,)), "010001", 61.74)),
    ("OD_GIVEAWAY", ("HD2611-02", "010013", 120.0, DAY)),
    ("OD_GIVEAWAY", ("HD2611-02", "010013", ((9.0, 10.0, 19.0, "25支", -10.0, None, "很多"),), DAY)),
    ("OD_GIVEAWAY", ((("HD2611-02",), ("HD2611-05",), ("没有",), (None,)), "010013", 100.0, DAY)),
    ("OD_AVAILABLE", ("010001",)),
    ("OD_AVAILABLE", ((("010001", "010002", "没有"), (None, REF, "０１０００３")),)),
    ("OD_ETA", ("020003", 300.0)),
    ("OD_ETA", ("020003", ((318.0,), (319.0,), (99999.0,), (0.0,), (None,), ("几个",), (NULL,)))),
    ("OD_PARTNER", ("HD-001",)),
    ("OD_PARTNER", ("HD-001", (("合作商名称", "级别", "合同折扣", "tax_id", "客户名称", "没有这一栏"),))),
    ("OD_PARTNER", ((("HD-005",), ("没有",), (None,)), "合同折扣")),
    ("OD_FUNDS", ("HD-001",)),
    ("OD_FUNDS", ((("HD-001",), ("HD-002",), ("没有",), (None,), (VALUE,)),)),
    ("OD_CREDIT", ("HD-003",)),
    ("OD_CREDIT", ((("HD-001", "HD-002", "HD-003", "HD-004", "HD-005", "没有"),), 150000.0)),
    ("OD_CREDIT", ("HD-003", (("20,000元", "一点"),))),
    ("OD_TAX_ID", ("91110108551385082Q",)),
    (
        "OD_TAX_ID",
        ((("９１１１０１０８５５１３８５０８２ｑ",), ("91110108551385082A",), (110108551385082.0,), (None,), (NA,)),),
    ),
    ("OD_AUDIT", (ORDERS,)),
    ("OD_AUDIT", ((("没有", "标题"), (1.0, 2.0)),)),
    ("OD_AUDIT", ("订单号",)),
]
"""Function name and arguments; OD_AUDIT's findings are the same within a year of the demo day."""
