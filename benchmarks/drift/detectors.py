"""Measures how soon alibi-detect's detectors see ten drifts, at 0.4 % false alarms on healthy windows.

    python detectors.py STREAMS REPOSITORY CASE RESULT.json

Compares each detector's score of a window with the level that 0.4 % of the healthy windows exceed. Does
not use p-values: n permutations give none below 1/n, and KSDrift's correction assumes independent columns.
Reads the files of streams.py.
"""

import json
import os
import pathlib
import sys
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import numpy as np
import tensorflow as tf
from alibi_detect.cd import ChiSquareDrift, KSDrift, MMDDrift

from networks import Network, case_of

FALSE_ALARMS = 0.004  # share of windows
MMD_REFERENCE_ROWS = 1_000  # its time grows with their square

View = Callable[[np.ndarray], np.ndarray]
Score = Callable[[np.ndarray], float]


def detectors_of(network: Network, calibration: np.ndarray) -> dict[str, Score]:
    def softmax(rows: np.ndarray) -> np.ndarray:
        return network.answer(rows).probabilities

    def hidden(rows: np.ndarray) -> np.ndarray:
        return network.answer(rows).values[0]

    def label(rows: np.ndarray) -> np.ndarray:
        return softmax(rows).argmax(1)[:, None]

    def kolmogorov_smirnov(view: View) -> Score:
        detector = KSDrift(view(calibration))
        return lambda rows: float(detector.score(view(rows))[1].max())

    def mmd(view: View) -> Score:
        reference = view(calibration[:MMD_REFERENCE_ROWS])
        detector = MMDDrift(reference, backend="tensorflow", n_permutations=1)
        return lambda rows: float(detector._detector.score(view(rows))[1])

    def chi_square(view: View) -> Score:
        detector = ChiSquareDrift(view(calibration))
        return lambda rows: float(detector.score(view(rows))[1].max())

    return {
        "KSDrift, inputs": kolmogorov_smirnov(lambda rows: rows),
        "KSDrift, softmax": kolmogorov_smirnov(softmax),
        "ChiSquareDrift, classes": chi_square(label),
        "MMDDrift, inputs": mmd(lambda rows: rows),
        "MMDDrift, softmax": mmd(softmax),
        "MMDDrift, hidden_1": mmd(hidden),
    }


def first_above(score: Score, level: float, windows: np.ndarray) -> int | None:
    """Index of the first window whose score exceeds the level."""
    return next((index for index, rows in enumerate(windows) if score(rows) > level), None)


def main(streams: pathlib.Path, repository: pathlib.Path, name: str, result: pathlib.Path) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    folder = streams / name
    network = case_of(name, repository).network
    healthy = np.load(folder / "healthy.npy")
    drifts = len(list(folder.glob("onset_*.npy")))
    found = json.loads(result.read_text()) if result.exists() else {}
    for detector, score in detectors_of(network, np.load(folder / "calibration.npy")).items():
        if detector in found:
            continue
        scores = sorted(score(rows) for rows in healthy)
        allowed = round(FALSE_ALARMS * len(scores))
        level = scores[-allowed - 1]
        alarms = []
        for index in range(drifts):
            streamed = np.load(folder / f"drift_{index}.npy", mmap_mode="r")
            alarms.append([first_above(score, level, windows) for windows in streamed])
        found[detector] = {"level": level, "alarms": alarms}
        result.write_text(json.dumps(found, indent=1))
        print(name, detector, level, flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4]))
