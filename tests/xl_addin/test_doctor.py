"""The self-check where there is no Excel, its sentences, and the commands that need Windows."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from string import Formatter

import pytest

from macros.demo import make
from workbooks.labels import raw
from xl_addin import checks, desk, doctor, excel_settings, install, manual
from xl_addin.calc import doctor as calc_doctor
from xl_addin.checks import Check
from xl_addin.cli import main
from xl_addin.doctor_facts import Facts
from xl_addin.wording import BOX

ROOT = Path(__file__).parents[2]
WINDOWS = {"excel", "settings", "interpreter", "addin", "dll", "versions", "trust", "server"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "400")  # no sentence is broken
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_all_is_well_here_but_what_only_windows_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make.run(tmp_path / "demo")
    desk.save_team_folder(tmp_path / "demo")
    assert main(["doctor", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert said.count("Only on Windows.") == len(WINDOWS)
    assert "11 kinds of tables" in said
    assert "xlwings 0." in said


def test_tables_that_only_some_formulas_ask_are_named_where_they_are_not_there(tmp_path: Path) -> None:
    make.run(tmp_path / "demo")
    shutil.rmtree(tmp_path / "demo" / "库存")
    desk.save_team_folder(tmp_path / "demo")
    check = checks.team()
    assert (check.ok, check.outcome) == (True, "some")
    assert "没有：库存表, 计划部回复。" in check.says("zh")


@pytest.mark.parametrize(
    ("settings", "outcome"),
    [
        ("", "not_set"),
        ("team_folder = '/no/such/folder'", "gone"),
        ("team_folder = 3", "broken"),
        ("team_folder = '{empty}'", "no_tables"),
    ],
)
def test_the_team_folder(
    settings: str, outcome: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", [check for check in doctor.CHECKS if check[0] == "team"])
    path = desk.desk_folder() / desk.FILE
    path.parent.mkdir(parents=True)
    path.write_text(settings.format(empty=tmp_path), encoding="utf-8")
    [check] = doctor.examine()
    assert (check.ok, check.outcome) == (False, outcome)
    assert check.do("zh")
    assert main(["doctor", "--lang", "zh"]) == 1
    assert "要处理" in capsys.readouterr().out


def test_a_check_that_fails_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> bool:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(install, "is_store_python", fails)
    monkeypatch.setattr(doctor, "CHECKS", [check for check in doctor.CHECKS if check[0] in {"python", "log"}])
    python, log = doctor.examine()
    assert (python.ok, log.ok) == (False, True)
    assert "ZeroDivisionError: a bug" in python.says("en")


class TestText:
    """What Excel's message box shows, which holds 1024 bytes of the code page."""

    def test_what_is_to_be_mended_goes_first(self) -> None:
        found = [
            Check("python", ok=True, fields={"version": "3.11", "bits": 64, "path": "p"}),
            Check("excel", ok=None, outcome="not_known", fields={"versions": "16.0"}),
            Check("team", ok=False, outcome="not_set"),
        ]
        said = checks.text(found, "zh")
        assert said.startswith("自检：有 1 项要处理。\n\n× 团队文件夹: 还没有设置团队文件夹")
        assert said.endswith("正常：Python\n\n无法判断：Excel")

    def test_all_well_is_short(self) -> None:
        assert checks.text([Check("log", ok=True, fields={"path": "p"})], "en").startswith(
            "Self-check: nothing to mend."
        )

    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_it_never_outgrows_the_box(self, lang: str) -> None:
        found = [Check("dll", ok=False, outcome="missing", fields={"path": "x" * 200})] * 12
        said = checks.text(found, "zh" if lang == "zh" else "en")
        assert BOX - 2 <= len(said.encode("gbk")) <= BOX  # every character is one of code page 936
        assert said.endswith("\n" + raw()["doctor"]["box"]["more"][lang].format(command="orderdesk doctor"))


