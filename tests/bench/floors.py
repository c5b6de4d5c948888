"""The floors: what the best libraries need for the parsing and the writing alone, on the same inputs.

`python -m tests.bench.floors ORDERS OUTPUT [--apart]` prints seconds as JSON. Only what the floors need is imported.

parse: every workbook's first sheet as Arrow text, by fastexcel over two threads. write: all rows under each other, 20
columns of plain cells. zip: the inputs' parts inflated and the output's deflated by ISA-L over two threads.
"""

from __future__ import annotations

import argparse
import json
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fastexcel
import numpy as np
import pyarrow as pa
from isal import isal_zlib

from tests.bench.bare_book import write_bare
from workbooks.writing.archive import WORKERS, deflated

NUMBERS = slice(8, 12)  # quantity, unit price, discount, amount
PIECE = 4_000_000  # bytes deflated at a time


def parse(paths: Sequence[Path]) -> list[pa.RecordBatch]:
    """Return each workbook's first sheet as text, headings and all."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(_parsed, paths))


def _parsed(path: Path) -> pa.RecordBatch:
    return fastexcel.read_excel(path).load_sheet_eager(0, header_row=None, skip_rows=0, dtypes="string")


def merged(paths: Sequence[Path], batches: Sequence[pa.RecordBatch]) -> dict[str, pa.Array]:
    """Return the rows of all workbooks under each other: their 16 columns, and file, sheet, row and a decision."""
    headings = [column[0].as_py() for column in batches[0].columns]
    columns = {
        heading: pa.concat_arrays([batch.column(place).slice(1) for batch in batches])
        for place, heading in enumerate(headings)
    }
    for heading in headings[NUMBERS]:
        columns[heading] = columns[heading].cast(pa.float64())
    sizes = [len(batch) - 1 for batch in batches]
    files = pa.array(np.repeat(np.arange(len(paths), dtype=np.int32), sizes))
    columns["file"] = pa.DictionaryArray.from_arrays(files, [path.name for path in paths])
    same = pa.array(np.zeros(len(files), np.int32))
    columns["sheet"] = pa.DictionaryArray.from_arrays(same, ["Sheet1"])
    columns["row"] = pa.array(np.concatenate([np.arange(2, size + 2) for size in sizes]))
    columns["decision"] = pa.DictionaryArray.from_arrays(same, ["pass"])
    return columns


def zipped(paths: Sequence[Path], output: Path) -> float:
    """Return the seconds to inflate the inputs and to deflate the output's parts, everything in memory."""
    inputs = [packed for path in paths for packed in _entries(path)]
    parts = [isal_zlib.decompress(packed, -15) for packed in _entries(output)]
    pieces = [part[start : start + PIECE] for part in parts for start in range(0, len(part), PIECE)]
    start = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(lambda packed: len(isal_zlib.decompress(packed, -15)), inputs):
            pass
        for _ in pool.map(lambda piece: len(deflated(piece)[1]), pieces):
            pass
    return time.perf_counter() - start


def _entries(path: Path) -> list[bytes]:
    """Return a workbook's parts as they lie in it, deflated."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        found = []
        for entry in archive.infolist():
            file.seek(entry.header_offset + 26)
            sizes = file.read(4)
            file.seek(int.from_bytes(sizes[:2], "little") + int.from_bytes(sizes[2:], "little"), 1)
            found.append(file.read(entry.compress_size))
    return found


def main() -> None:
    """Parse and write; with --apart, also the zip alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("orders", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--apart", action="store_true", help="measure the zip alone too")
    options = parser.parse_args()
    paths = sorted(options.orders.rglob("*.xlsx"))
    start = time.perf_counter()
    batches = parse(paths)
    read = time.perf_counter()
    write_bare(options.output, merged(paths, batches))
    seconds = {"parse": read - start, "write": time.perf_counter() - read}
    if options.apart:
        seconds["zip"] = zipped(paths, options.output)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
