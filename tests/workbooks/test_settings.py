"""orderdesk.toml (domain.md §1, §3): all settings have defaults, and a slip is told with the closest right name."""

import dataclasses
import hashlib
import tomllib
from pathlib import Path

import pytest

from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.reading.recognise import Match, Recogniser
from workbooks.schema import Policy
from workbooks.settings import FILE, Settings, read_form, read_settings, settings_text


def written(folder: Path, text: str | bytes) -> Settings:
    (folder / FILE).write_bytes(text.encode() if isinstance(text, str) else text)
    return read_settings(folder)


def refused(folder: Path, text: str | bytes) -> WorkbookError:
    with pytest.raises(WorkbookError) as raised:
        written(folder, text)
    assert raised.value.fields["path"] == folder / FILE
    for lang in ("zh", "en"):
        assert str(folder / FILE) in labels(lang).message(raised.value.code, **raised.value.fields)
    return raised.value


def test_the_defaults_are_the_contracts() -> None:
    assert Settings() == Settings(Policy(whole=False, partial=True, auto_return=False, max_overdue_days=30), {}, "")


def test_a_folder_without_settings_has_the_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings()


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "[orders]\n", "[aliases]\n", "[aliases.orders]\n", "\ufeff[stock]\n"]
)
def test_a_file_that_sets_nothing_has_the_defaults(tmp_path: Path, text: str) -> None:
    settings = written(tmp_path, text)
    assert settings == Settings(sha256=hashlib.sha256(text.encode()).hexdigest())


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("[orders]\nwhole = true", Policy(whole=True)),
        ("[orders]\nwhole = false", Policy()),
        ("[stock]\npartial = false", Policy(partial=False)),
        ("[finance]\nauto_return = true", Policy(auto_return=True)),
        ("[finance]\nmax_overdue_days = 0", Policy(max_overdue_days=0)),
        ("[finance]\nmax_overdue_days = 45\nauto_return = true", Policy(auto_return=True, max_overdue_days=45)),
        ("stock.partial = false\norders.whole = true", Policy(whole=True, partial=False)),
    ],
)
def test_every_setting(tmp_path: Path, text: str, policy: Policy) -> None:
    assert written(tmp_path, text).policy == policy


