"""Files read by processes of their own: what crashes, hangs or eats memory ends such a process and not the run.

They begin before anything else does, and read while the rest of the program is still being imported. Each has a pipe
of its own, so that one that ends in the middle of a word leaves the others' as it is.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Lock
from types import TracebackType
from typing import Self

import psutil

from workbooks.errors import UnreadableFileError, WorkbookError
from workbooks.processes import CAN_COPY, copy, fresh, pipe
from workbooks.reading.files import READERS, Keep, Parts, read_file
from workbooks.reading.problems import Problem
from workbooks.reading.recognise import Aliases, Recogniser
from workbooks.schema import LIMITS, Limits
from workbooks.team import TeamFile

MEGABYTE = 1 << 20
SECONDS_A_MEGABYTE, MEMORY_A_MEGABYTE = 1, 32  # that a file's own size adds to what reading it may take
START = 120  # seconds in which a process has to begin; not the file's own: a busy machine takes its time to import
LOOK = 0.05  # seconds from one look at a process's memory to the next

How = tuple[Recogniser, Keep | None, Limits]


class Reading:
    """Files while they are read, in their order; its processes end when it is left."""

    def __init__(
        self, files: Sequence[TeamFile], aliases: Aliases, limits: Limits = LIMITS, keep: Keep | None = None
    ) -> None:
        """Read these files; keep gets each of the day's workbooks as it was read, in the process that reads it."""
        self.files = files
        self.readers = [_Reader((Recogniser(aliases), keep, limits)) for _ in files[:READERS]]
        self.idle: SimpleQueue[_Reader] = SimpleQueue()

    def __enter__(self) -> Self:
        """Begin."""
        for reader in self.readers:
            with suppress(OSError):  # no process to be had: reading the first file tries again, and tells
                reader.start(copy if CAN_COPY else fresh)
            self.idle.put(reader)
        self.threads = ThreadPoolExecutor(READERS)
        self.answers = [self.threads.submit(self._read, file) for file in self.files]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop what still reads."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        for reader in self.readers:
            reader.end()
        self.threads.shutdown()

    def __iter__(self) -> Iterator[Parts]:
        """Yield what each file gave, in the files' order; of one that its process did not survive, what ended it.

        Raises WorkbookError where a copy of a workbook cannot be kept.
        """
        for answer in self.answers:
            yield answer.result()

    def _read(self, file: TeamFile) -> Parts:
        reader = self.idle.get()
        try:
            return reader.read(file)
        finally:
            self.idle.put(reader)


class _Reader:
    """A process that reads one file after the other; another one takes its place where it did not survive a file."""

    def __init__(self, how: How) -> None:
        self.how = how
        self.process: BaseProcess | None = None
        self.ready = self.ended = False
        self.changing = Lock()  # the process: begun by the thread that reads, ended by whoever stops it

    def read(self, file: TeamFile) -> Parts:
        """Return what a file gave. Raises WorkbookError where its copy cannot be kept."""
        seconds, memory = _allowed(file, self.how[2])
        try:
            answer = self._answer(file, seconds, memory)
        except TimeoutError:
            answer = Parts([Problem("too-slow", file.name, fields={"seconds": f"{seconds}"})])
        except MemoryError:
            answer = _took_too_much(file, self.how[2])
        except (EOFError, OSError):
            if self.process is not None:
                self.process.join(LOOK)
            code = None if self.process is None else self.process.exitcode
            answer = Parts([Problem("reader-failed", file.name, fields={"detail": f"exit code {code}"})])
        else:
            if isinstance(answer, WorkbookError):
                raise answer
            return answer
        self._kill()
        return answer

    def _answer(self, file: TeamFile, seconds: int, memory: int) -> Parts | WorkbookError:
        """Return the process's answer. Raises TimeoutError, MemoryError, and EOFError or OSError where it has ended."""
        if self.process is None:
            self.start(fresh)
        if not self.ready:
            self._wait()
        self.pipe.send(file)
        until = time.monotonic() + seconds
        while not self.pipe.poll(LOOK):
            if time.monotonic() > until:
                raise TimeoutError
            if self.memory() - self.empty > memory:
                raise MemoryError
        answer: Parts | WorkbookError = self.pipe.recv()
        return answer

    def memory(self) -> int:
        """Return the bytes of memory that the process holds."""
        try:
            return int(self.watched.memory_info().rss)
        except psutil.Error:
            return 0

    def start(self, begin: Callable[..., BaseProcess]) -> None:
        """Begin the process; begin: how (workbooks.processes). Raises EOFError where no more is to be read."""
        with self.changing:
            if self.ended:
                raise EOFError
            self.pipe, theirs = pipe()
            process = begin(_serve, theirs, *self.how)
            theirs.close()
            self.process, self.watched, self.ready = process, psutil.Process(process.pid), False

    def _wait(self) -> None:
        if not self.pipe.poll(START):
            raise EOFError
        self.pipe.recv()
        self.ready, self.empty = True, self.memory()

    def _kill(self) -> None:
        with self.changing:
            process, self.process = self.process, None
            if process is not None:
                process.kill()
                process.join()
                self.pipe.close()

    def end(self) -> None:
        """Let no more be read; the process ends, whatever it does."""
        self.ended = True
        self._kill()


def read_apart(files: Sequence[TeamFile], aliases: Aliases, limits: Limits) -> list[Parts]:
    """Return what each file gave, all of them read by processes of their own."""
    with Reading(files, aliases, limits) as reading:
        return list(reading)


def _took_too_much(file: TeamFile, limits: Limits) -> Parts:
    refused = UnreadableFileError.beyond("memory_mb", limits.memory_mb)
    return Parts([Problem(refused.reason, file.name, fields={"detail": refused.detail})])


def _allowed(file: TeamFile, limits: Limits) -> tuple[int, int]:
    """Return the seconds and the bytes of memory that reading a file may take."""
    size = 0
    with suppress(OSError):
        size = file.path.stat().st_size
    seconds = limits.seconds + math.ceil(SECONDS_A_MEGABYTE * size / MEGABYTE)
    memory = limits.memory_mb * MEGABYTE + MEMORY_A_MEGABYTE * size
    return seconds, min(memory, psutil.virtual_memory().total // (READERS + 1))


def _serve(pipe: Connection, recogniser: Recogniser, keep: Keep | None, limits: Limits) -> None:
    """Read the files that are named on the pipe, one after the other, until nobody is there."""
    with suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - what a parser prints is for nobody
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
    with suppress(EOFError, OSError):
        pipe.send(None)  # ready: from now on time counts
        while True:
            file: TeamFile = pipe.recv()
            try:
                pipe.send(read_file(file, recogniser, keep, limits))
            except WorkbookError as error:
                pipe.send(error)
            except MemoryError:
                pipe.send(_took_too_much(file, limits))
            except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RuntimeError) as error:
                fields = {"detail": f"{type(error).__name__}: {error}"[:200]}
                pipe.send(Parts([Problem("reader-failed", file.name, fields=fields)]))
