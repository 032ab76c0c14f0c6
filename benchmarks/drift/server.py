"""Runs mlp-server with copies of one network, sends gRPC requests with tritonclient, and reads /metrics.

The server judges each copy separately, so it can watch a hundred streams at the same time. Requests have
100 rows, a tenth of a window, and follow each other, so every sub-window is one request.
"""

import pathlib
import re
import shutil
import subprocess
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tritonclient.grpc import InferenceServerClient, InferInput, InferRequestedOutput

from networks import Network

WINDOW_ROWS = 1_000
REQUEST_ROWS = 100
PATIENCE_SECONDS = 120
JUDGED_WITHIN_SECONDS = 5  # the server judges once a second

_SAMPLE = re.compile(r'^(mlp_\w+)\{(.*)\} (\S+)$')
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Judged:
    """The last judged window of one target."""

    ratio: float
    rows: int
    end: float  # Unix time; 0 if no window has been judged
    alarms: int


class Server:
    """A context manager that serves `copies` of the network, each named after its number."""

    def __init__(
        self, programs: pathlib.Path, network: Network, calibration: np.ndarray, work: pathlib.Path, copies: int
    ) -> None:
        self.input = network.input
        self.targets = network.targets
        self.copies = copies
        self._ends: dict[tuple[int, str], float] = {}
        shutil.rmtree(work, ignore_errors=True)
        first = work / "repository" / "0" / "1"
        first.mkdir(parents=True)
        shutil.copy(network.path, first / "model.onnx")
        np.save(work / "calibration.npy", calibration)
        subprocess.run(
            [programs / "mlp-client", "calibrate", first / "model.onnx", "--input", work / "calibration.npy"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for copy in range(1, copies):
            shutil.copytree(first.parent, work / "repository" / str(copy))
        self._log = work / "log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [
                    programs / "mlp-server",
                    "--model-repository", work / "repository",
                    "--grpc-address", "127.0.0.1:0",
                    "--http-address", "127.0.0.1:0",
                    "--rpc-threads", "1",
                    "--evaluator-threads", "1",
                    "--saturation-window", str(WINDOW_ROWS),
                ],
                stderr=log,
            )  # fmt: skip

    def __enter__(self) -> "Server":
        try:
            grpc = self._port(r" gRPC on .*, port (\d+),")
            self._http = self._port(r" HTTP on .*, port (\d+):")
            self.client = InferenceServerClient(f"127.0.0.1:{grpc}")
            # Windows start only once a baseline is in force.
            self._until(lambda: len(self._samples("mlp_baseline_info")) == self.copies)
            self._until(lambda: len(self.judged()) == self.copies)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def ask(self, copy: int, rows: np.ndarray, output: str = "probabilities") -> np.ndarray:
        tensor = InferInput(self.input, list(rows.shape), "FP32")
        tensor.set_data_from_numpy(rows)
        wanted = [InferRequestedOutput(output)]
        return self.client.infer(str(copy), [tensor], outputs=wanted).as_numpy(output)

    def judged(self) -> dict[int, dict[str, Judged]]:
        """The last judged window of each target, by copy."""
        found: dict[int, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
        for name, labels, value in self._samples("mlp_drift_"):
            found[int(labels["model"])][labels["layer"]][name.removeprefix("mlp_drift_")] = value
        return {
            copy: {
                layer: Judged(
                    values["ratio"],
                    int(values["window_rows"]),
                    values["window_end_timestamp_seconds"],
                    int(values["alarms_total"]),
                )
                for layer, values in layers.items()
            }
            for copy, layers in found.items()
        }

    def wait_for_windows(
        self, due: dict[int, list[str]], ask_more: Callable[[set[int]], None] = lambda _: None
    ) -> dict[int, dict[str, Judged]]:
        """Waits until each of these targets of these copies has a new window since the last call.

        Calls `ask_more` repeatedly with the copies that have none yet.
        """
        last = self._ends
        deadline = time.monotonic() + PATIENCE_SECONDS
        patient_until = time.monotonic() + JUDGED_WITHIN_SECONDS
        while True:
            judged = self.judged()
            ends = {(copy, layer): judged[copy][layer].end for copy, layers in due.items() for layer in layers}
            if all(end > last.get(key, 0) for key, end in ends.items()):
                self._ends = last | ends
                return judged
            late = {key for key, end in ends.items() if end <= last.get(key, 0)}
            if time.monotonic() > deadline:
                raise TimeoutError(f"no new window of {sorted(late)[:5]}")
            if time.monotonic() > patient_until:
                ask_more({copy for copy, _ in late})
            time.sleep(0.5)

    def forget_windows(self) -> None:
        """Makes wait_for_windows ignore the windows judged so far."""
        self._ends = {
            (copy, layer): of_layer.end for copy, layers in self.judged().items() for layer, of_layer in layers.items()
        }

    def watched_rows(self, copy: int) -> int:
        samples = self._samples("mlp_watched_rows_total")
        return sum(int(value) for _, labels, value in samples if labels["model"] == str(copy))

    def _samples(self, prefix: str) -> list[tuple[str, dict[str, str], float]]:
        address = f"http://127.0.0.1:{self._http}/metrics"
        with urllib.request.urlopen(address, timeout=60) as page:
            lines = page.read().decode().splitlines()
        matches = (_SAMPLE.match(line) for line in lines if line.startswith(prefix))
        return [(m[1], dict(_LABEL.findall(m[2])), float(m[3])) for m in matches if m]

    def _port(self, pattern: str) -> int:
        self._until(lambda: re.search(" ready ", self._log.read_text()))
        return int(re.search(pattern, self._log.read_text())[1])

    def _until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server ended or did not become ready:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.2)
