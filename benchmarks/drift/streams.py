"""Writes rows to files, so that the server and other detectors get exactly the same rows.

    python streams.py FOLDER REPOSITORY

Writes FOLDER/CASE/calibration.npy [10,000, width], healthy.npy [windows, 1,000, width] and, for each
of ten drifts, drift_I.npy [streams, windows, 1,000, width]. Each drift starts within a stream's first
window, after onset_I.npy [streams] healthy rows, and persists.
"""

import pathlib
import sys

import numpy as np

from drifts import HEALTHY, Drift, drifts_of
from networks import CASES, Case, case_of

WINDOW_ROWS = 1_000
CALIBRATION_ROWS = 10_000
HEALTHY_WINDOWS = 1_000
STREAMS = 10
STREAM_WINDOWS = 20

# Values of `use` for Case.random.
CALIBRATION, HEALTHY_USE, STREAM_USE, EVIDENCE_USE, QUIET_USE = range(5)

TEN = {
    "table-relu": (
        "half the columns from the next row",
        "the same for 20 % of rows",
        "two columns swapped",
        "one column from another row",
        "one column stuck at its mean",
        "one column + 0.25 σ",
        "all × 1.05",
        "noise 0.1 σ",
        "a new cluster, 5 %",
        "class 0 twice as often",
    ),
    "digits-tanh": (
        "torn: lower half of the next picture",
        "torn, 20 % of pictures",
        "two far pixels swapped",
        "one pixel from another picture",
        "one pixel stuck at its mean",
        "all × 1.05",
        "noise 0.05",
        "noise 0.1",
        "a new class: 5 % turned by 90°",
        "eights twice as often",
    ),
}


def calibration_rows(case: Case) -> np.ndarray:
    return HEALTHY.draw(case.world, case.random(CALIBRATION, 0, 0), CALIBRATION_ROWS)[0]


def ten_drifts(case: Case) -> list[Drift]:
    by_name = {drift.name: drift for drift in drifts_of(case.world)}
    return [by_name[name] for name in TEN[case.name]]


def _write(case: Case, folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "calibration.npy", calibration_rows(case))
    healthy = [
        HEALTHY.draw(case.world, case.random(HEALTHY_USE, 0, window), WINDOW_ROWS)[0]
        for window in range(HEALTHY_WINDOWS)
    ]
    np.save(folder / "healthy.npy", np.stack(healthy))
    rows = STREAM_WINDOWS * WINDOW_ROWS
    for index, drift in enumerate(ten_drifts(case)):
        onsets, streams = [], []
        for number in range(STREAMS):
            random = case.random(STREAM_USE, index, number)
            onset = int(random.integers(0, WINDOW_ROWS))
            stream, _ = drift.draw(case.world, random, rows)
            stream[:onset] = HEALTHY.draw(case.world, random, WINDOW_ROWS)[0][:onset]
            onsets.append(onset)
            streams.append(stream.reshape(STREAM_WINDOWS, WINDOW_ROWS, -1))
        np.save(folder / f"onset_{index}.npy", onsets)
        np.save(folder / f"drift_{index}.npy", np.stack(streams))


if __name__ == "__main__":
    for name in CASES:
        _write(case_of(name, pathlib.Path(sys.argv[2])), pathlib.Path(sys.argv[1]) / name)
