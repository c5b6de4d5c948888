"""The extension put into a real LibreOffice of a user of its own, looked at, and taken out, by the command line."""

from __future__ import annotations

import io
import os
import shutil
import sys
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import MagicMock, Mock, call

import pytest

from macros.runs import program_version
from tests.calc_desk import environment, skip_without_calc
from workbooks.errors import WorkbookError
from workbooks.labels import Lang, labels, raw
from xl_addin import desk, manual
from xl_addin.calc import doctor, install, office
from xl_addin.checks import Check
from xl_addin.cli import main

LANGS: tuple[Lang, ...] = ("zh", "en")
EXTENSION = labels().files["extension"]
MARKS = ("state_fine", "state_bad", "state_unknown")
LEFT_BEHIND = {  # by a LibreOffice that has crashed
    "script.xlb": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false">
 <library:element library:name="OrderDesk"/>
 <library:element library:name="Mine"/>
</library:library>
""",
    "OrderDesk.xba": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="OrderDesk" script:language="StarBasic"
 script:moduleType="normal">REM left behind</script:module>
""",
    "Mine.xba": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Mine" script:language="StarBasic"
 script:moduleType="normal">REM my own macro</script:module>
""",
}


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    def state(self, check: str, lang: Lang = "zh") -> str:
        """Return how the doctor's table found a check: fine, bad or unknown."""
        name = raw()["doctor"][check]["name"][lang]
        [row] = [line for line in self.out.splitlines() if line.strip().startswith(f"{name}  ")]
        after = row.strip().removeprefix(name).split()[0]
        [mark] = [mark for mark in MARKS if raw()["doctor"]["box"][mark][lang] == after]
        return mark.removeprefix("state_")


def run(command: str, *given: str, lang: Lang = "zh") -> Said:
    """Run a command for LibreOffice."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main([command, "--host", "libreoffice", "--lang", lang, *given])
    return Said(code, out.getvalue(), err.getvalue())


def live_in(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Let a folder be the user's home; lines of a table are not broken. Our Python is first on the path."""
    activated = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    for name, value in {**environment(home), "COLUMNS": "500", "PATH": activated}.items():
        patch.setenv(name, value)


@pytest.fixture(scope="module", autouse=True)
def _with_calc() -> None:
    skip_without_calc()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """Install for a new user, without a team folder; return the home and what was said. Nobody writes there again."""
    home = tmp_path_factory.mktemp("install") / "新用户 的家"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        live_in(home, patch)
        said = run("install")
    return home, said


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of a user who has nothing."""
    live_in(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def home(first: tuple[Path, Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of a user who has the extension, a copy to be changed."""
    copy = Path(shutil.copytree(first[0], tmp_path / "home"))
    live_in(copy, monkeypatch)
    return copy


def descriptions() -> list[Path]:
    """Return the description.xml of every extension in the user's profile."""
    return list(office.user_profile().glob("user/uno_packages/cache/uno_packages/*/*.oxt/description.xml"))


def conf() -> Path:
    return desk.desk_folder() / install.CONF


def older(description: Path) -> None:
    """Let an extension be of an older version."""
    text = description.read_text(encoding="utf-8")
    description.write_text(text.replace(f'version value="{program_version()}"', 'version value="0.0.9"'), "utf-8")


def look(check: str) -> Check:
    """Make one check of the doctor."""
    return dict(doctor.CHECKS)[check](doctor.Facts())


# ---------------------------------------------------------------- install


def test_install_puts_it_into_the_profile_and_says_what_is_still_to_do(
    first: tuple[Path, Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, said = first
    live_in(place, monkeypatch)
    assert said.err == ""
    assert said.out.startswith(labels("zh").message("calc-made", name=EXTENSION))
    assert conf().read_text(encoding="utf-8") == f"packages={install.packages()}\n"
    assert [path.parent.name for path in descriptions()] == [EXTENSION]
    states = {code: said.state(code) for code, _ in doctor.CHECKS}
    assert states == dict.fromkeys(states, "fine") | {"team": "bad"}
    assert raw()["doctor"]["team"]["not_set"]["do_zh"] in said.out
    assert said.code == 1
    assert not (desk.desk_folder() / install.ERRORS).exists()
    assert not (desk.desk_folder() / desk.FILE).exists()


def test_installed_again_with_a_team_folder_it_is_there_once_and_all_is_well(home: Path, team: Path) -> None:
    before, [description] = conf().read_bytes(), descriptions()
    described = description.read_bytes()
    older(description)  # LibreOffice keeps what was there until it starts anew
    said = run("install", "--team", str(team), lang="en")
    assert {code: said.state(code, "en") for code, _ in doctor.CHECKS} == dict.fromkeys(dict(doctor.CHECKS), "fine")
    assert (said.code, said.err) == (0, "")
    assert conf().read_bytes() == before
    [again] = descriptions()
    assert again.read_bytes() == described
    assert desk.read_desk().team_folder == team
    assert home in conf().parents


@pytest.mark.parametrize("command", ["install", "uninstall"])
@pytest.mark.parametrize("lang", LANGS)
def test_while_libreoffice_is_open_nothing_is_done(home: Path, command: str, lang: Lang) -> None:
    lock = office.user_profile() / ".lock"
    lock.touch()
    conf().write_text("as it was", encoding="utf-8")
    said = run(command, *(("--team", str(home)) if command == "install" else ()), lang=lang)
    assert (said.code, said.out) == (2, "")
    assert said.err == labels(lang).message("calc-open", path=lock) + "\n"
    assert conf().read_text(encoding="utf-8") == "as it was"
    assert desk.read_desk().team_folder is None
    assert look("calc_answer").outcome == "open"


@pytest.mark.parametrize("lang", LANGS)
def test_another_python_is_refused_and_named(new: Path, monkeypatch: pytest.MonkeyPatch, lang: Lang) -> None:
    monkeypatch.setattr(office, "python_version", lambda _program: (3, 9))
    own = ".".join(map(str, sys.version_info[:2]))
    said = run("install", lang=lang)
    assert (said.code, said.out) == (2, "")
    assert said.err == labels(lang).message("calc-other-python", theirs="3.9", own=own, path=sys.executable) + "\n"
    check = look("calc_python")
    assert (check.ok, check.outcome) == (False, "other_version")
    assert "3.9" in check.do(lang)
    assert list(new.rglob("*.conf")) == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_libreoffice_without_python_is_refused(new: Path, monkeypatch: pytest.MonkeyPatch, lang: Lang) -> None:
    monkeypatch.setattr(office, "python_version", lambda _program: None)
    said = run("install", lang=lang)
    assert (said.code, said.out) == (2, "")
    assert said.err == labels(lang).message("no-uno", detail=office.program_folder()) + "\n"
    assert (look("calc_python").ok, look("calc_python").outcome) == (False, "missing")
    assert list(new.rglob("*.conf")) == []


@pytest.mark.parametrize("lang", LANGS)
def test_without_libreoffice_it_is_said_and_nothing_else_is_looked_at(
    new: Path, monkeypatch: pytest.MonkeyPatch, lang: Lang
) -> None:
    def nowhere() -> Path:
        raise WorkbookError("no-calc")

    monkeypatch.setattr(office, "program_folder", nowhere)
    said = run("install", lang=lang)
    assert (said.code, said.out) == (2, "")
    assert said.err == labels(lang).message("no-calc") + "\n"
    found = run("doctor", lang=lang)
    assert (found.code, found.err) == (1, "")
    assert found.state("calc_office", lang) == "bad"
    assert found.state("calc_python", lang) == found.state("calc_answer", lang) == "unknown"
    assert list(new.rglob("*.conf")) == []


@pytest.mark.parametrize(("error", "given"), [("C++ code threw St9bad_alloc: std::bad_alloc", 2), ("no space", 1)])
@pytest.mark.usefixtures("new")
def test_a_libreoffice_that_stumbles_at_its_first_start_is_started_once_more(
    error: str, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, running = Mock(), MagicMock()
    manager.getDeployedExtensions.return_value = ()
    manager.addExtension.side_effect = [RuntimeError(error), None]
    running.return_value.__exit__.return_value = False
    monkeypatch.setattr(office, "Running", running)
    monkeypatch.setattr(install, "_manager", lambda _context: manager)
    monkeypatch.setattr(install, "_consent", lambda: None)
    with pytest.raises(RuntimeError, match=error) if given == 1 else nullcontext():
        assert install.install() == EXTENSION
    assert manager.addExtension.call_count == given
    assert running.call_args_list == [call(office.user_profile())] * given


# ---------------------------------------------------------------- doctor


def test_doctor_finds_an_extension_of_another_version(home: Path) -> None:
    [description] = descriptions()
    assert (look("calc_extension").ok, home in description.parents) == (True, True)
    older(description)
    check = look("calc_extension")
    assert (check.ok, check.outcome) == (False, "old")
    assert "0.0.9" in check.says("zh")
    assert "orderdesk install --host libreoffice" in check.do("zh")


def test_doctor_takes_no_notice_of_what_libreoffice_has_yet_to_delete(home: Path) -> None:
    [description] = descriptions()
    for number in range(9):  # in whatever order they are found, an older one goes first
        stale = description.parents[2] / f"lu{number}0.tmp_"
        shutil.copytree(description.parents[1], stale)
        older(stale / EXTENSION / description.name)
    assert len(descriptions()) == 10
    check = look("calc_extension")
    assert (check.outcome, home in description.parents) == ("fine", True)


def test_doctor_finds_packages_that_are_gone_or_of_another_environment(home: Path) -> None:
    conf().write_text(f"packages={home / 'gone'}\n", encoding="utf-8")
    assert (look("calc_settings").outcome, str(home / "gone") in look("calc_settings").says("en")) == ("gone", True)
    (home / "gone").mkdir()
    assert look("calc_settings").outcome == "other"
    conf().unlink()
    assert look("calc_settings").outcome == "missing"


@pytest.mark.parametrize("lang", LANGS)
def test_doctor_says_a_new_user_what_to_do(new: Path, lang: Lang) -> None:
    said = run("doctor", lang=lang)
    assert (said.code, said.err) == (1, "")
    states = {code: said.state(code, lang) for code, _ in doctor.CHECKS}
    assert states == {
        "python": "fine", "calc_office": "fine", "calc_python": "fine", "calc_settings": "bad", "calc_extension": "bad",
        "calc_answer": "unknown", "team": "bad", "log": "fine",
    }  # fmt: skip
    assert raw()["doctor"]["calc_settings"]["missing"][f"do_{lang}"] in said.out
    remedies = [check.do(lang) for check in map(look, states) if check.ok is False]
    assert [text for text in remedies if text not in said.out] == []
    assert [text for text in remedies if "orderdesk install" in text and "--host libreoffice" not in text] == []
    assert not office.user_profile().exists()  # looking makes nothing
    assert list(new.rglob("*.conf")) == []


# ---------------------------------------------------------------- uninstall


def test_uninstall_takes_all_out_and_leaves_the_users_own(home: Path, team: Path) -> None:
    desk.save_team_folder(team)
    macros = office.user_profile() / "user" / "basic" / "Standard"
    assert "OrderDesk" not in (macros / "script.xlb").read_text(encoding="utf-8")
    for name, text in LEFT_BEHIND.items():
        (macros / name).write_text(text, encoding="utf-8")
    manual.publish(desk.desk_folder())
    written = [conf(), desk.desk_folder() / install.ERRORS, *manual.pages(desk.desk_folder())]
    written[1].write_text("something", encoding="utf-8")
    said = run("uninstall")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[:-1] == [
        labels("zh").message("uninstall-made", path=one) for one in (EXTENSION, *written)
    ]
    assert [path for path in written if path.exists()] == []
    assert desk.read_desk().team_folder == team
    assert sorted(path.name for path in desk.desk_folder().iterdir()) == [desk.FILE]
    library = (macros / "script.xlb").read_text(encoding="utf-8")
    assert '"Mine"' in library
    assert "OrderDesk" not in library
    assert {path.name for path in macros.glob("*.xba")} & set(LEFT_BEHIND) == {"Mine.xba"}
    assert [look(code).outcome for code in ("calc_settings", "calc_extension", "calc_answer")] == [
        "missing", "missing", "waits",
    ]  # fmt: skip
    again = run("uninstall", lang="en")
    assert descriptions() == []  # LibreOffice removes the files when it starts anew
    assert (again.code, again.out, again.err) == (0, labels("en").message("uninstall-none") + "\n", "")
    assert home.exists()
