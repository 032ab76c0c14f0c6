"""Measures the drift ratios of a running server: evidence, false alarms, or delays. Writes one JSON file.

    python evidence.py evidence|quiet|delays PROGRAMS FOLDER CASE

PROGRAMS is the folder of mlp-server and mlp-client. FOLDER has models/ (from networks.py) and streams/
(from streams.py); evidence-CASE.json, quiet-CASE.json or delays-CASE.json is written to it.
"""

import json
import pathlib
import sys
from functools import partial

import numpy as np

from definition import Definition
from drifts import HEALTHY, Drift, drifts_of
from networks import Case, case_of
from server import REQUEST_ROWS, WINDOW_ROWS, Server
from streams import EVIDENCE_USE, QUIET_USE, calibration_rows, ten_drifts
from windows import Judgements, judge_streams

EVIDENCE_WINDOWS = 20  # for each drift
# Windows of watched requests for each drift. The server watches one request in 19 or in 36.
EVIDENCE_WATCHED_WINDOWS = {"table-relu": 10, "digits-tanh": 5}
QUIET_STREAMS = 100
QUIET_WINDOWS = 21  # for each stream
QUIET_WATCHED_WINDOWS = {"table-relu": 5, "digits-tanh": 2}

# Small requests: the fewer rows a batch has, the more batches are watched.
DELAY_REQUEST_ROWS = 4


def draw(case: Case, drift: Drift, use: int, number: int, window: int) -> tuple[np.ndarray, np.ndarray]:
    return drift.draw(case.world, case.random(use, number, window), WINDOW_ROWS)


def _judgements(found: Judgements) -> dict:
    return {"right": found.right, "ratios": found.ratios}


def evidence(case: Case, programs: pathlib.Path, folder: pathlib.Path) -> dict:
    drifts = [HEALTHY, *drifts_of(case.world)]
    draws = [partial(draw, case, drift, EVIDENCE_USE, number) for number, drift in enumerate(drifts)]
    found = judge_streams(case, programs, folder / "served", draws, EVIDENCE_WINDOWS, EVIDENCE_WATCHED_WINDOWS[case.name])
    return {drift.name: _judgements(of_drift) for drift, of_drift in zip(drifts, found)}


def quiet(case: Case, programs: pathlib.Path, folder: pathlib.Path) -> dict:
    draws = [partial(draw, case, HEALTHY, QUIET_USE, number) for number in range(QUIET_STREAMS)]
    watched = QUIET_WATCHED_WINDOWS[case.name]
    found = judge_streams(case, programs, folder / "served", draws, QUIET_WINDOWS, watched)
    return {str(number): _judgements(of_stream) for number, of_stream in enumerate(found)}


def delays(case: Case, programs: pathlib.Path, folder: pathlib.Path) -> dict:
    streams = folder / "streams" / case.name
    drifts = ten_drifts(case)
    rows = np.concatenate([np.load(streams / f"drift_{i}.npy", mmap_mode="r") for i in range(len(drifts))])
    by_server = _served_ratios(case, programs, folder, rows)
    definition = Definition(case.network, calibration_rows(case))
    by_definition = [[_ratios(definition, window) for window in stream] for stream in rows]
    each = len(rows) // len(drifts)
    found = {}
    for index, drift in enumerate(drifts):
        part = slice(index * each, (index + 1) * each)
        onset = np.load(streams / f"onset_{index}.npy").tolist()
        found[drift.name] = {"onset": onset, "server": by_server[part], "definition": by_definition[part]}
    return found


def _served_ratios(
    case: Case, programs: pathlib.Path, folder: pathlib.Path, streams: np.ndarray
) -> list[list[dict[str, float]]]:
    """The last ratio of each target, by stream and window; 0 before the first ratio."""
    calibration = calibration_rows(case)
    found: list[list[dict[str, float]]] = [[] for _ in streams]
    with Server(programs, case.network, calibration, folder / "served", len(streams)) as server:
        hidden = server.targets[1:-1]
        for window in range(streams.shape[1]):
            for copy, stream in enumerate(streams):
                for part in np.split(stream[window], WINDOW_ROWS // DELAY_REQUEST_ROWS):
                    server.ask(copy, part)
            judged = server.wait_for_windows({copy: hidden for copy in range(len(streams))})
            for copy, ratios in enumerate(found):
                ratios.append({layer: j.ratio if j.end > 0 else 0.0 for layer, j in judged[copy].items()})
    return found


def _ratios(definition: Definition, rows: np.ndarray) -> dict[str, float]:
    parts = [definition.sums(part) for part in np.split(rows, WINDOW_ROWS // REQUEST_ROWS)]
    counts = np.full(len(parts), REQUEST_ROWS)
    return {
        name: target.ratio(np.stack([part[name] for part in parts]), counts)
        for name, target in definition.targets.items()
    }


if __name__ == "__main__":
    what, programs, folder, name = sys.argv[1], *map(pathlib.Path, sys.argv[2:4]), sys.argv[4]
    run = {"evidence": evidence, "quiet": quiet, "delays": delays}[what]
    result = run(case_of(name, folder / "models"), programs, folder)
    (folder / f"{what}-{name}.json").write_text(json.dumps(result))