@pytest.mark.parametrize(
    ("text", "name", "closest"),
    [
        ("[fnance]\nauto_return = true", "fnance", "finance"),  # a section
        ("[order]\nwhole = true", "order", "orders"),
        ("[Stock]\npartial = true", "Stock", "stock"),
        ("[alias.orders]\nquantity = '件数'", "alias", "aliases"),
        ("whole = true", "whole", "orders.whole"),  # outside its section
        ("[orders]\nhole = true", "orders.hole", "orders.whole"),  # a setting
        ("[stock]\nwhole = true", "stock.whole", "orders.whole"),  # in another section
        ("[finance]\nmax_overdue_day = 20", "finance.max_overdue_day", "finance.max_overdue_days"),
        ("[finance]\nautoreturn = true", "finance.autoreturn", "finance.auto_return"),
        ("[aliases.order]\nquantity = '件数'", "aliases.order", "aliases.orders"),  # a kind
        ("[aliases.'区域订']\nquantity = '件数'", "aliases.区域订", "aliases.区域订单"),
        ("[aliases.orders]\nquantty = '件数'", "aliases.orders.quantty", "aliases.orders.quantity"),  # a column
        ("[aliases.orders]\n'订单' = '件数'", "aliases.orders.订单", "aliases.orders.订单号"),
        ("[aliases.stock]\nquantity = '件数'", "aliases.stock.quantity", "aliases.stock.in_transit"),
    ],
)
def test_an_unknown_name_is_told_with_the_closest(tmp_path: Path, text: str, name: str, closest: str) -> None:
    error = refused(tmp_path, text)
    assert (error.code, error.fields["name"]) == ("unknown-setting", name)
    assert error.fields["closest"] == closest or name == "aliases.stock.quantity"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[orders]\nwhole = 1", "orders.whole"),
        ("[orders]\nwhole = 'true'", "orders.whole"),
        ("[stock]\npartial = 0", "stock.partial"),
        ("[stock]\npartial = []", "stock.partial"),
        ("[finance]\nmax_overdue_days = true", "finance.max_overdue_days"),  # a bool is an int to Python alone
        ("[finance]\nmax_overdue_days = false", "finance.max_overdue_days"),
        ("[finance]\nmax_overdue_days = '30'", "finance.max_overdue_days"),
        ("[finance]\nmax_overdue_days = 30.0", "finance.max_overdue_days"),
        ("[finance]\nmax_overdue_days = -1", "finance.max_overdue_days"),
        ("[finance]\nmax_overdue_days = 2026-11-21", "finance.max_overdue_days"),
        ("[aliases.orders]\nquantity = 5", "aliases.orders.quantity"),
        ("[aliases.orders]\nquantity = ['件数', 5]", "aliases.orders.quantity"),
        ("[aliases.orders]\nquantity = ['  ']", "aliases.orders.quantity"),
        ("[aliases.orders]\nquantity = ''", "aliases.orders.quantity"),
        ("[aliases.orders]\nquantity = {a = '件数'}", "aliases.orders.quantity"),
        ("orders = true", "orders"),  # where a section should stand
        ("finance = 30", "finance"),
        ("[[stock]]\npartial = true", "stock"),
        ("aliases = '件数'", "aliases"),
        ("[aliases]\norders = '件数'", "aliases.orders"),
    ],
)
def test_a_value_of_the_wrong_type_is_told(tmp_path: Path, text: str, name: str) -> None:
    error = refused(tmp_path, text)
    assert (error.code, error.fields["name"]) == ("bad-setting", name)
    assert error.fields["wanted"]


@pytest.mark.parametrize(
    "text", ["[orders", "orders whole", "[orders]\nwhole = True", "a = 1\na = 2", "# 设置".encode("gb18030")]
)
def test_what_is_no_toml_is_told(tmp_path: Path, text: str | bytes) -> None:
    assert refused(tmp_path, text).code == "settings-not-toml"


