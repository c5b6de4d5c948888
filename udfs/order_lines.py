"""Is each order line sound in itself? Its partner, product, quantity, date, names and region (domain.md §4, Line)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from udfs.findings import HOLD, INFO, TRANSFER, Findings, Values, found
from udfs.lookup import Tables, keys, name_key
from udfs.wording import phrase
from workbooks.labels import labels
from workbooks.schema import Policy

TOTAL_TOLERANCE = 0.01  # CNY: a total row of rounded amounts may be a fen off the sum


def texts(table: pd.DataFrame, column: str, rows: Values) -> Values:
    """Return a text column of the table at `rows` (-1 and blank: empty text), one object per row."""
    column_texts = table[column].fillna("").to_numpy(object)
    return np.append(column_texts, "")[rows]


def check_unknown_partner(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find lines whose partner code is not in the partner table."""
    return found(
        "unknown-partner", lines["partner"].to_numpy() < 0, HOLD, actual=lines["partner_code"], money=lines["value"]
    )


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


def check_unknown_product(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find lines whose product has no price row valid on the order date."""
    return found(
        "unknown-product",
        lines["product"].to_numpy() < 0,
        HOLD,
        actual=lines["product_code"],
        date=lines["date"],
        money=lines["value"],
    )


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


def check_total_mismatch(_lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Report total rows whose quantity or amount is not the sum of the rows they close; they stand on no line."""
    totals = tables["totals"]
    apart = np.abs(np.round((totals["stated"] - totals["sum"]).to_numpy(float), 6))
    # money may be a fen off by rounding, pieces may not
    wrong = totals[apart > np.where(totals["name"] == "amount", TOTAL_TOLERANCE, 0.0)]
    args = {
        name: wrong[name].to_numpy(object) for name in ("source_file", "source_sheet", "source_row", "word", "heading")
    }
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


def joined(batches: list[Findings]) -> Findings:
    """Return batches of one rule with the same args as one."""
    return Findings(
        batches[0].rule,
        np.concatenate([batch.at for batch in batches]),
        np.concatenate([batch.effect for batch in batches]),
        {
            name: np.concatenate([np.asarray(batch.args[name], dtype=object) for batch in batches])
            for name in batches[0].args
        },
        whole_order=batches[0].whole_order,
    )
