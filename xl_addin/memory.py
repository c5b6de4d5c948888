"""Memory as one long run wants it; figures in docs/performance.md."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # mallopt(3)
_KEPT = 1 << 28  # bytes that are freed before any go back to the system


@contextmanager
def for_a_long_run() -> Iterator[None]:
    """Set memory up for what is inside: freed memory is kept, and nothing looks for circles in what is no longer used.

    The processes that the run begins as copies of this one are set up like it.
    """
    # where Arrow has it: threads that allocate at once wait less for each other
    if "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_TRIM_THRESHOLD, _KEPT)  # the next column takes the last one's place, and no pages are cleared
        libc.mallopt(_M_MMAP_THRESHOLD, _KEPT)
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
