"""Slow, obvious reference of the audit rules of docs "domain.md" sections 3 and 4, for tests only.

Written from the contract alone. Every place that allows more than one reading carries a comment READING.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

WORDS = {
    "suspended": "\u505c\u7528", "terminated": "\u7ec8\u6b62",
    "stopped": "\u505c\u4ea7", "replaced": "\u6362\u4ee3", "all": "\u5168\u90e8",
    "has_money": "\u6709\u6b3e", "no_money": "\u6ca1\u6b3e", "owes": "\u6b20\u6b3e",
    "let_pass": "\u653e\u884c", "send_back": "\u9000\u56de", "comma": "\u3001",
}  # fmt: skip
Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row] | None]
GRAVITY = {"pass": 0, "info": 0, "transfer": 1, "hold": 2, "return": 3}
LEVELS = ["VIP", "A", "B", "C"]
ORDER_LEVEL = {"not-in-finance", "unpaid", "indebted"}
ZERO = Decimal(0)

NEEDS: dict[str, tuple[str, ...]] = {
    "unknown-partner": ("partners",), "partner-closed": ("partners",), "region-mismatch": ("partners",),
    "order-two-partners": ("partners",), "unknown-product": ("products",), "product-discontinued": ("products",),
    "not-full-carton": ("products",), "price-missing": ("products",), "price-mismatch": ("products",),
    "amount-mismatch": ("products",), "price-above-list": ("products",), "zero-price-not-giveaway": ("products",),
    "name-mismatch": ("partners", "products"), "discount-below-floor": ("products", "partners"),
    "campaign-unknown": ("policies",), "campaign-not-valid": ("policies",), "giveaway-exceeded": ("policies",),
    "giveaway-waits": ("policies",), "not-in-finance": ("partners", "finance"),
    "unpaid": ("partners", "finance", "products"),
    "indebted": ("partners", "finance"), "deposit-short": ("partners", "finance"),
    "short-stock": ("stock", "products", "partners"),
    "release-not-authorised": ("releases",), "release-unused": ("releases",),
}  # fmt: skip


@dataclass
class Finding:
    """One finding; `line` is the index of the given line, or None for release-unused."""

    rule: str
    effect: str
    line: int | None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class Result:
    """Everything the audit says about one day."""

    findings: list[Finding]
    lines: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    stock: dict[str, dict[str, Decimal]]
    not_run: set[str]


@dataclass
class _Line:
    """One order line with what the tables say about it."""

    index: int
    row: Row
    order: tuple[str, str]
    code: str
    day: date
    quantity: Decimal
    paid: bool
    campaign: str | None
    partner: Row | None
    product: Row | None
    closed: bool = False
    discontinued: bool = False
    price: Fraction | None = None
    policy: Row | None = None  # the line's campaign, only where it is valid for this line
    set_aside: bool = False
    given: str = "pass"  # what the whole order gave this line
    floor: Fraction | None = None
    effective: Fraction | None = None
    ship: Decimal = ZERO
    reserved: Decimal = ZERO
    short: Decimal = ZERO
    eta: date | None = None


def code(value: Any) -> str:
    """A code as it is compared: NFKC, no spaces, upper case."""
    return "".join(unicodedata.normalize("NFKC", str(value or "")).split()).upper()


def word(value: Any) -> str:
    """A text as it is compared: NFKC, no spaces, case folded."""
    return "".join(unicodedata.normalize("NFKC", str(value or "")).split()).casefold()


def name_key(value: Any) -> str:
    """A name as it is compared: as `word`, and without bracket characters."""
    # READING: "bracket characters" are those Unicode calls opening or closing punctuation, and < >.
    return "".join(c for c in word(value) if unicodedata.category(c) not in ("Ps", "Pe") and c not in "<>")


def fen(value: Fraction) -> Decimal:
    """Round half up (a half goes away from zero, as in Excel) to 0.01, exactly."""
    cents = (abs(value) * 200 + 1) // 2
    return Decimal(cents if value >= 0 else -cents) / 100


def split(text: Any) -> list[str]:
    """Split a list text at the separators of the contract, after NFKC (which folds the full width ones)."""
    parts = re.split("[" + WORDS["comma"] + ",;]", unicodedata.normalize("NFKC", str(text or "")))
    return [word(part) for part in parts if word(part)]


def gravest(effects: Sequence[str]) -> str:
    """The gravest of some effects; info and nothing are both a pass."""
    worst = "pass"
    for effect in effects:
        if GRAVITY[effect] > GRAVITY[worst]:
            worst = effect
    return worst


def audit(lines: Sequence[Row], tables: Tables, settings: Mapping[str, Any], today: date) -> Result:
    """Audit one day's accepted lines and return every finding, decision and quantity."""
    return _Day(lines, tables, settings, today).run()


