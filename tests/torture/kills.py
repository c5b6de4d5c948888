"""kill -9 in the middle of a nightly run: at random moments of it, and before each step that changes the output folder.

Half of the runs have nothing before them, half go over an earlier result of other orders, so that what is there tells
which of the two it is of. Afterwards the day's folder is absent, the earlier one or the new one, entire; nothing else
is to be seen, nothing runs on, the inputs are the same byte for byte; the next run gives what an undisturbed one does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from macros import nightly
from macros.demo.reference import DAY
from tests.torture.row import Row
from tests.torture.small_team import Published, Team, copied, hashes, left_over, published, small_team
from workbooks.labels import labels

SEED = 20261121
MOMENTS, SHORT = 200, 1
STEPS = ("os.rename:2", "os.rename:3")  # that a short run tries: between and after those that exchange the folders
MOST = 400  # steps of a run


@dataclass
class Tally:
    """What kills left: how often which, and what did not hold."""

    left: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)


class Scene:
    """A team folder before its run, with nothing or an earlier result in its output folder, and what the run gives."""

    def __init__(self, place: Path) -> None:
        """Make them in a folder; the earlier result is of other orders."""
        self.place = place
        self.fresh = Team(small_team(place / "fresh"))
        earlier = Team(small_team(place / "other", other=True))
        nightly.run(earlier.folder, DAY)
        self.over = copied(self.fresh, place / "over")
        earlier.output.rename(self.over.output)
        self.earlier = hashes(self.over.day)
        self.given: dict[bool, Published] = {}

    def new(self, *, over: bool) -> Published:
        """Return what an undisturbed run gives; over an earlier result, whose registers go on, it is not the same."""
        if over not in self.given:
            team = copied(self.over if over else self.fresh, self.place / "done")
            assert nightly.run(team.folder, DAY).exit_code == 0
            self.given[over] = published(team.day)
            assert self.given[over].files != published(self.over.day).files, "the two cannot be told apart"
        return self.given[over]

    def team(self, *, over: bool) -> Team:
        """Return a new copy of it."""
        return copied(self.over if over else self.fresh, self.place / "work")

    def state(self, team: Team, *, over: bool) -> str:
        """Return which result is there; raises AssertionError where it is none of those that may be."""
        assert team.results() in ([], [team.day.name]), team.results()
        if team.day.is_dir():
            if over and hashes(team.day) == self.earlier:
                return "earlier"
            other = published(team.day).differs(self.new(over=over))
            assert not other, f"neither the earlier result nor the new one: {other}"
            return "new"
        if not over:
            return "none"
        aside = team.output / f".{team.day.name}.old"
        assert hashes(aside) == self.earlier, "the earlier result is not whole"
        return "set aside"

    def held(self, killed: Killed, tally: Tally) -> bool:
        """Hold what a kill left against what may be there, then run once more."""
        name, team, inputs = killed.name, killed.team, killed.inputs
        try:
            assert not killed.left_over, f"still there: {killed.left_over}"
            assert team.inputs() == inputs, "the inputs are others"
            tally.left[self.state(team, over=killed.over)] += 1
            assert nightly.run(team.folder, DAY).exit_code == 0
            other = published(team.day).differs(self.new(over=killed.over))
            assert not other, f"the next run gives something else: {other}"
            assert (team.results(), team.hidden()) == ([team.day.name], []), "something is left"
            assert team.inputs() == inputs, "the inputs are others after the next run"
        except AssertionError as error:
            tally.failed.append(f"{name}: {error}")
            return False
        return True


@dataclass(frozen=True)
class Killed:
    """A run that was killed: which, over an earlier result or not, its inputs before, and which processes ran on."""

    name: str
    team: Team
    over: bool
    inputs: dict[str, str]
    left_over: list[str]


def run(*, full: bool) -> Row:
    """Kill runs; return how many of them left nothing half done."""
    with tempfile.TemporaryDirectory() as place:
        scene, tally = Scene(Path(place)), Tally()
        by_moment = [scene.held(killed, tally) for killed in at_moments(scene, MOMENTS if full else SHORT)]
        moments = dict(tally.left)
        by_step = [scene.held(killed, tally) for killed in at_steps(scene, full=full)]
    tried = by_moment + by_step
    left = ", ".join(f"{count} {state}" for state, count in sorted(moments.items()))
    said = f"kill -9 at {len(by_moment)} random moments ({left}) and before each of {len(by_step)} steps"
    return Row("a run is killed", len(tried), sum(tried), said, tally.failed)


def at_moments(scene: Scene, wanted: int) -> Iterator[Killed]:
    """Kill runs at random: one after the other alone or with all its processes, every other pair over a result.

    Half of the moments are drawn from the whole run, half from what comes once the first workbook is being written:
    that is short, and most of what can go wrong is there.
    """
    random = Random(SEED)  # noqa: S311 - no secret
    whole, ending = usual_seconds(scene) if wanted > SHORT else (1.0, 0.1)
    number = 0
    while number < wanted:
        over, late, alone = not number & 1, bool(number & 2), bool(number & 4)
        team = scene.team(over=over)
        inputs, share = team.inputs(), random.random()
        with team.start() as process:
            if late:
                wait_for(partial(begun, team, process))
            time.sleep(share * (ending if late else whole))
            if process.poll() is None:
                kill(process, alone=alone)
                left = left_over(process.pid)
                number += 1
                yield Killed(f"moment {number}", team, over, inputs, left)


def at_steps(scene: Scene, *, full: bool) -> Iterator[Killed]:
    """Kill runs before each step that changes the output folder, without and with an earlier result; short: a few."""
    for over in (False, True) if full else (True,):
        steps = map(str, range(1, MOST)) if full else STEPS
        for step in steps:
            team = scene.team(over=over)
            inputs, (_, *command) = team.inputs(), team.command()
            itself = [sys.executable, "-m", "tests.torture.killed_at", str(team.output), f"{step}", *command[2:]]
            with team.start(itself) as process:
                code = process.wait()
                left = left_over(process.pid)
            if code != -signal.SIGKILL:
                assert code == 0, f"exit code {code}"
                break
            yield Killed(f"step {step}{', over an earlier result' if over else ''}", team, over, inputs, left)


def usual_seconds(scene: Scene) -> tuple[float, float]:
    """Return how long an undisturbed run takes, and how much of that is left once it writes its first workbook."""
    team = scene.team(over=True)
    start = time.monotonic()
    with team.start() as process:
        wait_for(partial(begun, team, process))
        written = time.monotonic()
        process.communicate()
    end = time.monotonic()
    return end - start, end - written


def wait_for(happens: Callable[[], bool]) -> None:
    """Look again and again until something is so."""
    while not happens():
        time.sleep(0.002)


def begun(team: Team, process: subprocess.Popen[str]) -> bool:
    """Tell whether a run has begun to write its result, or has ended."""
    name = labels().files["result"].format(day=team.day.name)
    return any(team.output.glob(f".*.new/{name}")) or process.poll() is not None


def kill(process: subprocess.Popen[str], *, alone: bool) -> None:
    """Kill a process, or it and all that it has begun."""
    if alone:
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
