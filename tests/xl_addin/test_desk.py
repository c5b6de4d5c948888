"""This user's settings: desk.toml by hand and by program, the tables that come with it, addin.conf as VBA reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from udfs import formulas
from workbooks.errors import WorkbookError
from workbooks.labels import labels, raw
from xl_addin import conf, desk, server


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture(autouse=True)
def disconnected() -> Iterator[None]:
    yield
    formulas.connect(None)


def written(text: str) -> Path:
    path = desk.desk_folder() / desk.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


class TestDesk:
    def test_a_new_user_has_set_nothing(self) -> None:
        assert desk.read_desk() == desk.Desk(None, "")
        with pytest.raises(WorkbookError, match="no-team-folder"):
            desk.reference()

    @pytest.mark.parametrize("name", ["plain", "审单 数据", "it's ours", "tab\there"])
    def test_what_is_saved_is_read_again(self, name: str, tmp_path: Path) -> None:
        folder = tmp_path / name
        folder.mkdir()
        desk.save_team_folder(folder)
        assert desk.read_desk().team_folder == folder
        assert desk.reference().folder == folder
        assert [path.name for path in desk.desk_folder().iterdir()] == [desk.FILE]

    def test_a_folder_that_is_not_there_is_not_saved(self, tmp_path: Path) -> None:
        with pytest.raises(WorkbookError, match="no-folder"):
            desk.save_team_folder(tmp_path / "nowhere")
        assert desk.read_desk().team_folder is None

    def test_the_tables_stay_the_same_until_the_folder_changes(self, tmp_path: Path) -> None:
        first, second = tmp_path / "a", tmp_path / "bb"
        for folder in (first, second):
            folder.mkdir()
        desk.save_team_folder(first)
        kept = desk.reference()
        assert desk.reference() is kept
        desk.save_team_folder(second)
        assert desk.reference().folder == second

    def test_a_new_folder_reaches_the_formulas_at_once(self, tmp_path: Path) -> None:
        server.connect()
        assert formulas.OD_AVAILABLE("1") == [[2023]]  # 2023 is #REF!
        (tmp_path / "库存").mkdir()
        (tmp_path / "库存" / "库存.csv").write_text("产品编码,现存量\n1,5\n", encoding="utf-8")
        desk.save_team_folder(tmp_path)
        assert formulas.OD_AVAILABLE("1") == [[5.0]]

    def test_a_folder_set_in_another_excel_reaches_the_formulas_of_this_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(server, "LOOK_EVERY", 0.0)  # the two seconds are tested beside the server
        for name, stock in (("a", 5), ("bb", 7)):
            (tmp_path / name / "库存").mkdir(parents=True)
            (tmp_path / name / "库存" / "库存.csv").write_text(f"产品编码,现存量\n1,{stock}\n", encoding="utf-8")
        desk.save_team_folder(tmp_path / "a")
        server.connect()
        assert formulas.OD_AVAILABLE("1") == [[5.0]]
        path = written(f"team_folder = '{tmp_path / 'bb'}'")  # by another process, or by hand
        assert formulas.OD_AVAILABLE("1") == [[7.0]]
        path.unlink()
        assert formulas.OD_AVAILABLE("1") == [[2023]]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ('team_folder = "D:\\审单"', "desk-not-toml"),  # the backslash is an escape in double quotes
            ("team_folder = 3", "bad-setting"),
            ("team_folder = ''", "bad-setting"),
            ("team_folder = 'demo'", "bad-setting"),  # relative to where?
            ("teamfolder = '/x'", "unknown-setting"),
        ],
    )
    def test_a_broken_file_is_named_with_a_remedy(self, text: str, code: str) -> None:
        path = written(text)
        for ask in (desk.read_desk, desk.reference):
            with pytest.raises(WorkbookError) as raised:
                ask()
            assert raised.value.code == code
            for lang in ("zh", "en"):
                assert str(path) in labels(lang).message(code, **raised.value.fields)

    def test_a_file_mended_by_hand_is_read_again(self, tmp_path: Path) -> None:
        written("team_folder = 3")
        with pytest.raises(WorkbookError):
            desk.reference()
        written(f"team_folder = '{tmp_path}'")
        assert desk.reference().folder == tmp_path


class TestConf:
    """The file that VBA reads: in the ANSI code page, lines ended by a carriage return."""

    def test_written_and_read(self, tmp_path: Path) -> None:
        conf.write(tmp_path / conf.FILE, r"C:\Program Files\审单\pythonw.exe")
        assert (tmp_path / conf.FILE).read_bytes().endswith(b"pythonw.exe\r\n")
        assert conf.read(tmp_path / conf.FILE) == conf.Conf(
            r"C:\Program Files\审单\pythonw.exe", None, r"C:\Program Files\审单\pythonw.exe"
        )

    @pytest.mark.parametrize(
        ("content", "fault", "interpreter"),
        [
            (b"interpreter=C:\\p.exe\r\n", None, "C:\\p.exe"),
            (b"interpreter=C:\\p.exe", None, "C:\\p.exe"),
            (b"", "blank-line", ""),
            (b"\r\ninterpreter=C:\\p.exe\r\n", "blank-line", "C:\\p.exe"),
            (b"interpreter=C:\\p.exe\r\n  \r\n", "blank-line", "C:\\p.exe"),
            (b"interpreter=\r\n", "blank-value", ""),
            (b"python=C:\\p.exe\r\n", "unknown-line", ""),
            (b" interpreter=C:\\p.exe\r\n", "unknown-line", ""),
            (b"interpreter=C:\\p.exe\ninterpreter=D:\\p.exe\n", "line-ends", "C:\\p.exe\ninterpreter=D:\\p.exe\n"),
            (b"interpreter=C:\\p.exe\r\ninterpreter=D:\\p.exe\r\n", "twice", "D:\\p.exe"),
            (b'interpreter="C:\\p.exe"\r\n', "quote", '"C:\\p.exe"'),
            (b"interpreter=C:\\$(CLSID)\\p.exe\r\n", "quote", "C:\\$(CLSID)\\p.exe"),
            (b"interpreter=C:\\" + b"p" * 2000 + b"\r\n", "too-long", "C:\\" + "p" * 2000),
            (b"interpreter=pythonw.exe\r\n", "relative", "pythonw.exe"),
            (b"interpreter=C:pythonw.exe\r\n", "relative", "C:pythonw.exe"),
            (b"interpreter=\\pythonw.exe\r\n", "relative", "\\pythonw.exe"),
            (b"interpreter=\\\\server\\share\\p.exe\r\n", None, "\\\\server\\share\\p.exe"),
            ("interpreter=C:\\审单\\p.exe\r\n".encode(), "encoding", None),
            ("\ufeffinterpreter=C:\\审单\\p.exe\r\n".encode(), "encoding", None),
            ("interpreter=C:\\审单\\p.exe\r\n".encode("gbk"), None, "C:\\审单\\p.exe"),
        ],
    )
    def test_faults_on_a_chinese_machine(
        self, content: bytes, fault: str | None, interpreter: str | None, tmp_path: Path
    ) -> None:
        (tmp_path / conf.FILE).write_bytes(content)
        found = conf.read(tmp_path / conf.FILE, "gbk")
        assert found.fault == fault
        assert interpreter is None or found.interpreter == interpreter

    def test_every_fault_has_its_sentence(self) -> None:
        assert set(get_args(conf.Fault)) <= set(raw()["doctor"]["settings"])

    def test_no_file(self, tmp_path: Path) -> None:
        assert conf.read(tmp_path / conf.FILE) == conf.Conf("", "missing")

    def test_a_path_that_excel_could_not_read_is_not_written(self, tmp_path: Path) -> None:
        assert conf.value_fault(r"C:\审单\pythonw.exe", "cp1252") == "not-ansi"
        assert conf.value_fault(r"C:\审单\pythonw.exe", "gbk") is None
        for path in ('C:\\"x\\pythonw.exe', "pythonw.exe", "C:\\" + "x" * 2000 + "pythonw.exe"):
            with pytest.raises(WorkbookError) as raised:
                conf.write(tmp_path / conf.FILE, path)
            assert path in labels("en").message(raised.value.code, **raised.value.fields)
        assert not list(tmp_path.iterdir())
