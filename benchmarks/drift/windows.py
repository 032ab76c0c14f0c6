"""Sends windows of rows to the server and judges the same rows by the definition."""

import itertools
import pathlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from definition import Definition
from networks import Case
from server import REQUEST_ROWS, WINDOW_ROWS, Judged, Server
from streams import calibration_rows

SUB_WINDOWS = WINDOW_ROWS // REQUEST_ROWS

Draw = Callable[[int], tuple[np.ndarray, np.ndarray]]  # WINDOW_ROWS rows and labels, by window number


@dataclass
class Judgements:
    """Results for a stream's windows: pairs of the server's and the definition's ratio, by target."""

    ratios: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    right: list[float] = field(default_factory=list)  # share of right answers in each window


@dataclass
class Window:
    """The sums of a window's sub-windows so far."""

    sums: list[np.ndarray] = field(default_factory=list)

    def add(self, sums: np.ndarray) -> bool:
        """Adds a sub-window and returns whether the window is complete."""
        self.sums.append(sums)
        return len(self.sums) == SUB_WINDOWS

    def ratio(self, definition: Definition, target: str) -> float:
        """The ratio of the complete window. Starts a new window."""
        rows = np.full(SUB_WINDOWS, REQUEST_ROWS)
        ratio = definition.targets[target].ratio(np.stack(self.sums), rows)
        self.sums = []
        return ratio


class Stream:
    """One copy on the server, and the definition's judgement of its requests."""

    def __init__(self, server: Server, copy: int, definition: Definition) -> None:
        self.server, self.copy, self.definition = server, copy, definition
        self.hidden = {target: Window() for target in server.targets[1:-1]}
        self.expected: dict[str, float] = {}  # ratios of the windows completed since judge()
        self.judgements = Judgements()

    def send(self, rows: np.ndarray) -> np.ndarray:
        """Sends one request and returns the predicted classes."""
        predicted = self.server.ask(self.copy, rows).argmax(1)
        self.last = rows
        sums = self.definition.sums(rows)
        for target, window in self.hidden.items():
            if window.add(sums[target]):
                self.expected[target] = window.ratio(self.definition, target)
        return predicted

    def send_window(self, rows: np.ndarray, labels: np.ndarray) -> None:
        """Sends one window for the hidden layers."""
        predicted = [self.send(part) for part in np.split(rows, SUB_WINDOWS)]
        self.judgements.right.append(float((np.concatenate(predicted) == labels).mean()))

    def send_watched(self, fresh: Iterator[np.ndarray]) -> None:
        """Sends requests until the server has watched a window's rows. It watches one request in k, at random."""
        before = self.server.watched_rows(self.copy)
        while self.server.watched_rows(self.copy) - before < WINDOW_ROWS:
            for part in np.split(next(fresh), SUB_WINDOWS):
                self.server.ask(self.copy, part)
                self.last = part

    def judge(self, judged: dict[str, Judged], targets: list[str]) -> None:
        """Records the ratios of the completed windows. For inputs and outputs it is unknown which requests were
        watched, so the definition has no ratio (NaN)."""
        for target in targets:
            if target in self.hidden and judged[target].rows != WINDOW_ROWS:
                raise ValueError(f"a window of {target} has {judged[target].rows} rows, not {WINDOW_ROWS}")
            self.judgements.ratios[target].append((judged[target].ratio, self.expected.get(target, np.nan)))
        self.expected = {}


def _rows_of(draw: Draw, first: int) -> Iterator[np.ndarray]:
    for number in itertools.count(first):
        yield draw(number)[0]


def judge_streams(
    case: Case, programs: pathlib.Path, work: pathlib.Path, draws: list[Draw], windows: int, watched_windows: int
) -> list[Judgements]:
    """Judges `windows` windows of each stream for the hidden layers, then `watched_windows` for inputs and outputs."""
    calibration = calibration_rows(case)
    definition = Definition(case.network, calibration)
    with Server(programs, case.network, calibration, work, len(draws)) as server:
        streams = [Stream(server, copy, definition) for copy in range(len(draws))]
        for number in range(windows):
            for stream, draw in zip(streams, draws):
                stream.send_window(*draw(number))
            _judge(server, streams, hidden=True)
        server.forget_windows()
        fresh = [_rows_of(draw, windows) for draw in draws]
        for number in range(watched_windows):
            for stream, rows in zip(streams, fresh):
                stream.send_watched(rows)
            _judge(server, streams, hidden=False)
            print(f"{case.name}: {number + 1} of {watched_windows} watched windows", flush=True)
    return [stream.judgements for stream in streams]


def _judge(server: Server, streams: list[Stream], hidden: bool) -> None:
    """Waits for the server to judge the completed windows, and records them."""
    targets = server.targets[1:-1] if hidden else [server.targets[0], server.targets[-1]]
    due = {stream.copy: targets for stream in streams}

    def ask_more(late: set[int]) -> None:
        """Sends more requests to copies whose last watched rows a server thread still holds."""
        for stream in streams:
            for _ in range(SUB_WINDOWS if stream.copy in late else 0):
                server.ask(stream.copy, stream.last)

    judged = server.wait_for_windows(due, ask_more)
    for stream in streams:
        stream.judge(judged[stream.copy], due[stream.copy])
