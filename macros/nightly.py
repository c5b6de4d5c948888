"""The nightly run: read the team folder, audit the day, write the results; headless, the same rules as the buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from macros.runs import Clock, Outcome, Progress, workers_at
from workbooks.labels import labels
from workbooks.publish import Outputs
from workbooks.reading.apart import Reading
from workbooks.reading.arrived import lying_in, unread
from workbooks.settings import read_form, read_settings
from workbooks.team import team_files

if TYPE_CHECKING:
    from macros.audit import Judge


def run(
    folder: Path, day: date, progress: Progress | None = None, *, rerun: bool = False, cluster: str | None = None
) -> Outcome:
    """Audit the day of a team folder and publish its outputs.

    rerun: hold the orders against those of the day's earlier run, which then has to be there. cluster: the address of
    the Dask scheduler whose workers read and judge; the same comes of it.
    Raises WorkbookError where the run cannot be made (no folder, no orders, bad settings, unwritable output);
    nothing is written then.
    """
    clock = Clock(progress)
    files = team_files(folder.resolve() if cluster else folder, day)
    there = lying_in(folder, day)
    settings = read_settings(folder)
    form = read_form(folder, settings)
    with workers_at(cluster, clock) as workers, Outputs(folder / labels().folders["output"], day) as outputs:
        with (
            clock.step("read"),
            Reading([] if workers else files, settings.aliases, settings.limits, outputs.keep) as reading,
        ):
            # pandas, and all that needs it, is imported while the files are read
            from macros.audited_day import finish  # noqa: PLC0415
            from macros.batches import read_on  # noqa: PLC0415
            from udfs.audit import audit  # noqa: PLC0415
            from workbooks.reading.day import gathered  # noqa: PLC0415

            if workers is None:
                judge: Judge = audit
                team = gathered(reading, files, day, clock.told)
            else:
                orders = [file for file in files if file.role == "orders"]
                others = [file for file in files if file.role != "orders"]
                team, judge = read_on(
                    workers, {day: orders}, others, settings, today=day, keep=outputs.keep, told=clock.told
                )
        team = replace(team, recounts=(*(team.recounts or ()), unread(there, team.inputs, team.problems)))
        facts = workers.facts if workers else {}
        return finish(team, settings, outputs, clock, folder=folder, form=form, judge=judge, rerun=rerun, cluster=facts)
