"""Is each order line sound in itself? Its partner, product, quantity, date, names and region (domain.md §4, Line)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from udfs.findings import HOLD, INFO, TRANSFER, Findings, Values, found, joined
from udfs.lookup import Tables, code_key, find, keys, name_key
from udfs.wording import phrase
from workbooks.labels import labels
from workbooks.schema import Policy

TOTAL_TOLERANCE = 0.01  # CNY: a total row of rounded amounts may be a fen off the sum


def texts(table: pd.DataFrame, column: str, rows: Values) -> Values:
    """Return a text column of the table at `rows` (-1 and blank: empty text), one object per row."""
    column_texts = table[column].fillna("").to_numpy(object)
    return np.append(column_texts, "")[rows]


def bare(code: str) -> str:
    """Return a code as clerks garble it: upper case, without signs and leading zeros."""
    return "".join(sign for sign in code_key(code) if sign.isalnum()).lstrip("0")


def meant(unknown: pd.Series, known: pd.Series) -> Values:
    """Return for each unknown code a hint at the one known code it may stand for, or "" (none, or several)."""
    of_bare: dict[str, set[str]] = {}
    for code in known.dropna().unique().tolist() if len(unknown) else []:
        of_bare.setdefault(bare(code), set()).add(code)
    hints = np.full(len(unknown), "", dtype=object)
    for place, code in enumerate(unknown.tolist()):
        likely = of_bare.get(bare(code), set())
        if len(likely) == 1:
            hints[place] = phrase("did_you_mean", known=min(likely))
    return hints


def check_unknown_partner(lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find lines whose partner code is not in the partner table."""
    unknown = lines["partner"].to_numpy() < 0
    batch = found("unknown-partner", unknown, HOLD, actual=lines["partner_code"], money=lines["value"])
    return batch.saying(hint=meant(lines["partner_code"][unknown], tables["partners"]["partner_code"]))


def check_partner_closed(lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find lines of partners whose status is closed."""
    partner, partners = lines["partner"].to_numpy(), tables["partners"]
    return found(
        "partner-closed",
        lines["closed"].to_numpy(bool),
        HOLD,
        name=texts(partners, "partner_name", partner),
        actual=texts(partners, "status", partner),
        money=lines["value"],
    )


def check_unknown_product(lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find lines whose product has no price row valid on the order date."""
    unknown = lines["product"].to_numpy() < 0
    batch = found(
        "unknown-product", unknown, HOLD, actual=lines["product_code"], date=lines["date"], money=lines["value"]
    )
    codes = tables["products"]["product_code"]
    hints = meant(lines["product_code"][unknown], codes)
    # a code that is there has no price on the date: nothing else is meant
    there = find(lines["product_code"][unknown], codes) >= 0
    return batch.saying(hint=np.where(there, "", hints))


def check_product_discontinued(lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find lines of discontinued products and name the replacement."""
    product, products = lines["product"].to_numpy(), tables["products"]
    replacement = texts(products, "replaced_by", product)
    replacement[replacement == ""] = phrase("no_replacement")
    return found(
        "product-discontinued",
        lines["discontinued"].to_numpy(bool),
        TRANSFER,
        name=texts(products, "product_name", product),
        actual=texts(products, "status", product),
        expected=replacement,
        money=lines["value"],
    )


def check_quantity_not_positive(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find lines with a quantity of zero or below; they are set aside."""
    quantity = lines["quantity"].to_numpy(float)
    return found("quantity-not-positive", quantity <= 0, HOLD, actual=quantity)


def check_implausible_date(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find order dates too far from the day; the day (already in `date`) stands in for them."""
    return found(
        "implausible-date",
        lines["implausible"].to_numpy(bool),
        HOLD,
        actual=lines["order_date"],
        expected=lines["date"],
    )


def check_name_mismatch(lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find names that are not the code's name in its table: one for a line's partner, one for its product."""
    batches = []
    for kind in ("partner", "product"):
        row = lines[kind].to_numpy()
        theirs = tables[f"{kind}s"][f"{kind}_name"]
        both = pd.concat([lines[f"{kind}_name"], theirs], ignore_index=True)
        codes, _ = keys(both, name_key)
        mine, of_row = codes[: len(lines)], np.append(codes[len(lines) :], -1)[row]
        batches.append(
            found(
                "name-mismatch",
                (row >= 0) & (mine >= 0) & (of_row >= 0) & (mine != of_row),
                INFO,
                code=lines[f"{kind}_code"],
                table=labels().kinds[f"{kind}s"].title,
                actual=lines[f"{kind}_name"],
                expected=texts(tables[f"{kind}s"], f"{kind}_name", row),
            )
        )
    return joined(batches)


def check_region_mismatch(lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find lines submitted by another region than the partner's."""
    row, partners = lines["partner"].to_numpy(), tables["partners"]
    codes, _ = keys(pd.concat([lines["region"], partners["region"]], ignore_index=True), name_key)
    mine, theirs = codes[: len(lines)], np.append(codes[len(lines) :], -1)[row]
    return found(
        "region-mismatch",
        (mine >= 0) & (theirs >= 0) & (mine != theirs),
        INFO,
        actual=lines["region"],
        expected=texts(partners, "region", row),
    )


def check_cleaned_value(_lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Report every number that was read through units, separators or full width; reading noted them in `cleaned`."""
    cleaned = tables["cleaned"]
    return Findings(
        "cleaned-value",
        cleaned["line"].to_numpy(np.int64),
        np.full(len(cleaned), INFO),
        {
            "heading": cleaned["heading"].to_numpy(object),
            "actual": cleaned["text"].to_numpy(object),
            "expected": cleaned["value"].to_numpy(float),
        },
    )


def total_differs(name: str, stated: float, summed: float) -> bool:
    """Tell whether a total row differs from its sum: money may be a fen off by rounding, pieces may not."""
    return abs(round(stated - summed, 6)) > (TOTAL_TOLERANCE if name == "amount" else 0.0)


def check_total_mismatch(_lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Report total rows whose quantity or amount is not the sum of the rows they close; they stand on no line."""
    totals = tables["totals"]
    compared = zip(totals["name"].to_list(), totals["stated"].to_list(), totals["sum"].to_list(), strict=True)
    wrong = totals[np.array([total_differs(*total) for total in compared], dtype=bool)]
    names = ("source_file", "source_sheet", "source_row", "word", "heading")
    args = {name: wrong[name].to_numpy(object) for name in names}
    args |= {"actual": wrong["stated"].to_numpy(float), "expected": wrong["sum"].to_numpy(float)}
    return Findings("total-mismatch", np.full(len(wrong), -1), np.full(len(wrong), INFO), args)


def check_not_full_carton(lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find paid quantities that are no multiple of the carton."""
    quantity = lines["quantity"].to_numpy(float)
    carton = np.append(tables["products"]["carton_qty"].to_numpy(float), np.nan)[lines["product"].to_numpy()]
    counted = ~lines["giveaway"].to_numpy(bool) & (quantity > 0) & (carton > 0)
    # quantities have at most six decimals; the remainder of their floats is noise below that
    rest = np.round(np.mod(quantity, np.where(counted, carton, 1.0)), 6)
    rest = np.where(rest == np.round(carton, 6), 0.0, rest)
    return found("not-full-carton", counted & (rest > 0), INFO, actual=quantity, expected=carton, rest=rest)