def test_settings_that_cannot_be_opened_are_told(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(WorkbookError) as raised:
        read_settings(tmp_path)
    assert (raised.value.code, raised.value.fields["path"]) == ("unreadable-settings", tmp_path / FILE)


# ---------------------------------------------------------------- aliases


@pytest.mark.parametrize(
    "text",
    [
        "[aliases.orders]\nquantity = ['件数', 'pieces']",
        "[aliases.orders]\n'数量' = ['件数', 'pieces']",
        "[aliases.'区域订单']\nquantity = ['件数', 'pieces']",
        "[aliases.'区域订单']\n'数量' = ['件数', 'pieces']",
        "aliases.orders.quantity = ['件数', 'pieces']",
        "[aliases.orders]\nquantity = '件数'\n'数量' = 'pieces'",
        "[aliases.orders]\nquantity = '件数'\n[aliases.'区域订单']\n'数量' = ['pieces']",
    ],
)
def test_aliases_by_english_and_chinese_names(tmp_path: Path, text: str) -> None:
    assert written(tmp_path, text).aliases == {"orders": {"quantity": ("件数", "pieces")}}


def test_one_alias_needs_no_list_and_none_is_none(tmp_path: Path) -> None:
    settings = written(tmp_path, "[aliases.stock]\non_hand = '当前库存'\nallocated = []")
    assert settings.aliases == {"stock": {"on_hand": ("当前库存",), "allocated": ()}}
    assert settings.policy == Policy()


def test_aliases_are_what_recognising_takes(tmp_path: Path) -> None:
    settings = written(tmp_path, "[aliases.'库存表']\n'现存量' = ['当前库存']")
    found = Recogniser(settings.aliases).recognise([["产品编码", "当前库存（支）"]])
    assert found == Match("stock", 0, {"product_code": 0, "on_hand": 1})


# ---------------------------------------------------------------- the file that init writes


def test_the_written_settings_are_the_defaults(tmp_path: Path) -> None:
    settings = written(tmp_path, settings_text())
    assert (settings.policy, settings.aliases) == (Policy(), {})


def test_every_setting_is_written_and_explained() -> None:
    text = settings_text()
    parsed = tomllib.loads(text)
    lines = text.split("\n")
    for setting in dataclasses.fields(Policy):
        assert parsed[setting.metadata["section"]][setting.name] == setting.default
        at = next(place for place, line in enumerate(lines) if line.startswith(f"{setting.name} ="))
        assert lines[at - 1].startswith("# ")


def test_the_example_of_aliases_works_once_its_marks_are_removed(tmp_path: Path) -> None:
    head, _, example = settings_text().partition("# [aliases.")
    lines = [line.removeprefix("# ").removeprefix("#") for line in f"# [aliases.{example}".split("\n")]
    aliases = written(tmp_path, head + "\n".join(lines)).aliases
    named = [f"{kind}.{name}" for kind, columns in aliases.items() for name in columns]
    assert named == ["orders.order_no", "orders.quantity", "stock.on_hand"]


def test_an_alias_that_is_another_columns_heading_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orderdesk.toml").write_text('[aliases.orders]\nquantity = ["单价"]\n', encoding="utf-8")
    with pytest.raises(WorkbookError) as refused:
        read_settings(tmp_path)
    assert refused.value.code == "alias-taken"
    assert refused.value.fields["other"] == "单价"


def test_the_production_sites_that_packaging_may_come_from(tmp_path: Path) -> None:
    assert written(tmp_path, '[packaging]\nbases = ["广州基地", "湖州基地"]').bases == ("广州基地", "湖州基地")
    assert written(tmp_path, "[packaging]\n").bases == ()
    for value in ('"广州基地"', "[1]", '[" "]', "true"):
        assert refused(tmp_path, f"[packaging]\nbases = {value}").code == "bad-setting"
    assert refused(tmp_path, "packaging = 1").code == "bad-setting"
    told = refused(tmp_path, "[packaging]\nbase = []")
    assert (told.code, told.fields["closest"]) == ("unknown-setting", "packaging.bases")


def test_how_invoices_are_made(tmp_path: Path) -> None:
    settings = written(tmp_path, '[invoice]\nform = " 模板/税局.xlsx "\ngiveaways = "omit"')
    assert (settings.form, settings.giveaways) == ("模板/税局.xlsx", "omit")
    settings = written(tmp_path, "[invoice]\n")
    assert (settings.form, settings.giveaways) == ("", "discount")
    for line in ("form = 1", 'giveaways = "free"', "giveaways = true"):
        assert refused(tmp_path, f"[invoice]\n{line}").code == "bad-setting"
    assert refused(tmp_path, "invoice = 1").code == "bad-setting"
    told = refused(tmp_path, '[invoice]\nforms = ""')
    assert (told.code, told.fields["closest"]) == ("unknown-setting", "invoice.form")


def test_the_bureaus_form_is_read_from_where_the_settings_say(tmp_path: Path) -> None:
    assert read_form(tmp_path, Settings()) is None
    (tmp_path / "x.xlsx").write_bytes(b"form")
    assert read_form(tmp_path, Settings(form="x.xlsx")) == b"form"
    for name, code in (("y.xlsx", "no-form"), (".", "unreadable-form")):
        with pytest.raises(WorkbookError) as told:
            read_form(tmp_path, Settings(form=name))
        assert told.value.code == code


def test_the_settings_file_names_the_sites_that_it_is_given(tmp_path: Path) -> None:
    assert written(tmp_path, settings_text()).bases == ()
    assert written(tmp_path, settings_text(["广州基地", "湖州基地"])).bases == ("广州基地", "湖州基地")
