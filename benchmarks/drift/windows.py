"""Windows of rows through the server, each judged by the definition too, on the very same rows."""

import pathlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from definition import Definition
from networks import Case
from server import REQUEST_ROWS, WINDOW_ROWS, Judged, Server
from streams import calibration_rows

SUB_WINDOWS = WINDOW_ROWS // REQUEST_ROWS

Draw = Callable[[int], tuple[np.ndarray, np.ndarray]]  # WINDOW_ROWS rows and labels of a window


@dataclass
class Judgements:
    """What a stream's windows gave: pairs of the server's ratio and the definition's, by target."""

    ratios: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    right: list[float] = field(default_factory=list)  # share of each window's answers


@dataclass
class Window:
    """Sums of the sub-windows so far."""

    sums: list[np.ndarray] = field(default_factory=list)

    def add(self, sums: np.ndarray) -> bool:
        """Whether this sub-window was the last."""
        self.sums.append(sums)
        return len(self.sums) == SUB_WINDOWS

    def ratio(self, definition: Definition, target: str) -> float:
        """Forgets the window."""
        rows = np.full(SUB_WINDOWS, REQUEST_ROWS)
        ratio = definition.targets[target].ratio(np.stack(self.sums), rows)
        self.sums = []
        return ratio


class Stream:
    """One copy on the server, what it was asked, and what the definition makes of it."""

    def __init__(self, server: Server, copy: int, definition: Definition, interval: int) -> None:
        self.server, self.copy, self.definition, self.interval = server, copy, definition, interval
        self.requests = 0
        self.hidden = {target: Window() for target in server.targets[1:-1]}
        self.watched = {target: Window() for target in (server.targets[0], server.targets[-1])}
        self.expected: dict[str, float] = {}  # ratios of the windows that ended since `judge`
        self.judgements = Judgements()

    def send(self, rows: np.ndarray) -> np.ndarray:
        """Sends one request, and gives the predicted classes."""
        predicted = self.server.ask(self.copy, rows).argmax(1)
        is_watched = self.requests % self.interval == 0
        self.requests += 1
        self.last = rows
        sums = self.definition.sums(rows)
        for target, window in (self.hidden | self.watched).items():
            if (target in self.hidden or is_watched) and window.add(sums[target]):
                self.expected[target] = window.ratio(self.definition, target)
        return predicted

    def send_window(self, rows: np.ndarray, labels: np.ndarray) -> None:
        """A window of the hidden layers."""
        predicted = [self.send(part) for part in np.split(rows, SUB_WINDOWS)]
        self.judgements.right.append(float((np.concatenate(predicted) == labels).mean()))

    def send_watched(self, rows: np.ndarray) -> None:
        """Requests until a window of the watched ones is over; between them the last one is sent again."""
        parts = iter(np.split(rows, SUB_WINDOWS))
        tensor = next(parts)
        inputs = self.server.targets[0]
        while inputs not in self.expected:
            is_watched = self.requests % self.interval == 0
            if is_watched and self.watched[inputs].sums:
                tensor = next(parts, tensor)
            if is_watched:
                self.send(tensor)
            else:
                self.server.ask(self.copy, tensor)
                self.requests += 1

    def judge(self, judged: dict[str, Judged], targets: list[str], batches: int) -> None:
        """Takes the ratios of the windows that ended. The server cuts batches short where the machine is busy:
        which ones it watched is not known from then on, and the definition has no ratio (NaN)."""
        for target in targets:
            known = target in self.hidden or batches == self.requests
            if known and judged[target].rows != WINDOW_ROWS:
                raise ValueError(f"a window of {target} has {judged[target].rows} rows, not {WINDOW_ROWS}")
            expected = self.expected.get(target, np.nan) if known else np.nan
            self.judgements.ratios[target].append((judged[target].ratio, expected))
        self.expected = {}


def judge_streams(
    case: Case, programs: pathlib.Path, work: pathlib.Path, draws: list[Draw], windows: int, watched_windows: int
) -> list[Judgements]:
    """`windows` windows of each stream for the hidden layers, then `watched_windows` of the watched requests."""
    calibration = calibration_rows(case)
    definition = Definition(case.network, calibration)
    probe = len(draws)
    with Server(programs, case.network, calibration, work, probe + 1) as server:
        interval = server.find_interval(probe, calibration[:REQUEST_ROWS])
        print(f"{case.name}: {probe} streams, every {interval}th request is watched", flush=True)
        streams = [Stream(server, copy, definition, interval) for copy in range(probe)]
        for number in range(windows):
            for stream, draw in zip(streams, draws):
                stream.send_window(*draw(number))
            _judge(server, streams, hidden=True)
        server.forget_windows()
        for number in range(windows, windows + watched_windows):
            for stream, draw in zip(streams, draws):
                stream.send_watched(draw(number)[0])
            _judge(server, streams, hidden=False)
    return [stream.judgements for stream in streams]


def _judge(server: Server, streams: list[Stream], hidden: bool) -> None:
    """Waits for the windows that ended, and compares."""
    targets = server.targets[1:-1] if hidden else [server.targets[0], server.targets[-1]]
    due = {stream.copy: targets for stream in streams}

    def ask_more(late: set[int]) -> None:
        """For those whose watched requests are others than thought."""
        for stream in streams:
            for _ in range(stream.interval if stream.copy in late else 0):
                server.ask(stream.copy, stream.last)
                stream.requests += 1

    judged = server.wait_for_windows(due, ask_more)
    batches = server.batches()
    for stream in streams:
        stream.judge(judged[stream.copy], due[stream.copy], batches[stream.copy])