class _Day:
    """One day; each method is one family of rules, and `run` calls them in the contract's order."""

    def __init__(self, lines: Sequence[Row], tables: Tables, settings: Mapping[str, Any], today: date) -> None:
        self.tables, self.settings, self.today = tables, settings, today
        self.findings: list[Finding] = []
        self.not_run = {rule for rule, needs in NEEDS.items() if any(tables.get(kind) is None for kind in needs)}
        self.partners = self.first("partners", "partner_code")
        self.policies = self.first("policies", "campaign")
        # READING: a role may stand in several rows (limits of their own); any of them may cover
        self.roles = list(tables.get("approvals") or [])
        self.used: set[int] = set()
        self.lines = [self.read(index, row) for index, row in enumerate(lines)]
        self.sorted = sorted(  # source order
            self.lines, key=lambda x: (x.row["source_file"], x.row["sheet_index"], x.row["source_row"])
        )
        self.orders: dict[tuple[str, str], list[_Line]] = {}
        for line in self.sorted:
            self.orders.setdefault(line.order, []).append(line)
        self.money: dict[tuple[str, str], tuple[Decimal | None, str | None, bool]] = {}

    # ---- look-ups -------------------------------------------------------------------------------------------

    def rows(self, kind: str) -> Sequence[Row]:
        """The rows of a table; none where it is missing."""
        return self.tables.get(kind) or []

    def first(self, kind: str, column: str, *, as_code: bool = True) -> dict[str, Row]:
        """The first row of each key of a table."""
        found: dict[str, Row] = {}
        for row in self.rows(kind):
            found.setdefault(code(row[column]) if as_code else word(row[column]), row)
        return found

    def find_product(self, product_code: str, day: date) -> Row | None:
        """The product row valid on the day: the latest valid_from, then the first."""
        best: Row | None = None
        for row in self.rows("products"):
            start, end = row.get("valid_from") or date.min, row.get("valid_to") or date.max
            if code(row["product_code"]) == product_code and start <= day <= end:
                if best is None or start > (best.get("valid_from") or date.min):
                    best = row
        return best

    def read(self, index: int, row: Row) -> _Line:
        """Put a line together with its partner, product, price and valid campaign."""
        day = row["order_date"] or self.today
        # READING: the stand-in date is used for the product look-up too, though unknown-product is named before
        # implausible-date: "the day stands in for such a date everywhere below" covers every use of the price row,
        # and one line has one product row.
        if abs((day - self.today).days) > 366:
            day = self.today
        line = _Line(
            index, row, (code(row["order_no"]), code(row["partner_code"])), code(row["product_code"]), day,
            row["quantity"], row["line_type"] != "giveaway", code(row["campaign"]) or None,
            self.partners.get(code(row["partner_code"])), self.find_product(code(row["product_code"]), day),
        )  # fmt: skip
        line.closed = line.partner is not None and word(line.partner.get("status")) in (
            WORDS["suspended"], WORDS["terminated"])  # fmt: skip
        line.discontinued = line.product is not None and word(line.product.get("status")) in (
            WORDS["stopped"], WORDS["replaced"])  # fmt: skip
        if row["unit_price"] is not None:
            line.price = Fraction(row["unit_price"])
        elif row["amount"] is not None and line.quantity != 0:
            line.price = Fraction(row["amount"]) / Fraction(line.quantity)
        # READING: validity is kept for set aside lines too, without a finding, because a released one takes part in
        # giveaway-waits. A released campaign-not-valid leaves the campaign invalid: "as if the finding had no
        # effect" speaks of the effect only.
        if line.campaign in self.policies and self.campaign_valid(line, self.policies[line.campaign]):
            line.policy = self.policies[line.campaign]
        return line

    def campaign_valid(self, line: _Line, policy: Row) -> bool:
        """Whether the campaign holds for this line: dates, level, product."""
        if not policy["start"] <= line.day <= policy["end"]:
            return False
        # READING: "blank = all" for levels; the word for "all" there is taken as all, too.
        levels = split(policy.get("levels"))
        if line.partner is not None and levels and WORDS["all"] not in levels:
            if word(line.partner["level"]) not in levels:
                return False
        scope = split(policy["applies_to"])
        if not line.paid:
            scope = split(policy.get("gifts")) or scope
        if line.product is None or WORDS["all"] in scope:
            return True
        return word(line.code) in scope or word(line.product.get("category")) in scope  # none is blank

    def add(self, rule: str, effect: str, line: _Line, **extra: Any) -> None:
        """Record a finding, unless its table is missing."""
        # READING: without products no order amount is known: `unpaid` is named as not run, but finance's word counts
        if rule not in self.not_run or (rule == "unpaid" and "not-in-finance" not in self.not_run):
            self.findings.append(Finding(rule, effect, line.index, extra))

    def decision(self, line: _Line) -> str:
        """The gravest effect on a line so far."""
        effects = [line.given]
        for finding in self.findings:
            if finding.line == line.index:
                effects.append(finding.effect)
            elif finding.rule in ORDER_LEVEL and finding.line is not None:
                if self.lines[finding.line].order == line.order:
                    effects.append(finding.effect)
        return gravest(effects)

    def held(self, line: _Line) -> bool:
        """Hold or return so far."""
        return self.decision(line) in ("hold", "return")

    def active(self) -> list[_Line]:
        """The lines not set aside, in source order."""
        return [line for line in self.sorted if not line.set_aside]

    # ---- families -------------------------------------------------------------------------------------------

    def run(self) -> Result:
        """All families, in order."""
        self.line_rules()
        self.duplicates()
        self.campaigns()
        self.prices()
        self.giveaways()
        self.release(0)
        self.giveaway_waits()
        self.finance()
        self.spread()
        stock = self.stock()
        self.spread()
        self.unused_releases()
        return self.result(stock)

    def line_rules(self) -> None:
        """Rules that look at one line alone."""
        for line in self.sorted:
            row, partner, product = line.row, line.partner, line.product
            if partner is None:
                self.add("unknown-partner", "hold", line)
            elif line.closed:
                self.add("partner-closed", "hold", line)
            if product is None:
                self.add("unknown-product", "hold", line)
            elif line.discontinued:
                self.add("product-discontinued", "transfer", line, replaced_by=product.get("replaced_by"))
            if line.quantity <= 0:
                self.add("quantity-not-positive", "hold", line)
                line.set_aside = True
            if row["order_date"] is not None and abs((row["order_date"] - self.today).days) > 366:
                self.add("implausible-date", "hold", line)
            # READING: a name blank on either side differs from nothing ("the code's name differs").
            for known, column in ((partner, "partner_name"), (product, "product_name")):
                if known is not None and name_key(row[column]) and name_key(known.get(column)):
                    if name_key(row[column]) != name_key(known.get(column)):
                        self.add("name-mismatch", "info", line, column=column)
            # READING: regions are compared as words (NFKC, case, spaces); a blank one belongs to no "another region".
            if partner is not None and word(partner.get("region")) and word(row["region"]):
                if word(partner.get("region")) != word(row["region"]):
                    self.add("region-mismatch", "info", line)
            for column in row["cleaned"]:
                self.add("cleaned-value", "info", line, column=column)
            # READING: any known product counts, discontinued ones too, and the line's unit plays no part.
            if product is not None and line.paid and line.quantity > 0 and (product.get("carton_qty") or 0) > 0:
                if (Fraction(line.quantity) / Fraction(product["carton_qty"])).denominator != 1:
                    self.add("not-full-carton", "info", line)

    def duplicates(self) -> None:
        """Lines entered twice, orders in several files or of several partners."""
        seen: set[tuple[Any, ...]] = set()
        for line in self.sorted:
            row = line.row
            same = (
                line.order, line.code, row["line_type"], row["quantity"], row["unit_price"], row["amount"],
                line.campaign,
            )  # fmt: skip
            if same in seen:
                self.add("duplicate-line", "hold", line)
                line.set_aside = True
            seen.add(same)
        # READING: set aside lines count in the two rules below; they are left out of "no campaign, price, giveaway,
        # funds or stock rule", and these are none of them.
        for members in self.orders.values():
            files = {members[0].row["source_file"]}
            for line in members:
                if line.row["source_file"] not in files:
                    files.add(line.row["source_file"])
                    self.add("order-in-two-files", "info", line)
        for line in self.sorted:
            users = {x.order[1] for x in self.lines if x.order[0] == line.order[0] and x.partner is not None}
            if len(users) >= 2:  # "on every line of an order_no": lines of unknown partners too
                self.add("order-two-partners", "hold", line)

    def campaigns(self) -> None:
        """Lines that name a campaign that is unknown or not valid for them."""
        for line in self.active():
            if line.campaign is not None and line.policy is None:
                rule = "campaign-not-valid" if line.campaign in self.policies else "campaign-unknown"
                self.add(rule, "info" if line.paid else "hold", line)

    def prices(self) -> None:
        """Prices of paid lines of known products, and the discount floor."""
        for line in self.active():
            row, product = line.row, line.product
            if not line.paid or product is None:
                continue
            listed = Fraction(product["list_price"])
            if line.price is None:
                self.add("price-missing", "hold", line)  # READING: a discount alone is no price ("neither given")
                continue
            given = row["unit_price"]
            if given is not None and row["discount"] is not None:
                if abs(Fraction(given) - listed * Fraction(row["discount"])) > Fraction(1, 100):
                    self.add("price-mismatch", "hold", line)
            if given is not None and row["amount"] is not None:
                if abs(Fraction(row["amount"]) - Fraction(line.quantity) * Fraction(given)) > Fraction(1, 100):
                    self.add("amount-mismatch", "hold", line)
            if line.price - listed > Fraction(5, 1000):
                self.add("price-above-list", "info", line)
            # READING: a list price of 0 gives no effective discount and no floor check (division by zero).
            if listed > 0:
                line.effective = line.price / listed
            if line.price == 0:
                self.add("zero-price-not-giveaway", "hold", line)
            elif line.partner is not None and line.effective is not None:
                self.floor_check(line, line.price, listed, line.effective)

    def floor_check(self, line: _Line, price: Fraction, listed: Fraction, effective: Fraction) -> None:
        """Compare the effective discount with the floor, and find who may approve the gap."""
        # READING: the floor column is filled only where the check was made (not at zero price, nor set aside).
        assert line.partner is not None
        limits = [line.partner.get("contract_discount")]
        if line.policy is not None:
            limits.append(line.policy.get("min_discount"))
        floors = [Fraction(limit) for limit in limits if limit is not None]
        line.floor = floor = min(floors) if floors else Fraction(1)
        if floor - effective > Fraction(5, 10000):
            gap, shortfall = floor - effective, fen((floor * listed - price) * Fraction(line.quantity))
            covering = [row for row in self.roles if self.covers(row, gap, shortfall)]
            role = min(covering, key=lambda row: row["max_gap"])["role"] if covering else None  # ties: the first
            self.add("discount-below-floor", "hold", line, floor=floor, gap=gap, shortfall=shortfall, role=role)

    @staticmethod
    def covers(role: Row, gap: Fraction, shortfall: Decimal) -> bool:
        """Whether an approval row covers gap and shortfall."""
        # READING: the gap is exact, without the 0.0005; the shortfall is the one named, to the fen.
        if Fraction(role["max_gap"]) < gap:
            return False
        return role.get("max_amount") is None or role["max_amount"] >= shortfall

    def giveaways(self) -> None:
        """Giveaways without a campaign, with a price, or more than earned."""
        active = self.active()
        for line in active:
            if line.paid:
                continue
            if line.campaign is None:
                self.add("giveaway-without-campaign", "hold", line)
            if (line.row["unit_price"] or 0) != 0 or (line.row["amount"] or 0) != 0:
                self.add("giveaway-priced", "hold", line)
            if line.policy is None:
                continue
            group = [x for x in active if x.order == line.order and x.policy is line.policy]
            total = sum((x.quantity for x in group if not x.paid), ZERO)
            # READING: paid lines of unknown products earn (only zero price and discontinued are excepted); a line
            # is at zero price by its own unit price, or else by its amount, whether its product is known or not.
            earning = [x for x in group if x.paid and not x.discontinued and x.price != 0]
            entitled = ZERO
            if (line.policy.get("buy_qty") or 0) > 0:
                bought = sum((x.quantity for x in earning), ZERO)
                entitled = (bought // line.policy["buy_qty"]) * (line.policy.get("free_qty") or ZERO)
            if total > entitled:
                self.add("giveaway-exceeded", "hold", line, given=total, entitled=entitled)

    def giveaway_waits(self) -> None:
        """Giveaways wait while a paid line of their order and campaign is held or discontinued."""
        start, active = len(self.findings), self.active()
        for line in active:
            if line.paid or line.policy is None:
                continue
            for other in active:  # waits stand on giveaways only, so they never change whether a paid line is held
                if other.order == line.order and other.policy is line.policy and other.paid:
                    if self.held(other) or other.discontinued:
                        self.add("giveaway-waits", "hold", line)
                        break
        self.release(start)

    def finance(self) -> None:
        """Check every order of a known partner against the partner's funds."""
        if "not-in-finance" in self.not_run:
            return
        start = len(self.findings)
        accounts: dict[str, Row] = {}
        for row in self.rows("finance"):  # the latest as_of, then the first
            old = accounts.get(code(row["partner_code"]))
            if old is None or (row.get("as_of") or date.min) > (old.get("as_of") or date.min):
                accounts[code(row["partner_code"])] = row
        own: dict[tuple[str, str], str] = {}
        for row in self.rows("confirmations"):  # "a row whose confirmation is blank says nothing"
            if word(row.get("confirmation")):
                own.setdefault((code(row["order_no"]), code(row["partner_code"])), word(row["confirmation"]))
        # READING: all lines, set aside ones too, make the order's earliest date; order_no sorts in upper case; an
        # order of set aside lines only is still an order, of amount 0 ("its lines, set aside or not").
        queue = [key for key, members in self.orders.items() if members[0].partner is not None]
        queue.sort(key=lambda k: (any(self.held(x) for x in self.orders[k]), min(x.day for x in self.orders[k]), k[0]))
        left: dict[str, Decimal] = {}
        for key in queue:
            first = self.orders[key][0]
            account, partner, amount = accounts.get(key[1]), first.partner or {}, self.order_amount(key)
            said = own.get(key) or ""
            if account is None:
                self.add("not-in-finance", "hold", first)
                outcome = self.confirmed(said, first) if said else "not-in-finance"
                # READING: money confirmed for an order not in finance leaves the outcome not-in-finance.
                self.money[key] = (None, "not-in-finance" if outcome == "paid" else outcome, bool(said))
                continue
            said = said or word(account.get("confirmation"))
            debt = account.get("debt") or ZERO
            funds = (account.get("balance") or ZERO) + (account.get("received") or ZERO) - debt
            funds += partner.get("credit_limit") or ZERO
            left.setdefault(key[1], funds)
            effect = "return" if self.settings.get("auto_return", False) else "hold"
            overdue = (account.get("overdue_days") or 0) > self.settings.get("max_overdue_days", 30)
            if said:
                outcome = self.confirmed(said, first)
                if outcome == "paid":
                    left[key[1]] -= amount
            elif funds < 0 or (debt > 0 and overdue):  # READING: the funds before any order ("Funds = ...")
                outcome = "indebted"
                self.add("indebted", effect, first)
            elif amount > left[key[1]]:
                outcome = "unpaid"
                self.add("unpaid", effect, first)
            else:
                outcome = "paid"
                left[key[1]] -= amount  # READING: a negative amount (a released negative line) gives back
            self.money[key] = (funds, outcome, bool(said))
        told: set[str] = set()
        for line in self.sorted:
            account = accounts.get(line.order[1])
            if line.partner is None or account is None or line.order[1] in told:
                continue
            told.add(line.order[1])
            if (account.get("deposit") or ZERO) < (line.partner.get("required_deposit") or ZERO):
                self.add("deposit-short", "info", line)
        # READING: a release of a finance finding moves no money: the queue has already run.
        self.release(start)

    def confirmed(self, said: str, first: _Line) -> str:
        """What finance's own word means for an order."""
        if said == WORDS["no_money"]:
            self.add("unpaid", "return", first)
            return "unpaid"
        if said == WORDS["owes"]:
            self.add("indebted", "return", first)
            return "indebted"
        return "paid"

    def order_amount(self, key: tuple[str, str]) -> Decimal:
        """The order amount: its paid lines of known products that are not discontinued nor set aside."""
        # READING: without a products table no product is known, so every order amounts to 0.
        total = ZERO
        for line in self.orders[key]:
            if line.set_aside or not line.paid or line.product is None or line.discontinued:
                continue
            worths = []
            if line.row["amount"] is not None:
                worths.append(Fraction(line.row["amount"]))
            if line.row["unit_price"] is not None:
                worths.append(Fraction(line.quantity) * Fraction(line.row["unit_price"]))
            if worths:
                total += fen(max(worths))
        return total

    def spread(self) -> None:
        """With whole orders, give each line the gravest decision of its order."""
        if self.settings.get("whole", False):
            for members in self.orders.values():
                worst = gravest([self.decision(line) for line in members])
                for line in members:
                    line.given = worst

    def stock(self) -> dict[str, dict[str, Decimal]]:
        """Hand out the stock along the queue, and sum it up by product."""
        table: dict[str, dict[str, Decimal]] = {}
        names = ("ordered", "ship", "reserved", "short", "unscheduled", "left", "on_hand", "allocated", "available")
        for row in [*self.rows("products"), *self.rows("stock")]:  # "every product of the products and stock tables"
            table.setdefault(code(row["product_code"]), dict.fromkeys(names, ZERO))
        for row in self.rows("stock"):
            table[code(row["product_code"])]["on_hand"] += row["on_hand"]
            table[code(row["product_code"])]["allocated"] += row.get("allocated") or ZERO
        for entry in table.values():
            entry["available"] = entry["left"] = max(ZERO, entry["on_hand"] - entry["allocated"])
        queue: list[_Line] = []
        shorts: dict[str, Decimal] = {}
        for line in self.active():
            if line.quantity <= 0 or self.decision(line) == "return":
                continue
            if line.discontinued:
                # READING: kept where the stock rule did not run: "a quantity, no short-stock finding".
                line.short = line.quantity
            elif line.product is not None and line.partner is not None and not line.closed:
                queue.append(line)
        if "short-stock" in self.not_run:
            queue = []  # READING: then nothing is handed out and those lines are unscheduled
        # READING: a transfer given by the whole order is not held, so it queues and ships with the passing lines.
        held = {line.index for line in queue if self.decision(line) == "hold"}
        queue.sort(key=lambda x: (x.index in held, self.level(x), x.day, x.order[0]))  # stable: then source order
        for line in queue:
            entry = table[line.code]
            take = min(entry["left"], line.quantity)
            if not self.settings.get("partial", True) and take < line.quantity:
                take = ZERO
            entry["left"] -= take
            if line.index in held:
                line.reserved = take
            else:
                line.ship = take
            line.short = line.quantity - take
            if line.short > 0:
                shorts[line.code] = shorts.get(line.code, ZERO) + line.short
                line.eta = self.eta(line.code, shorts[line.code])
                self.add("short-stock", "transfer", line, short=line.short, eta=line.eta)
        for line in self.active():
            if line.code in table:  # a code in neither table has no row
                entry = table[line.code]
                entry["ordered"] += line.quantity
                entry["ship"] += line.ship
                entry["reserved"] += line.reserved
                entry["short"] += line.short
                # READING: what is neither shipped, reserved nor short is unscheduled: lines of a product unknown on
                # their date and released negative ones too, or the sum in section 5 would not close.
                entry["unscheduled"] += line.quantity - line.ship - line.reserved - line.short
        return table

    @staticmethod
    def level(line: _Line) -> int:
        """The partner's place in the queue: VIP, A, B, C, others."""
        level = code(line.partner["level"]) if line.partner is not None else ""
        return LEVELS.index(level) if level in LEVELS else len(LEVELS)

    def eta(self, product_code: str, needed: Decimal) -> date | None:
        """The earliest day by which the supply replies add up to what is needed."""
        replies = [row for row in self.rows("supply") if code(row["product_code"]) == product_code]
        total = ZERO
        for row in sorted(replies, key=lambda r: r["eta"]):
            total += row["quantity"]
            if total >= needed:
                eta: date = row["eta"]
                return eta
        return None

    # ---- releases -------------------------------------------------------------------------------------------

    def release(self, start: int) -> None:
        """Let the approval records act on the hold findings made since `start`."""
        for finding in self.findings[start:]:
            # READING: only holds can be released or sent back, so a record on an info, transfer or return finding
            # is unused. An order-level finding stands on the order's first line: a product code means that line's.
            if finding.effect != "hold" or finding.line is None:
                continue
            line = self.lines[finding.line]
            records = []
            for number, row in enumerate(self.rows("releases")):
                if code(row["order_no"]) == line.order[0] and word(row["rule"]) == finding.rule:
                    if not code(row.get("product_code")) or code(row["product_code"]) == line.code:
                        records.append(row)
                        self.used.add(number)
            back = [row for row in records if word(row["verdict"]) == WORDS["send_back"]]
            passing = [row for row in records if word(row["verdict"]) == WORDS["let_pass"]]
            by = [row for row in passing if self.authorised(row, finding)]
            if back:  # READING: the finding itself becomes a return; no release-not-authorised beside it
                finding.effect = "return"
                finding.extra["returned_by"] = back[0]["approver"]
            elif by:
                finding.effect = "info"
                finding.extra["released_by"] = by[0]["approver"]
                finding.extra["reason"] = by[0].get("reason")
            elif passing:  # READING: one per finding left on hold, however many roles tried; not itself releasable
                self.add("release-not-authorised", "hold", line, of=finding.rule)
        # READING: a line sent back stays set aside; a release frees it only if no set-aside finding still holds.
        for line in self.lines:
            line.set_aside = any(
                f.line == line.index and f.rule in ("duplicate-line", "quantity-not-positive") and f.effect != "info"
                for f in self.findings
            )

    def authorised(self, record: Row, finding: Finding) -> bool:
        """Whether the record's role is listed and covers the finding; without approvals nobody is listed."""
        listed = [row for row in self.roles if word(row["role"]) == word(record["role"])]
        if not listed:
            return False
        if finding.rule != "discount-below-floor":
            return True
        return any(self.covers(row, finding.extra["gap"], finding.extra["shortfall"]) for row in listed)

    def unused_releases(self) -> None:
        """Approval records that met no hold finding."""
        # READING: also where the rule named did not run; nothing was found for the record.
        for number, row in enumerate(self.rows("releases")):
            if number not in self.used:
                where = {name: row.get(name) for name in ("source_file", "source_sheet", "source_row")}
                self.findings.append(Finding("release-unused", "info", None, {"row": number, **where}))

    def result(self, stock: dict[str, dict[str, Decimal]]) -> Result:
        """Put the answer together; orders stand by their first line in source order."""
        lines: list[dict[str, Any]] = []
        for x in self.lines:
            lines.append({
                "decision": self.decision(x), "ship": x.ship, "reserved": x.reserved, "short": x.short,
                "eta": x.eta, "floor": x.floor, "effective": x.effective, "set_aside": x.set_aside,
            })  # fmt: skip
        orders = []
        for key, members in self.orders.items():
            funds, outcome, confirmed = self.money.get(key, (None, None, False))
            orders.append({
                "order_no": members[0].row["order_no"], "partner_code": members[0].row["partner_code"],
                "amount": self.order_amount(key), "funds": funds, "outcome": outcome, "confirmed": confirmed,
                "decision": gravest([lines[x.index]["decision"] for x in members]),
            })  # fmt: skip
        return Result(self.findings, lines, orders, stock, self.not_run)
