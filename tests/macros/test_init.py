import shutil
from datetime import date
from pathlib import Path

import pytest

from macros import init, nightly
from tests.macros.conftest import Demo, hashes
from workbooks.errors import WorkbookError
from workbooks.reading.day import read_team
from workbooks.schema import KINDS
from workbooks.settings import Settings, read_settings
from workbooks.team import team_files

DAY = date(2026, 11, 21)
FOLDERS = {"区域订单", "区域订单/2026-11-21", "基础资料", "库存", "财务", "KASP", "输出", "模板"}


def test_init_makes_the_layout_settings_and_a_template_of_every_table(tmp_path: Path) -> None:
    made, kept = init.run(tmp_path / "team", DAY)
    folder = tmp_path / "team"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_dir()} == FOLDERS
    assert kept == []
    assert {path.relative_to(folder).as_posix() for path in made} == set(hashes(folder))
    assert len(list((folder / "模板").glob("*.xlsx"))) == len(KINDS)


def test_the_settings_are_the_defaults_and_say_what_each_is_for(tmp_path: Path) -> None:
    init.run(tmp_path, DAY)
    text = (tmp_path / "orderdesk.toml").read_text(encoding="utf-8")
    settings = read_settings(tmp_path)
    assert settings.policy == Settings().policy
    assert settings.aliases == {}
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            assert lines[place - 1].startswith("# ")


def test_init_again_keeps_everything_that_is_there(tmp_path: Path) -> None:
    init.run(tmp_path, DAY)
    (tmp_path / "orderdesk.toml").write_text("[orders]\nwhole = true\n", encoding="utf-8")
    (tmp_path / "基础资料" / "ours.csv").write_text("x", encoding="utf-8")
    next((tmp_path / "模板").glob("*.xlsx")).unlink()
    before = hashes(tmp_path)
    made, kept = init.run(tmp_path, date(2026, 11, 22))
    assert made == []
    assert kept == [tmp_path / "orderdesk.toml", tmp_path / "模板"]
    assert hashes(tmp_path) == before
    assert (tmp_path / "区域订单/2026-11-22").is_dir()


def test_what_is_missing_is_made_anew(tmp_path: Path) -> None:
    first, _ = init.run(tmp_path, DAY)
    shutil.rmtree(tmp_path / "模板")
    (tmp_path / "orderdesk.toml").unlink()
    again, kept = init.run(tmp_path, DAY)
    assert sorted(again) == sorted(first)
    assert kept == []


def test_the_filled_templates_of_a_new_folder_are_read(demo: Demo, tmp_path: Path) -> None:
    init.run(tmp_path, DAY)
    for path in (tmp_path / "模板").glob("*.xlsx"):
        shutil.copyfile(path, tmp_path / "基础资料" / path.name)
    inbox = "区域订单/2026-11-21"
    shutil.copyfile(demo.folder / inbox / "直营.xlsx", tmp_path / inbox / "直营.xlsx")
    team = read_team(team_files(tmp_path, DAY), DAY, {})
    assert set(team.tables) == set(KINDS)
    assert all(len(team.tables[kind].frame) == 0 for kind in KINDS if kind != "orders")
    assert nightly.run(tmp_path, DAY).exit_code == 0


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(WorkbookError) as caught:
        init.run(tmp_path / "file", DAY)
    assert caught.value.code == "output-unwritable"
    assert caught.value.fields["path"] == tmp_path / "file"
