"""The log of every door: it rotates, no entry is endless, and no account and no tax id is in it."""

from __future__ import annotations

import ast
import errno
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbooks.errors import WorkbookError
from workbooks.labels import Lang
from xl_addin import buttons, log


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if handler not in before:
            handler.close()
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("restored")
class TestLog:
    def test_is_utf8_and_rotates(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(log, "SIZE", 1000)
        log.start_log(tmp_path / "orderdesk.log")
        for number in range(100):
            logging.getLogger("orderdesk").info("第 %d 行", number)
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == ["orderdesk.log", "orderdesk.log.1", "orderdesk.log.2", "orderdesk.log.3"]
        assert "第 99 行" in (tmp_path / "orderdesk.log").read_text(encoding="utf-8")

    def test_grows_on_where_another_process_holds_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def held(*_args: object) -> None:
            raise PermissionError(13, "in use")

        monkeypatch.setattr(log, "SIZE", 500)
        log.start_log(tmp_path / "orderdesk.log")
        monkeypatch.setattr(Path, "replace", held)
        for number in range(100):
            logging.getLogger("orderdesk").info("line %d", number)
        said = (tmp_path / "orderdesk.log").read_text(encoding="utf-8")
        assert [f"line {number}\n" in said for number in range(100)] == [True] * 100


ACCOUNTS = ["6222021001001234567", "6222 0210 0100 1234 567", "44050158-8636-0000-1234", "4405015886360"]
TAX_IDS = [
    "91440101MA5CYRA65N",
    "9144 0101 MA5C YRA6 5N",
    "440106710936512",
    "44010619800101123X",
    "L4401061980010112301",
]
TAX_IDS += [code.lower() for code in TAX_IDS if " " not in code]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "orderdesk.log"
    monkeypatch.setattr(log, "log_file", lambda: path)
    return path


def fail(secret: str) -> None:
    """Raise as a parser does: the value is in the message, of the cause as well."""
    try:
        int(f"could not convert {secret!r}")
    except ValueError as error:
        raise KeyError({"合作商": "雅姿", "账号": secret}) from error


@pytest.mark.parametrize("secret", [*ACCOUNTS, *TAX_IDS])
class TestNoSecrets:
    def test_in_a_bugs_traceback(self, secret: str, place: Path) -> None:
        with pytest.raises(KeyError) as raised:
            fail(secret)
        assert log.log_bug(raised.value) == place
        said = place.read_text(encoding="utf-8")
        assert secret not in said
        assert said.count("***") == 2
        assert "KeyError" in said
        assert "could not convert" in said
        assert "in fail" in said

    @pytest.mark.usefixtures("restored")
    def test_in_what_the_server_logs(self, secret: str, place: Path) -> None:
        log.start_log(place)
        logger = logging.getLogger("orderdesk")
        logger.warning("%s: %s", "book", WorkbookError("no-partner", path=f"账号{secret}。"))
        try:
            fail(secret)
        except KeyError:
            logger.exception("failed at %s", secret)
        said = place.read_text(encoding="utf-8")
        assert secret not in said
        assert said.count("***") == 4

    def test_where_a_button_fails(self, secret: str, place: Path) -> None:
        buttons.press("lines", lambda: fail(secret))  # type: ignore[arg-type, return-value] # a program that fails
        said = place.read_text(encoding="utf-8")
        assert "KeyError" in said
        assert secret not in said


@pytest.mark.parametrize(
    "text",
    ["2026-11-21 10:45:45,123 INFO [12345] orderdesk: read 0.12 s", "审单结果_2026-11-21.xlsx", "C00123 1,234,567.89"],
)
def test_what_is_no_secret_is_said(text: str) -> None:
    assert log.discreet(text) == text


def test_what_a_long_entry_begins_and_ends_with_is_kept(place: Path) -> None:
    log.log_bug(ValueError("x" * 10 * log.LONGEST + "the end"))
    said = place.read_text(encoding="utf-8")
    assert len(said) < log.LONGEST + 100
    assert "a bug" in said
    assert said.endswith("the end\n")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_log_that_cannot_be_written_is_no_second_bug(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: Lang
) -> None:
    error = ValueError(f"could not convert {TAX_IDS[0]}")
    place.mkdir()  # in the log's place
    assert "ValueError: could not convert ***" in log.told_bug(error, lang)
    place.rmdir()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(logging.FileHandler, "flush", full, raising=False)
    assert "ValueError: could not convert ***" in log.told_bug(error, lang)
    assert capsys.readouterr() == ("", "")


def test_bugs_alone_make_it_rotate_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "SIZE", 500)
    for number in range(50):
        log.log_bug(ValueError(f"bug {number}"))
    assert sorted(path.name for path in place.parent.iterdir()) == [
        "orderdesk.log", "orderdesk.log.1", "orderdesk.log.2", "orderdesk.log.3",
    ]  # fmt: skip
    assert "bug 49" in place.read_text(encoding="utf-8")


def test_the_command_line_writes_it_too(tmp_path: Path) -> None:
    code = (
        "import sys, macros.nightly as n\ndef fails(*a, **k): raise ValueError('6222021001001234567')\nn.run = fails\n"
    )
    code += "from xl_addin.cli import main\nsys.exit(main(['nightly', '.', '--date', '2026-11-21', '--lang', 'en']))"
    root = str(Path(__file__).parents[2])
    env = {"HOME": str(tmp_path), "PATH": "", "PYTHONPATH": root, "LANG": "C.UTF-8"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    [path] = tmp_path.rglob("orderdesk.log")
    said = path.read_text(encoding="utf-8")
    assert run.returncode == 2
    assert "ValueError" in said
    assert "6222021001001234567" not in said + run.stdout + run.stderr


def test_what_keeps_libreoffices_component_from_starting_is_noted_as_discreetly() -> None:
    source = Path(log.__file__).with_name("calc") / "extension" / "component.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))  # needs LibreOffice to be imported
    [pattern] = [
        ast.literal_eval(node.value.args[0])
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.targets[0]) == "SECRET"
    ]
    assert pattern == log.SECRET.pattern
