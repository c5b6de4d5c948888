"""The command line: exit codes, sentences, languages; what stands in the way is said, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from macros.demo import make
from xl_addin.cli import default_lang, main

DAY = "2026-11-21"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("team") / "demo"
    make.run(folder)
    return folder


@pytest.fixture
def team(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "team"))


@pytest.fixture
def small(team: Path) -> Path:
    """Return a copy of the demo with one region's orders alone: what is said of 50 lines is said of 500."""
    for path in (team / "区域订单" / DAY).iterdir():
        if path.name != "东北大区.xlsx":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(team / "KASP")
    return team


def nightly(folder: Path, lang: str = "zh") -> int:
    return main(["nightly", str(folder), "--date", DAY, "--lang", lang])


def remove_table(team: Path, name: str) -> None:
    [path] = list(team.rglob(name))
    path.unlink()


class TestNightly:
    def test_says_what_it_found_and_where_the_result_is(self, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert nightly(team) == 0
        said = capsys.readouterr().out
        result = team / "输出" / DAY / f"审单结果_{DAY}.xlsx"
        assert result.is_file()
        assert str(result) in said
        assert "控制总数：PASS" in said
        assert "通过 455　转出 25　待批 62　退回 13" in said

    def test_speaks_english_too(self, small: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert nightly(small, "en") == 0
        assert "pass 43  transfer 0  hold 10  return 0" in capsys.readouterr().out

    def test_no_folder(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert nightly(tmp_path / "nowhere") == 2
        assert f"没有找到团队文件夹：{tmp_path / 'nowhere'}" in capsys.readouterr().err

    def test_no_folder_for_the_day_names_the_days_there_are(
        self, team: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["nightly", str(team), "--date", "2026-11-22", "--lang", "zh"]) == 2
        said = capsys.readouterr().err
        assert "2026-11-22" in said
        assert DAY in said
        assert not (team / "输出").exists()

    def test_no_orders(self, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
        shutil.rmtree(team / "区域订单" / DAY)
        (team / "区域订单" / DAY).mkdir()
        assert nightly(team) == 2
        assert "订单文件夹是空的" in capsys.readouterr().err

    def test_no_sheet_with_orders_names_what_was_found(self, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
        inbox = team / "区域订单" / DAY
        shutil.rmtree(inbox)
        inbox.mkdir()
        (inbox / "华东.csv").write_text("订单号,合作商编码,产品编码\nA1,P1,X1\n", encoding="utf-8")
        assert nightly(team) == 2
        said = capsys.readouterr().err
        assert "最接近的是“区域订单”，缺少：数量" in said
        assert not (team / "输出" / DAY).exists()

    def test_a_missing_reference_table(self, small: Path, capsys: pytest.CaptureFixture[str]) -> None:
        shutil.rmtree(small / "库存")
        assert nightly(small) == 0
        said = capsys.readouterr().out
        assert "未运行的规则：缺货（缺少：库存表）" in said

    def test_an_unknown_setting_names_the_closest(self, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (team / "orderdesk.toml").write_text("[stock]\npartail = false\n", encoding="utf-8")
        assert nightly(team) == 2
        said = capsys.readouterr().err
        assert "“stock.partail”不是一项设置" in said
        assert "stock.partial" in said
        assert not (team / "输出").exists()

    def test_two_workbooks_of_the_same_name_are_both_read(
        self, small: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        inbox = small / "区域订单" / DAY
        (inbox / "补单").mkdir()
        (inbox / "补单" / "东北大区.xlsx").write_bytes((inbox / "东北大区.xlsx").read_bytes())
        assert nightly(small) == 0
        said = capsys.readouterr().out
        assert "来自 2 个文件" in said
        assert "补单/东北大区.xlsx: 与 东北大区.xlsx 同名，两个文件都已读取" in said
        record = json.loads((small / "输出" / DAY / "运行记录.json").read_text(encoding="utf-8"))
        assert {"东北大区.xlsx", "补单/东北大区.xlsx"} <= {source["name"] for source in record["inputs"]}
        assert (small / "输出" / DAY / "原始表格" / "补单" / "东北大区.xlsx").is_file()

    def test_an_unwritable_output(self, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (team / "输出").write_text("in the way", encoding="utf-8")  # root may write anywhere, but not below a file
        assert nightly(team) == 2
        assert "写不了输出文件夹" in capsys.readouterr().err
        assert (team / "输出").read_text(encoding="utf-8") == "in the way"

    def test_a_file_that_cannot_be_read_is_named(self, small: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (small / "区域订单" / DAY / "坏.xlsx").write_bytes(b"PK\x03\x04 and nothing after it")
        assert nightly(small) == 1
        said = capsys.readouterr().out
        assert "读不了的文件 1 个：坏.xlsx" in said
        assert "53 行订单" in said


class TestPackaging:
    def test_says_what_is_open_per_site_and_where_the_result_is(
        self, team: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["packaging", str(team), "--date", DAY, "--lang", "zh"]) == 0
        said = capsys.readouterr().out
        result = team / "输出" / DAY / f"KASP包材汇总_{DAY}.xlsx"
        assert result.is_file()
        assert f"结果：{result}" in said
        assert "34 行包材申请（33 张），未接收 0 行；未发 3,790 件，待批 110 件，异常 7 条" in said
        assert "控制总数：PASS" in said
        assert [line.split()[:3] for line in said.splitlines() if "基地" in line][1:] == [
            ["广州基地", "1,065", "90"], ["湖州基地", "2,175", "20"], ["苏州基地", "50", "0"],
        ]  # fmt: skip

    def test_speaks_english_and_says_what_did_not_run_and_what_was_kept(
        self, team: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shutil.rmtree(team / "基础资料")
        (team / "KASP" / "x.xlsx").write_bytes(b"PK")
        result = team / "输出" / DAY / f"KASP包材汇总_{DAY}.xlsx"
        result.parent.mkdir(parents=True)
        result.write_bytes(b"mine")
        assert main(["packaging", str(team), "--date", DAY, "--lang", "en"]) == 1
        said = capsys.readouterr().out
        assert "3,790 pieces to ship, 110 to be approved, 6 findings" in said
        assert "Rules that did not run: Unknown partner" in said
        assert "1 files could not be read: KASP/x.xlsx" in said
        assert f"is kept in {result.with_stem(result.stem + '_1')}" in said

    def test_no_requests(self, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
        shutil.rmtree(team / "KASP")
        assert main(["packaging", str(team), "--lang", "zh"]) == 2
        assert "没有包材申请表" in capsys.readouterr().err
        assert not (team / "输出").exists()


class TestInvoices:
    def test_says_what_each_partner_is_billed_and_where_the_files_are(
        self, team: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["invoices", str(team), "--date", DAY, "--lang", "zh"]) == 0
        said = capsys.readouterr().out
        folder = team / "输出" / DAY
        assert f"导入表：{folder / f'数电票导入_{DAY}.xlsx'}" in said
        assert f"结果：{folder / f'开票汇总_{DAY}.xlsx'}" in said
        assert "24 条开票申请，未接收 0 行；可开 468,128.92 元（96 行）：进导入表 252,497.84 元（11 张发票）" in said
        assert "控制总数：PASS" in said
        assert [line.split() for line in said.splitlines() if "HD-004" in line] == [
            ["HD-004", "29,184.00", "29,184.00", "0.00", "未进导入表", "缺账号"],
        ]

    def test_speaks_english_and_says_what_did_not_run_and_what_was_kept(
        self, team: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shutil.rmtree(team / "基础资料")
        (team / "KASP" / "x.xlsx").write_bytes(b"PK")
        result = team / "输出" / DAY / f"开票汇总_{DAY}.xlsx"
        result.parent.mkdir(parents=True)
        result.write_bytes(b"mine")
        assert main(["invoices", str(team), "--date", DAY, "--lang", "en"]) == 1
        said = capsys.readouterr().out
        assert "Rules that did not run: Invoice data missing, Tax number not valid" in said.replace("、", ", ")
        assert "Unknown partner" in said
        assert "1 files could not be read: KASP/x.xlsx" in said
        assert "No request can go into the form; none was written." in said
        assert f"is kept in {result.with_stem(result.stem + '_1')}" in said

    def test_no_requests(self, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
        shutil.rmtree(team / "KASP")
        assert main(["invoices", str(team), "--date", DAY, "--lang", "zh"]) == 2
        assert "没有开票申请表" in capsys.readouterr().err
        assert not (team / "输出").exists()


class TestCheck:
    def test_prints_the_findings_of_one_workbook(
        self, team: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "300")
        assert main(["check", str(team / "区域订单" / DAY / "东北大区.xlsx"), "--lang", "zh"]) == 0
        said = capsys.readouterr().out
        assert "东北大区.xlsx：53 行" in said
        assert "合作商 DB-005" in said
        assert "下周一" in said
        assert "以夜间审单为准" in said
        assert not (team / "输出").exists()

    def test_without_a_team_folder_says_what_it_could_not_check(
        self, team: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        alone = tmp_path / "alone.xlsx"
        shutil.copy(team / "区域订单" / DAY / "东北大区.xlsx", alone)
        assert main(["check", str(alone), "--date", DAY, "--lang", "zh"]) == 0
        assert "没有找到团队文件夹" in capsys.readouterr().out

    def test_no_such_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", str(tmp_path / "no.xlsx"), "--lang", "zh"]) == 2
        assert "没有找到文件" in capsys.readouterr().err

    def test_a_file_without_orders(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
        assert main(["check", str(tmp_path / "x.csv"), "--lang", "en"]) == 2
        assert "No sheet in" in capsys.readouterr().err


class TestDemoAndInit:
    def test_the_demo_may_be_made_again(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["demo", str(tmp_path / "demo"), "--lang", "en"]) == 0
        first = (tmp_path / "demo" / "输出" / DAY / f"审单结果_{DAY}.xlsx").read_bytes()
        assert main(["demo", str(tmp_path / "demo"), "--lang", "en"]) == 0
        assert (tmp_path / "demo" / "输出" / DAY / f"审单结果_{DAY}.xlsx").read_bytes() == first
        assert "Made the demo day 2026-11-21: 22 files" in capsys.readouterr().out

    def test_the_demo_never_touches_a_folder_that_holds_anything_else(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "letter.txt").write_text("dear all", encoding="utf-8")
        assert main(["demo", str(tmp_path), "--lang", "en"]) == 2
        assert "letter.txt" in capsys.readouterr().err
        assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]

    def test_init_says_what_to_do_next(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["init", str(tmp_path / "team"), "--lang", "zh"]) == 0
        said = capsys.readouterr().out
        assert "模板/区域订单.xlsx" in said
        assert "下一步" in said


class TestDoor:
    def test_help_imports_nothing_heavy(self) -> None:
        code = "import sys, xl_addin.cli as cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\n"
        code += "print(sorted({'pandas', 'numpy', 'pyarrow', 'rich', 'xlsxwriter'} & set(sys.modules)))"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout.endswith("[]\n")
        assert "exit codes:" in run.stdout

    def test_a_bad_date_is_a_usage_error(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(["nightly", str(tmp_path), "--date", "21.11.2026"])
        assert stopped.value.code == 2
        assert "21.11.2026" in capsys.readouterr().err

    def test_a_bug_is_logged_and_the_log_named(
        self, team: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_args: object, **_options: object) -> None:
            raise ZeroDivisionError("a bug")

        monkeypatch.setattr("macros.nightly.run", fails)
        monkeypatch.setenv("HOME", str(team))  # where the log goes
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        assert nightly(team) == 2
        said = capsys.readouterr().err
        assert "程序出错了" in said
        assert "ZeroDivisionError: a bug" in Path(said.split("记在 ")[1].split("，")[0]).read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("locale", "lang"),
        [("zh_CN.UTF-8", "zh"), ("en_US.UTF-8", "en"), ("de_DE", "en"), ("Chinese (Simplified)_China", "zh")],
    )
    def test_the_language_comes_from_the_locale(self, locale: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LANG", locale)
        assert os.environ["LANG"] == locale
        assert default_lang() == lang


class TestAlerts:
    def test_a_workbook_without_a_recognised_sheet_is_called_out(
        self, small: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (small / "区域订单" / DAY / "海外.csv").write_text("订单号,客户编号,件数\nA1,P1,5\n", encoding="utf-8")
        assert nightly(small) == 0
        assert "有 1 个文件没有认出订单表，其中的行没有进入审单：海外.csv" in capsys.readouterr().out

    def test_a_reference_row_that_does_not_count_is_called_out(
        self, small: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (small / "库存" / "补.csv").write_text("产品编码,现存量\n010001,没有\n", encoding="utf-8")
        assert nightly(small) == 0
        assert "参考表里有未接收的行：库存表 1 行" in capsys.readouterr().out

    def test_check_says_why_a_file_cannot_be_read(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "x.xlsx").write_bytes(b"")
        assert main(["check", str(tmp_path / "x.xlsx"), "--lang", "en"]) == 2
        assert "x.xlsx cannot be read: The file has no content" in capsys.readouterr().err

    def test_check_lists_one_below_the_other_in_a_narrow_window(
        self, team: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "80")
        assert main(["--lang", "zh", "check", str(team / "区域订单" / DAY / "东北大区.xlsx")]) == 0
        assert "辽宁 · 16 · 待批 · 活动不适用 · DB-0003 · 010001\n    活动 HD2611-05 不适用" in capsys.readouterr().out
