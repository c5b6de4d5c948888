from pathlib import Path

import pytest

from workbooks.errors import UnreadableFileError
from workbooks.reading import files
from workbooks.reading.files import content_of
from workbooks.team import TeamFile


def test_what_differs_at_the_second_look_is_not_taken_though_the_files_time_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"1111")
    looks = iter([b"1122", b"2222", b"2222", b"2222"])
    monkeypatch.setattr(files, "BETWEEN", 0)
    monkeypatch.setattr(Path, "read_bytes", lambda _path: next(looks))
    assert content_of(TeamFile(path, "a.csv", "orders")) == b"2222"


def test_a_file_that_never_stays_the_same_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"1")
    looks = iter(f"{number}".encode() for number in range(1, 100))
    monkeypatch.setattr(files, "BETWEEN", 0)
    monkeypatch.setattr(Path, "read_bytes", lambda _path: next(looks))
    with pytest.raises(UnreadableFileError) as told:
        content_of(TeamFile(path, "a.csv", "orders"))
    assert told.value.reason == "changing"
