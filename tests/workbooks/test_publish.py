"""All outputs of a run appear together or not at all (domain.md §5)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from workbooks import run_lock
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.publish import Outputs, publish_one, publish_some

DAY = date(2026, 11, 21)
NAME = "2026-11-21"
RECORD = "运行记录.json"


def tree(folder: Path) -> dict[str, str]:
    """Return the content of every file below a folder, hidden ones too."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def write(outputs: Outputs, **texts: str) -> None:
    for name, text in texts.items():
        outputs.path(f"{name}.txt").write_text(text)
    outputs.path(RECORD).write_text(json.dumps({"outputs": outputs.hashes()}))


def run(root: Path, **texts: str) -> Path | None:
    """Publish a result with its record, as the nightly run does; return where a changed one was kept."""
    with Outputs(root, DAY) as outputs:
        write(outputs, **texts)
        return outputs.publish()


def crash(root: Path, *, published: bool) -> None:
    with Outputs(root, DAY) as outputs:
        write(outputs, a="2")
        outputs.keep("一.xlsx", b"x")
        if published:
            outputs.publish()
        raise ZeroDivisionError


def results(folder: Path) -> dict[str, str]:
    return {name: text for name, text in tree(folder).items() if name != RECORD}


# ---------------------------------------------------------------- all or nothing


def test_nothing_is_seen_before_it_is_published_and_then_all_of_it(tmp_path: Path) -> None:
    root = tmp_path / "输出"
    with Outputs(root, DAY) as outputs:
        write(outputs, a="1", b="2")
        assert [path.name for path in root.iterdir() if not path.name.startswith(".")] == []
        assert outputs.publish() is None
        assert results(root / NAME) == {"a.txt": "1", "b.txt": "2"}
    assert [path.name for path in root.iterdir()] == [NAME]


@pytest.mark.parametrize("earlier", [False, True])
def test_an_exception_leaves_everything_as_it_was(tmp_path: Path, earlier: bool) -> None:  # noqa: FBT001 - parametrised
    if earlier:
        run(tmp_path, a="1")
    before = tree(tmp_path)
    with pytest.raises(ZeroDivisionError):
        crash(tmp_path, published=False)
    assert tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ([NAME] if earlier else [])


def test_leaving_without_publishing_writes_nothing(tmp_path: Path) -> None:
    with Outputs(tmp_path, DAY) as outputs:
        write(outputs, a="1")
    assert list(tmp_path.iterdir()) == []


def test_an_exception_after_publishing_takes_nothing_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        crash(tmp_path, published=True)
    assert results(tmp_path / NAME) == {"a.txt": "2", "原始表格/一.xlsx": "x"}


def test_originals_are_kept_by_their_path(tmp_path: Path) -> None:
    with Outputs(tmp_path, DAY) as outputs:
        outputs.keep("一.xlsx", b"1")
        outputs.keep("华东/苏皖/一.xlsx", b"2")
        outputs.publish()
    assert tree(tmp_path / NAME) == {"原始表格/一.xlsx": "1", "原始表格/华东/苏皖/一.xlsx": "2"}


def test_hashes_name_everything_written(tmp_path: Path) -> None:
    with Outputs(tmp_path, DAY) as outputs:
        outputs.keep("华东/一.xlsx", b"")
        outputs.path("a.txt").write_text("")
        assert outputs.hashes() == dict.fromkeys(
            ["a.txt", "原始表格/华东/一.xlsx"], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )


