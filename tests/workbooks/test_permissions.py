"""Outputs are no more readable than what they were made of; the modes are compared, whoever runs this."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from macros import nightly
from macros.demo import make
from workbooks.permissions import narrow
from workbooks.publish import Outputs, publish_folder, publish_one

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders hand their own on there")
DAY = date(2026, 11, 21)
ORDERS = "区域订单/2026-11-21"


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def team(folder: Path, folders: int, files: int) -> Path:
    """Make a team folder whose orders have these modes, and return its output folder."""
    (folder / ORDERS).mkdir(parents=True)
    (folder / "财务").mkdir()
    for name in (f"{ORDERS}/一.csv", f"{ORDERS}/二.csv", "财务/三.csv"):
        (folder / name).write_text("x", encoding="utf-8")
    (folder / ORDERS / "二.csv").chmod(files)
    (folder / ORDERS).chmod(folders)
    (folder / "输出").mkdir()
    return folder / "输出"


def modes(folder: Path) -> dict[str, str]:
    """Return the modes of a day's outputs, in octal."""
    day = folder / f"{DAY}"
    found = {path.relative_to(folder).as_posix(): path for path in (day, *sorted(day.rglob("*")))}
    return {name: f"{stat.S_IMODE(path.stat().st_mode):o}" for name, path in found.items()}


@pytest.mark.parametrize(
    ("folders", "files", "day", "file"),
    [
        (0o755, 0o644, "755", "644"),
        (0o777, 0o666, "755", "644"),  # never wider than what is usual
        (0o700, 0o600, "700", "600"),
        (0o700, 0o644, "700", "600"),  # a file is as closed as its folder
        (0o755, 0o600, "755", "600"),  # and as the most closed of all files
        (0o750, 0o640, "750", "640"),
        (0o500, 0o400, "700", "600"),  # who runs it may always write
    ],
)
def test_they_are_as_closed_as_the_most_closed_input(
    tmp_path: Path, folders: int, files: int, day: str, file: str
) -> None:
    root = team(tmp_path, folders, files)
    with Outputs(root, DAY) as outputs:
        outputs.keep("华东/一.csv", b"x")
        outputs.path("结果.xlsx").write_bytes(b"x")
        assert stat.S_IMODE(outputs.path("").stat().st_mode) == 0o700
        outputs.publish()
    assert modes(root) == {
        "2026-11-21": day,
        "2026-11-21/原始表格": day,
        "2026-11-21/原始表格/华东": day,
        "2026-11-21/原始表格/华东/一.csv": file,
        "2026-11-21/结果.xlsx": file,
    }


def test_those_put_beside_others_too(tmp_path: Path) -> None:
    root = team(tmp_path, 0o700, 0o600)

    def write(path: Path) -> None:
        (path / "华东.xlsx" if path.is_dir() else path).write_bytes(b"x")

    publish_one(root, DAY, "包材.xlsx", write)
    publish_folder(root, DAY, "回传", write)
    assert modes(root) == {
        "2026-11-21": "700",
        "2026-11-21/包材.xlsx": "600",
        "2026-11-21/回传": "700",
        "2026-11-21/回传/华东.xlsx": "600",
        "2026-11-21/运行记录.json": "600",
    }


def test_the_tables_count_as_well_and_other_days_do_not(tmp_path: Path) -> None:
    root = team(tmp_path, 0o755, 0o644)
    (tmp_path / "区域订单/2026-11-20").mkdir(0o700)
    narrowed = root / "a.xlsx"
    narrowed.write_bytes(b"x")
    narrow(narrowed, root, f"{DAY}")
    assert stat.S_IMODE(narrowed.stat().st_mode) == 0o644
    (tmp_path / "财务").chmod(0o750)
    narrow(narrowed, root, f"{DAY}")
    assert stat.S_IMODE(narrowed.stat().st_mode) == 0o640


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may give files away")
def test_what_an_input_grants_its_own_group_is_not_granted_to_another(tmp_path: Path) -> None:
    root = team(tmp_path, 0o750, 0o644)
    os.chown(tmp_path / ORDERS, -1, 12345)
    narrowed = root / "a.xlsx"
    narrowed.write_bytes(b"x")
    narrow(narrowed, root, f"{DAY}")
    assert stat.S_IMODE(narrowed.stat().st_mode) == 0o600


def test_a_whole_run_of_closed_orders_writes_nothing_open(tmp_path: Path) -> None:
    day, _ = make.run(tmp_path)
    for path in (tmp_path / "区域订单", *(tmp_path / "区域订单").rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    folder = nightly.run(tmp_path, day).folder
    found = [folder, *folder.rglob("*")]
    assert len(found) > 20
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o700, 0o600}
