"""Measures how soon alibi-detect's MMDDriftOnline sees ten drifts, row by row.

    python online.py STREAMS CASE RESULT.json

Uses few streams, because each row takes milliseconds. The level is the largest score of 10,000 healthy
rows, so the detector alarms at most once in 10,000 rows. The server alarms less often: four targets at
0.1 % give one alarm in 250 windows of 1,000 rows.
"""

import json
import os
import pathlib
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import numpy as np
import tensorflow as tf
from alibi_detect.cd.tensorflow.mmd_online import MMDDriftOnlineTF

REFERENCE_ROWS = 2_000
TEST_WINDOW_ROWS = 200
HEALTHY_ROWS = 10_000
STREAMS = 3
MOST_ROWS = 2_000  # after the onset


class Uncalibrated(MMDDriftOnlineTF):
    """Skips finding thresholds by bootstrapping, which takes hours for such rare alarms."""

    def _configure_thresholds(self) -> None:
        self.thresholds = [np.inf] * self.window_size


def main(streams: pathlib.Path, name: str, result: pathlib.Path) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    folder = streams / name
    reference = np.load(folder / "calibration.npy")[:REFERENCE_ROWS]
    tf.random.set_seed(1)
    detector = Uncalibrated(reference, ert=HEALTHY_ROWS, window_size=TEST_WINDOW_ROWS, verbose=False)
    healthy = np.load(folder / "healthy.npy").reshape(-1, reference.shape[1])[:HEALTHY_ROWS]
    begin = time.process_time()
    level = max(float(detector.score(row)) for row in healthy)
    milliseconds = 1000 * (time.process_time() - begin) / len(healthy)
    found = {"level": level, "cpu_milliseconds_of_a_row": milliseconds, "delays": []}
    for index in range(len(list(folder.glob("onset_*.npy")))):
        onsets = np.load(folder / f"onset_{index}.npy")
        stream = np.load(folder / f"drift_{index}.npy", mmap_mode="r")
        delays = []
        for number, onset in enumerate(onsets[:STREAMS]):
            detector.reset_state()
            drifted = stream[number].reshape(-1, reference.shape[1])[onset : onset + MOST_ROWS]
            delays.append(next((i + 1 for i, row in enumerate(drifted) if detector.score(row) > level), None))
        found["delays"].append(delays)
        result.write_text(json.dumps(found))
        print(name, index, delays, flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))