def test_another_day_is_not_touched(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    with Outputs(tmp_path, date(2026, 11, 22)) as outputs:
        write(outputs, a="2")
        outputs.publish()
    assert results(tmp_path / NAME) == {"a.txt": "1"}
    assert results(tmp_path / "2026-11-22") == {"a.txt": "2"}


# ---------------------------------------------------------------- an earlier result


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    run(tmp_path, a="1", b="2")
    assert run(tmp_path, a="3") is None
    assert results(tmp_path / NAME) == {"a.txt": "3"}
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def change_content(result: Path) -> None:
    (result / "a.txt").write_text("mine")


def add_a_file(result: Path) -> None:
    (result / "我的笔记.txt").write_text("mine")


def remove_a_file(result: Path) -> None:
    (result / "b.txt").unlink()


def lose_the_record(result: Path) -> None:
    (result / RECORD).unlink()


def spoil_the_record(result: Path) -> None:
    (result / RECORD).write_text("[]")


@pytest.mark.parametrize("change", [change_content, add_a_file, remove_a_file, lose_the_record, spoil_the_record])
def test_an_earlier_result_that_somebody_changed_is_kept_aside(tmp_path: Path, change: object) -> None:
    run(tmp_path, a="1", b="2")
    assert callable(change)
    change(tmp_path / NAME)
    mine = tree(tmp_path / NAME)
    assert run(tmp_path, a="3") == tmp_path / f"{NAME}_1"
    assert tree(tmp_path / f"{NAME}_1") == mine
    assert results(tmp_path / NAME) == {"a.txt": "3"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, f"{NAME}_1"]


def test_each_changed_result_gets_a_name_of_its_own(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        run(tmp_path, a=str(number))
        change_content(tmp_path / NAME)
    assert run(tmp_path, a="4") == tmp_path / f"{NAME}_3"
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, f"{NAME}_1", f"{NAME}_2", f"{NAME}_3"]


# ---------------------------------------------------------------- interruptions


def killed_after_first_rename(root: Path) -> None:
    (root / NAME).rename(root / f".{NAME}.old")


def test_a_run_killed_between_the_two_renames_loses_nothing(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    before = tree(tmp_path / NAME)
    killed_after_first_rename(tmp_path)
    with Outputs(tmp_path, DAY):
        assert tree(tmp_path / NAME) == before
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_and_the_next_run_takes_its_place(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    killed_after_first_rename(tmp_path)
    assert run(tmp_path, a="2") is None
    assert results(tmp_path / NAME) == {"a.txt": "2"}
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_run_killed_after_both_renames_loses_no_changed_result(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    change_content(tmp_path / NAME)
    killed_after_first_rename(tmp_path)
    with Outputs(tmp_path / "elsewhere", DAY) as outputs:  # the new result took the place, and then the power went
        write(outputs, a="2")
        outputs.publish()
    (tmp_path / "elsewhere" / NAME).rename(tmp_path / NAME)
    (tmp_path / "elsewhere").rmdir()
    run(tmp_path, a="3")
    assert results(tmp_path / NAME) == {"a.txt": "3"}
    assert results(tmp_path / f"{NAME}_1") == {"a.txt": "mine"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, f"{NAME}_1"]


def test_a_run_killed_after_both_renames_leaves_no_unchanged_result(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    killed_after_first_rename(tmp_path)
    (tmp_path / NAME).mkdir()
    run(tmp_path, a="3")
    assert not (tmp_path / f".{NAME}.old").exists()


def test_what_a_killed_run_left_is_cleared_by_the_next_one(tmp_path: Path) -> None:
    for left in (tmp_path / ".2026-11-20.1.new", tmp_path / ".b.txt.2.new"):
        left.mkdir()
        (left / "a.txt").write_text("half")
    run(tmp_path, a="1")
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("other", ["2026-11-20", "2026-11-21", "2026-10-01_2026-10-31"])
def test_whatever_runs_next_brings_back_a_result_that_a_killed_run_had_set_aside(tmp_path: Path, other: str) -> None:
    run(tmp_path, a="1")
    (tmp_path / NAME).rename(tmp_path / f".{other}.old")
    assert one(tmp_path, "3") is None
    brought_back = results(tmp_path / other)
    assert brought_back.pop("a.txt") == "1"
    assert brought_back == ({"b.txt": "3"} if other == NAME else {})


def test_a_run_killed_while_it_removes_the_earlier_result_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, a="1", b="2")
    with monkeypatch.context() as killed:
        killed.setattr("shutil.rmtree", lambda path, **_how: (path / "a.txt").unlink(missing_ok=True))
        run(tmp_path, a="3")
    run(tmp_path, a="4")
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


# ---------------------------------------------------------------- two runs at once


def test_a_second_run_is_refused_while_one_is_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_lock, "PATIENCE", 0)
    run(tmp_path, a="1")
    with Outputs(tmp_path, DAY) as outputs:
        write(outputs, a="2")
        before = tree(tmp_path)
        for second in (partial(run, a="3"), partial(one, text="3")):
            with pytest.raises(WorkbookError) as told:
                second(tmp_path)
            assert (told.value.code, told.value.fields) == ("output-in-use", {"path": tmp_path})
            assert str(tmp_path) in labels().message(told.value.code, **told.value.fields)
        assert tree(tmp_path) == before
        outputs.publish()
    assert results(tmp_path / NAME) == {"a.txt": "2"}
    assert one(tmp_path, "3") is None


def test_a_second_run_waits_for_one_that_is_about_to_end(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda number: run(tmp_path, a=f"{number}"), range(20)))
    assert kept == [None] * 20
    assert len(results(tmp_path / NAME)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_drive_that_knows_no_locks_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object) -> None:
        raise OSError(95, "Operation not supported")

    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", unknown)
    run(tmp_path, a="1")
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


# ---------------------------------------------------------------- what stops it


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkbookError) as raised, Outputs(tmp_path / "file" / "输出", DAY):
        pytest.fail("nothing to write into")
    error = raised.value
    assert (error.code, error.fields["path"]) == ("output-unwritable", tmp_path / "file" / "输出" / NAME)
    assert str(tmp_path) in labels().message(error.code, **error.fields)


def test_a_copy_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with Outputs(tmp_path, DAY) as outputs:
        outputs.keep("一.xlsx", b"")
        with pytest.raises(WorkbookError) as raised:
            outputs.keep("一.xlsx/二.xlsx", b"")
    assert raised.value.code == "output-unwritable"


def test_a_result_that_cannot_be_replaced_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, a="1")
    before = tree(tmp_path)
    rename = Path.rename

    def busy(path: Path, target: Path) -> Path:  # as Windows does while a file in it is open
        if path.name.endswith(".new"):
            raise PermissionError(13, "in use")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(WorkbookError) as raised:
        run(tmp_path, a="2")
    assert (raised.value.code, raised.value.fields) == ("output-open", {"path": tmp_path / NAME, "detail": "in use"})
    assert tree(tmp_path) == before