@pytest.mark.parametrize(
    ("bits", "there", "found"),
    [
        (64, {64}, ("fine", "64")),
        (32, {64}, ("missing", "32")),  # Excel loads this one, whatever Python is
        (None, {64}, ("missing", "32")),
        (None, {32}, ("missing", "64")),
        (32, {32, 64}, ("fine", "32")),
    ],
)
def test_the_dll_of_excels_bitness_has_to_be_there(
    bits: int | None, there: set[int], found: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Facts()
    vars(facts).update(folder=tmp_path, addin_versions=("0.1", ""), activation={})
    for each in there:
        (tmp_path / install.DLL.format(bits=each, version="0.1")).touch()
    monkeypatch.setattr(excel_settings, "bits", lambda: bits)
    monkeypatch.setattr(sys, "platform", "win32")
    check = dict(doctor.CHECKS)["dll"](facts)
    assert check.outcome == found[0]
    assert f"xlwings{found[1]}-0.1.dll" in check.says("zh")


def test_an_interpreter_without_its_full_path_is_not_even_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "addin.conf").write_bytes(b"interpreter=python\r\n")
    (tmp_path / "python").touch()
    monkeypatch.chdir(tmp_path)
    facts = Facts()
    vars(facts).update(folder=tmp_path, interpreter="python", addin_versions=("0.1", ""), dll=tmp_path / "python")
    assert facts.interpreter_fault == "relative"
    assert facts.activation == {}


OUTCOMES = [
    (code, outcome, said)
    for code, section in raw()["doctor"].items()
    if code not in {"box", "common"}
    for outcome, said in section.items()
    if outcome != "name"
]


class TestSentences:
    """Every outcome has its sentence in both languages; one that is not well has its remedy."""

    @pytest.mark.parametrize(
        ("code", "outcome", "said"), OUTCOMES, ids=[f"{code}.{name}" for code, name, _ in OUTCOMES]
    )
    def test_both_languages_say_the_same(self, code: str, outcome: str, said: dict[str, str]) -> None:
        fine = outcome in {"fine", "some", "differs", "not_known", "inside", "open"}
        assert set(said) == ({"zh", "en"} if fine else {"zh", "en", "do_zh", "do_en"}), f"{code}.{outcome}"
        places = [{name for _, name, _, _ in Formatter().parse(said[lang]) if name} for lang in ("zh", "en")]
        assert places[0] - {"zh"} == places[1] - {"en"}

    def test_every_check_has_a_name_and_every_outcome_a_check(self) -> None:
        codes = dict.fromkeys(code for code, _ in (*doctor.CHECKS, *calc_doctor.CHECKS))
        assert {*codes} == {code for code in raw()["doctor"] if code not in {"box", "common"}}
        source = "".join(
            (ROOT / "xl_addin" / name).read_text(encoding="utf-8")
            for name in (
                "checks.py",
                "doctor.py",
                "doctor_facts.py",
                "conf.py",
                "excel_settings.py",
                "calc/doctor.py",
            )
        )
        assert not [outcome for _, outcome, _ in OUTCOMES if not re.search(rf'"{outcome}"', source)]


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_the_add_in_is_for_windows(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--lang", "zh"]) == 2
    assert "只能装在 Windows 上" in capsys.readouterr().err
    assert not desk.desk_folder().exists()


def test_uninstall_removes_every_file_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, entry = desk.desk_folder(), r"HKCU\Software\OPEN1"
    manual.publish(folder)
    names = ["addin.conf", "desk.toml", "xlwings64-0.1.dll"]
    for name in names:
        (folder / name).touch()
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.setattr(excel_settings, "is_running", lambda: False)
    monkeypatch.setattr(excel_settings, "unregister", lambda _addin: [entry])
    monkeypatch.setattr(sys, "platform", "win32")
    for there in ([*names, *(path.name for path in manual.pages(folder))], []):  # then the entry alone
        assert main(["uninstall", "--lang", "en"]) == 0
        assert not folder.exists()
        said = capsys.readouterr().out.splitlines()
        assert set(said[:-1]) == {f"Removed: {place}" for place in (entry, *(folder / name for name in there))}


def test_build_says_where_the_add_in_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--out", str(tmp_path / "out"), "--lang", "en"]) == 0
    [built] = (tmp_path / "out").iterdir()
    assert capsys.readouterr().out == f"Built the add-in: {built}\n"


def test_a_mark_of_the_internet_is_seen_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlam"
    path.touch()
    assert not install.is_blocked(path)
    zone = tmp_path / "a.xlam:Zone.Identifier"  # a stream there, a file here
    zone.write_text("[ZoneTransfer]\nZoneId=3\n", encoding="utf-8")
    assert install.is_blocked(path)
    install.unblock(path)
    assert not zone.exists()
    install.unblock(path)
