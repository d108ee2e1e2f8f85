"""Time in seconds that pyarrow needs to write the figures files of a release again: the peer of the bench's publish stage.

    python3 pyarrow_write.py RELEASE REPEATS
"""

import pathlib
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq

release, repeats = pathlib.Path(sys.argv[1]), int(sys.argv[2])
tables = [pq.read_table(path) for path in sorted((release / "figures").rglob("*.parquet"))]
best = float("inf")
with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
    for _ in range(repeats):
        begun = time.perf_counter()
        list(
            pool.map(
                lambda numbered: pq.write_table(
                    numbered[1],
                    pathlib.Path(folder) / f"{numbered[0]}.parquet",
                    compression="zstd",
                    compression_level=9,
                    row_group_size=122_880,
                    write_page_index=True,
                ),
                enumerate(tables),
            )
        )
        best = min(best, time.perf_counter() - begun)
print(best)