def test_a_file_in_the_results_place_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("mine")
    with pytest.raises(WorkbookError) as raised:
        run(tmp_path, a="2")
    assert raised.value.code == "output-open"
    assert tree(tmp_path) == {NAME: "mine"}


# ---------------------------------------------------------------- one output beside the others


def one(root: Path, text: str) -> Path | None:
    """Publish one output beside those of a run; return where a changed one was kept."""

    def put(path: Path) -> None:
        path.write_text(text)

    return publish_one(root, DAY, "b.txt", put)


def test_one_output_is_put_beside_the_others_and_the_record_names_it(tmp_path: Path) -> None:
    run(tmp_path, a="1", b="2")
    assert one(tmp_path, "3") is None
    assert results(tmp_path / NAME) == {"a.txt": "1", "b.txt": "3"}
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert run(tmp_path, a="4") is None  # the folder is as its record says


def test_one_output_alone_begins_a_record(tmp_path: Path) -> None:
    assert one(tmp_path / "输出", "1") is None
    assert one(tmp_path / "输出", "2") is None
    assert results(tmp_path / "输出" / NAME) == {"b.txt": "2"}
    assert run(tmp_path / "输出", a="3") is None


def test_an_output_that_somebody_has_changed_is_kept_under_another_name(tmp_path: Path) -> None:
    run(tmp_path, a="1", b="2")
    (tmp_path / NAME / "b.txt").write_text("by hand")
    kept = one(tmp_path, "3")
    assert kept == tmp_path / NAME / "b_1.txt"
    assert results(tmp_path / NAME) == {"a.txt": "1", "b.txt": "3", "b_1.txt": "by hand"}
    assert run(tmp_path, a="4") == tmp_path / f"{NAME}_1"


def test_a_record_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / RECORD).write_text("[]")
    assert one(tmp_path, "1") is None
    assert (tmp_path / NAME / RECORD).read_text() == "[]"


def test_an_output_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError("disk full")

    run(tmp_path, b="2")
    with pytest.raises(WorkbookError):
        publish_one(tmp_path, date(2026, 11, 22), "b.txt", fail)
    with pytest.raises(WorkbookError) as told:
        publish_one(tmp_path, DAY, "b.txt", fail)
    assert told.value.code == "output-unwritable"
    assert results(tmp_path / NAME) == {"b.txt": "2"}
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_an_output_that_is_open_elsewhere_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError

    run(tmp_path, b="2")
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(WorkbookError) as told:
        one(tmp_path, "3")
    assert told.value.code == "output-open"
    assert results(tmp_path / NAME) == {"b.txt": "2"}


def test_of_several_outputs_all_are_put_there_or_none(tmp_path: Path) -> None:
    def works(path: Path) -> None:
        path.write_text("a", encoding="utf-8")

    def fails(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    publish_some(tmp_path, DAY, {"a1.txt": works, "a2.txt": works, "b.txt": works})
    before = {path.name: path.read_bytes() for path in (tmp_path / f"{DAY}").iterdir()}
    with pytest.raises(WorkbookError) as told:
        publish_some(tmp_path, DAY, {"a1.txt": works, "c.txt": fails}, "a")
    assert told.value.code == "output-unwritable"
    assert {path.name: path.read_bytes() for path in (tmp_path / f"{DAY}").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == [f"{DAY}"]
    assert publish_some(tmp_path, DAY, {"a3.txt": works}, "a") == []
    record = labels().files["record"]
    assert {path.name for path in (tmp_path / f"{DAY}").iterdir()} == {"a3.txt", "b.txt", record}
    assert list(json.loads((tmp_path / f"{DAY}" / record).read_text(encoding="utf-8"))["outputs"]) == [
        "a3.txt",
        "b.txt",
    ]
