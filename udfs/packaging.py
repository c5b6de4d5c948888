"""Packaging requests of the KASP clerk: what is wrong with them, what is still to be shipped, and for how long.

Findings of packaging stand on request lines and hold no order: they have a list and grades of their own. How the open
points of the contract were read is in docs/readings.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from udfs import order_lines
from udfs.findings import INFO, WRONG, Bools, Findings, Ints, Values, found
from udfs.lookup import code_key, find, is_word, keys, name_key, word_key
from udfs.wording import phrase
from workbooks.labels import labels
from workbooks.schema import Policy

Floats = npt.NDArray[np.float64]

SUMMED = ("quantity", "approved", "shipped", "unshipped", "pending", "cancelled")
"""What a summary adds up, in pieces."""
AGES = ("fresh", "waiting", "late", "undated")
"""How long a request has been open: up to 7 days, up to 30, longer; without a date nobody knows."""
FRESH_DAYS, WAITING_DAYS = 7, 30
_DUST = 6  # decimals of a quantity; the rest of a float's sum is noise


@dataclass(frozen=True)
class Given:
    """What the checks go by.

    lines: the accepted request lines in source order (kind packaging, workbooks.reading.tables). partners: the partner
    table, None where there is none. bases: the production sites that the team has listed; none: any that is named.
    cleaned: the numbers that reading took through units and separators.
    """

    lines: pd.DataFrame
    partners: pd.DataFrame | None
    bases: Sequence[str]
    cleaned: pd.DataFrame


@dataclass(frozen=True)
class Check:
    """One thing that can be wrong: its code, how grave it is (WRONG keeps a line from its site's sheet), its table."""

    code: str
    severity: int
    check: Callable[[Given], Sequence[Findings]]
    needs: str = ""


def check_duplicate_request(given: Given) -> Sequence[Findings]:
    """Find lines that repeat a material of their request, or take the number of another request.

    A request may ask for several materials, one line each; its lines share date and applicant.
    """
    lines = given.lines
    numbers, _ = keys(lines["request_no"], code_key)
    materials, _ = keys(lines["material_code"], code_key)
    people, _ = keys(lines["applicant"], word_key)
    days = pd.factorize(lines["request_date"])[0]
    first: dict[int, int] = {}
    first_item: dict[tuple[int, int], int] = {}
    earlier = np.full(len(lines), -1, dtype=np.int64)
    why = np.full(len(lines), "", dtype=object)
    for at, (number, material) in enumerate(zip(numbers.tolist(), materials.tolist(), strict=True)):
        of_number = first.setdefault(number, at)
        of_item = first_item.setdefault((number, material), at)
        if of_item != at:
            earlier[at] = of_item
            why[at] = phrase("twice_material", material=lines["material_code"].iat[at])
        elif _differ(people, at, of_number) or _differ(days, at, of_number):
            earlier[at] = of_number
            why[at] = phrase("twice_number")
    again = earlier >= 0
    other = np.full(len(lines), "", dtype=object)
    names = ("source_file", "source_sheet", "source_row")
    other[again] = [
        phrase("place", file=file, sheet=sheet, row=row)
        for file, sheet, row in lines.iloc[earlier[again]][list(names)].itertuples(index=False, name=None)
    ]
    return [found("duplicate-request", again, WRONG, other=other, why=why, actual=lines["request_no"])]


def _differ(codes: npt.NDArray[np.int64], one: int, other: int) -> bool:
    """Tell whether two lines both say something, and not the same."""
    return bool(codes[one] >= 0 and codes[other] >= 0 and codes[one] != codes[other])


def check_quantity_not_positive(given: Given) -> Sequence[Findings]:
    """Find requests for nothing or less, and approved or shipped quantities below zero."""
    headings = labels().kinds["packaging"].headings
    batches = []
    for name, limit in (("quantity", "above_zero"), ("approved", "not_below_zero"), ("shipped", "not_below_zero")):
        value = _pieces(given.lines, name)
        wrong = value <= 0 if name == "quantity" else value < 0
        said = _everywhere(phrase(limit), len(value))
        batch = found("quantity-not-positive", wrong, WRONG, heading=headings[name][0], actual=value, limit=said)
        batches.append(batch)
    return batches


def check_approved_over_requested(given: Given) -> Sequence[Findings]:
    """Find lines of which more was approved than requested."""
    asked, approved = _pieces(given.lines, "quantity"), _pieces(given.lines, "approved")
    return [_over("approved-over-requested", approved, asked, INFO)]


def check_shipped_over_approved(given: Given) -> Sequence[Findings]:
    """Find lines of which more was shipped than approved; what nobody has approved yet is 0."""
    approved, shipped = np.nan_to_num(_pieces(given.lines, "approved")), _pieces(given.lines, "shipped")
    return [_over("shipped-over-approved", shipped, approved, WRONG)]


def _over(code: str, actual: Floats, limit: Floats, severity: int) -> Findings:
    over = np.round(actual - limit, _DUST)
    return found(code, over > 0, severity, actual=actual, expected=limit, over=over)


def check_unknown_base(given: Given) -> Sequence[Findings]:
    """Find lines without a production site, or with one that is none of those the team has listed."""
    base = given.lines["base"]
    unknown = ~known_bases(base, given.bases)
    listed = labels().words["list_joiner"].join(given.bases)
    why = np.empty(len(base), dtype=object)
    for at in np.flatnonzero(unknown).tolist():
        said = base.iat[at]
        why[at] = phrase("other_base", base=said, bases=listed) if isinstance(said, str) else phrase("no_base")
    return [found("unknown-base", unknown, WRONG, actual=base.fillna("").to_numpy(object), why=why)]


def known_bases(column: pd.Series, bases: Sequence[str]) -> Bools:
    """Return which production sites are known: named, and among those listed where any are."""
    listed = {name_key(base) for base in bases}
    return np.array([isinstance(base, str) and (not listed or name_key(base) in listed) for base in column], dtype=bool)


def check_unknown_partner(given: Given) -> Sequence[Findings]:
    """Find partner codes that the partner table does not have; a blank one is none."""
    code = given.lines["partner_code"]
    partners = given.partners
    unknown = np.zeros(len(code), bool) if partners is None else find(code, partners["partner_code"]) < 0
    return [found("unknown-partner", unknown & code.notna().to_numpy(), WRONG, actual=code)]


def check_cleaned_value(given: Given) -> Sequence[Findings]:
    """Report every number that was read through units, separators or full width."""
    return [order_lines.check_cleaned_value(given.lines, {"cleaned": given.cleaned}, Policy())]


CHECKS: tuple[Check, ...] = (
    Check("duplicate-request", WRONG, check_duplicate_request),
    Check("quantity-not-positive", WRONG, check_quantity_not_positive),
    Check("approved-over-requested", INFO, check_approved_over_requested),
    Check("shipped-over-approved", WRONG, check_shipped_over_approved),
    Check("unknown-base", WRONG, check_unknown_base),
    Check("unknown-partner", WRONG, check_unknown_partner, "partners"),
    Check("cleaned-value", INFO, check_cleaned_value),
)
"""Everything that is checked of packaging requests, in the order in which it is told."""


def judge(given: Given) -> tuple[list[Findings], dict[str, tuple[str, ...]]]:
    """Return the findings of every check, and the checks that did not run with the tables they lacked."""
    not_run: dict[str, tuple[str, ...]] = {
        one.code: (one.needs,) for one in CHECKS if one.needs and given.partners is None
    }
    batches = [batch for one in CHECKS if one.code not in not_run for batch in one.check(given)]
    return [batch for batch in batches if len(batch)], not_run


# ------------------------------------------------------------------------------------------ what is still to be shipped


def outstanding(lines: pd.DataFrame, today: date) -> pd.DataFrame:
    """Return the lines with what is open of each, in pieces, and for how long.

    Adds: unshipped (approved, not yet shipped), pending (requested, not yet approved or shipped), cancelled (either,
    of a request that is off); never below 0, and what is shipped of one line is not set off against another. age:
    days since the request (0 for one of tomorrow, NaN where nothing is open or it has no date); band: one of AGES.
    """
    asked, approved = _pieces(lines, "quantity"), _pieces(lines, "approved")
    shipped = np.maximum(np.nan_to_num(_pieces(lines, "shipped")), 0.0)
    left = np.round(np.maximum(np.where(np.isnan(approved), asked, approved) - shipped, 0.0), _DUST)
    words = labels().words["packaging_status"]["cancelled"]
    off = np.array([is_word(status, words) for status in lines["status"]], dtype=bool)
    waits = np.isnan(approved)
    is_open = (left > 0) & ~off
    days = (np.datetime64(today, "D") - lines["request_date"].to_numpy("datetime64[D]")).astype(float)
    days = np.where(np.isnat(lines["request_date"].to_numpy("datetime64[D]")), np.nan, np.maximum(days, 0.0))
    band = np.select(
        [np.isnan(days), days <= FRESH_DAYS, days <= WAITING_DAYS], ["undated", "fresh", "waiting"], "late"
    )
    return lines.assign(
        unshipped=np.where(off | waits, 0.0, left),
        pending=np.where(off | ~waits, 0.0, left),
        cancelled=np.where(off, left, 0.0),
        age=np.where(is_open, days, np.nan),
        band=pd.Series(band.astype(object), lines.index).where(is_open, None),
    )


def _pieces(lines: pd.DataFrame, name: str) -> Floats:
    return lines[name].to_numpy(float)


def _everywhere(value: object, size: int) -> Values:
    """Return a value once per line; NumPy would take a phrase for a sequence."""
    column = np.empty(size, dtype=object)
    column[:] = [value] * size
    return column


KEYS: Mapping[str, Callable[[str], str]] = {
    "material_code": code_key,
    "base": name_key,
    "region": word_key,
    "applicant": word_key,
}
"""What requests are summed up by, and how each is compared."""


def summary(lines: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the sums of outstanding lines per value of the columns `by` (of KEYS), in their order.

    Beside SUMMED: lines and open (counts), the count of open lines per age, oldest (days) and band of the oldest. A
    group shows its first line's spelling; blank values are a group too, the last. material_name and spec are the
    first that a material's lines give.
    """
    codes = {name: keys(lines[name], KEYS[name]) for name in by}
    order = {name: np.argsort(np.argsort(np.array(words, dtype=object))) for name, (_, words) in codes.items()}
    # blanks (-1) go behind everything
    ranks = {name: np.append(order[name], len(order[name]))[codes[name][0]] for name in by}
    grouped = pd.DataFrame({**ranks, **{name: lines[name].to_numpy() for name in SUMMED}})
    opened = lines["band"].notna().to_numpy()
    grouped = grouped.assign(lines=1, open=opened.astype(np.int64), oldest=lines["age"].to_numpy(float))
    for age in AGES:
        grouped[age] = (lines["band"] == age).to_numpy().astype(np.int64)
    groups = grouped.groupby(list(by), sort=True)
    sums = groups[[*SUMMED, "lines", "open", *AGES]].sum()
    sums[list(SUMMED)] = np.round(sums[list(SUMMED)], _DUST)
    first = grouped.drop_duplicates(list(by)).sort_values(list(by), kind="stable").index
    summed = sums.assign(oldest=groups["oldest"].max()).reset_index(drop=True)
    for name in by:
        summed[name] = lines[name].to_numpy(object)[first]
    summed["band"] = _band_of_oldest(summed)
    if "material_code" in by:
        for name in ("material_name", "spec"):
            summed[name] = _first_said(lines[name], codes["material_code"][0])[first]
    return summed


def _band_of_oldest(summed: pd.DataFrame) -> Values:
    """Return the band of a group's oldest open line; undated where none of them has a date, none where none is open."""
    bands = np.full(len(summed), None, dtype=object)
    for age in ("undated", "fresh", "waiting", "late"):
        bands[summed[age].to_numpy() > 0] = age
    return bands


def _first_said(column: pd.Series, of: Ints) -> Values:
    """Return for each line the first text that a line of the same code has in the column."""
    first: dict[int, object] = {}
    for code, text in zip(of.tolist(), column, strict=True):
        if isinstance(text, str):
            first.setdefault(code, text)
    return np.array([first.get(code) for code in of.tolist()], dtype=object)
