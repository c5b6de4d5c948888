"""Real orders that nobody here wrote: the microelectronics set, its English headings taught by orderdesk.toml.

Its author's EXPECTED_ files are compared with what the nightly run says; every difference is named below.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from macros import nightly
from macros.runs import Outcome

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "microelectronics"
DAY = date(2022, 9, 11)
SETTINGS = """
[aliases.orders]
order_no = ["Order code"]
order_date = ["Order date"]
partner_code = ["Customer code"]
product_code = ["SKU code"]
quantity = ["Volume (# pieces)", "# pieces"]
unit_price = ["Unit price (€ / piece)", "Price"]
amount = ["Total €", "Total"]
clerk = ["Sales rep"]
remark = ["Notes"]

[aliases.products]
product_code = ["SKU code"]
product_name = ["SKU code"]
list_price = ["Unit price (€ / piece)"]
category = ["Category"]

[aliases.partners]
partner_code = ["Customer code"]
partner_name = ["Customer code"]
level = ["Priority"]
region = ["Country"]
clerk = ["Sales rep"]

[aliases.stock]
on_hand = ["# pieces"]
"""
UNKNOWN_PRODUCTS = {"SKUC17a", "SKUC323"}  # in no price list; the author's join leaves them blank
OUT_OF_STOCK = {f"SKUC{number}" for number in (17, 32, 33, 35, 37, 39)}  # said in words; the author counts -1

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is not here")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("microelectronics")
    places = {
        "区域订单/2022-09-11": ("Orders_1.xlsx", "Orders_2.xlsx"),
        "基础资料": ("Product_list.xlsx", "Customers_list.xlsx"),
        "库存": ("Inventory_status.xlsx",),
    }
    for place, names in places.items():
        (folder / place).mkdir(parents=True)
        for name in names:
            shutil.copy(CORPUS / name, folder / place / name)
    (folder / "orderdesk.toml").write_text(SETTINGS, encoding="utf-8")
    return nightly.run(folder, DAY)


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    return pd.read_excel(CORPUS / "EXPECTED_Orders.xlsx", engine="openpyxl", index_col=0)


def found(outcome: Outcome, rule: str) -> pd.DataFrame:
    return outcome.report.findings[outcome.report.findings["rule"] == rule]


def sheet(outcome: Outcome, key: str) -> pd.DataFrame:
    return next(sheet.frame for sheet in outcome.report.sheets if sheet.layout.key == key)


def test_the_merged_rows_are_the_authors(outcome: Outcome, expected: pd.DataFrame) -> None:
    lines = outcome.report.audit.lines
    shared = {
        "order_no": "Order code", "product_code": "SKU", "partner_code": "Customer code", "quantity": "# pieces",
        "unit_price": "Price eur / piece", "amount": "Total eur", "order_date": "Order date", "source_file": "source",
    }  # fmt: skip
    places = {"unit_price": 6, "amount": 4}  # decimals: the author's file was written by another program
    mine = set(lines[[*shared]].round(places).itertuples(index=False, name=None))
    theirs = set(
        expected[[*shared.values()]]
        .set_axis([*shared], axis="columns")
        .round(places)
        .itertuples(index=False, name=None)
    )
    assert len(lines) == len(expected) == 92
    assert mine == theirs
    assert outcome.report.passed


def test_one_line_whose_requested_date_is_no_date_is_merged_all_the_same(outcome: Outcome) -> None:
    # `17/10/2022a` stands in a column that no rule reads: the line is A27, as in the author's file
    lines = outcome.report.audit.lines
    assert lines.loc[lines["order_no"] == "A27", "source_row"].tolist() == [3]


def test_the_demand_per_product_is_the_authors(outcome: Outcome) -> None:
    theirs = pd.read_excel(CORPUS / "EXPECTED_Inventory_final.xlsx", engine="openpyxl", index_col=0)
    demand = dict(zip(theirs["SKU"], theirs["# pieces by SKU"].astype(float), strict=True))
    stock = sheet(outcome, "stock").set_index("product_code")["ordered"]
    assert {code: stock.get(code) for code in demand if code not in UNKNOWN_PRODUCTS} == {
        code: pieces for code, pieces in demand.items() if code not in UNKNOWN_PRODUCTS
    }
    assert set(found(outcome, "unknown-product")["product_code"]) == UNKNOWN_PRODUCTS


def test_stock_is_sufficient_where_the_author_says_so(outcome: Outcome) -> None:
    theirs = pd.read_excel(CORPUS / "EXPECTED_Inventory_final.xlsx", engine="openpyxl", index_col=0)
    sufficient = dict(zip(theirs["SKU"], theirs["Inventory sufficient"], strict=True))
    short = sheet(outcome, "stock").set_index("product_code")["short"]
    # unknown products are held, not queued: nothing of them is ever called sufficient
    mine = {code: code not in UNKNOWN_PRODUCTS and short[code] == 0 for code in sufficient}
    assert mine == sufficient


def test_stock_said_in_words_is_reported_and_counts_as_none(outcome: Outcome) -> None:
    problems = sheet(outcome, "problems")
    in_words = problems[problems["value"] == "out of stock"]
    assert in_words["cell"].tolist() == ["B18", "B33", "B34", "B36", "B38", "B40"]
    available = sheet(outcome, "stock").set_index("product_code")["available"]
    assert all(available[code] == 0 for code in OUT_OF_STOCK)


def test_the_mistyped_customer_is_found(outcome: Outcome, expected: pd.DataFrame) -> None:
    unknown = found(outcome, "unknown-partner")
    assert unknown["partner_code"].tolist() == ["KHJM1"]
    blank = expected[expected["Country"].isna()]
    assert blank["Order code"].tolist() == unknown["order_no"].tolist() == ["A10"]


def test_prices_differ_from_the_list_where_the_authors_do(outcome: Outcome, expected: pd.DataFrame) -> None:
    products = pd.read_excel(CORPUS / "Product_list.xlsx", engine="openpyxl").set_index("SKU code")
    listed = expected["SKU"].map(products["Unit price (€ / piece)"])
    ratio = expected["Price eur / piece"] / listed
    above = expected[expected["Price eur / piece"] - listed > 0.005]  # less than half a cent does not show
    known = expected["Country"].notna()  # an unknown customer has no floor
    below = expected[(1 - ratio > 0.0005) & known]
    for rule, theirs in (("price-above-list", above), ("discount-below-floor", below)):
        assert sorted(found(outcome, rule)["order_no"]) == sorted(theirs["Order code"]), rule
    assert len(above) + len(below) > 0


def test_what_has_no_table_did_not_run(outcome: Outcome) -> None:
    assert set(outcome.report.audit.not_run["unpaid"]) == {"finance"}
    assert outcome.report.audit.not_run["campaign-unknown"] == ("policies",)
    assert outcome.exit_code == 0
