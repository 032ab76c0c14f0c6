"""Prints the tables of docs/measurements/drift.md from the results of evidence.py, detectors.py and online.py.

    python report.py FOLDER
"""

import json
import math
import pathlib
import sys
from collections.abc import Iterable

import numpy as np

from networks import CASES
from streams import STREAM_WINDOWS, WINDOW_ROWS

COSTLY_POINTS = 3.0
NEVER = math.inf


def table(head: list[str], rows: Iterable[list[str]]) -> None:
    print("\n| " + " | ".join(head) + " |")
    print("|---|" + "--:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def targets_of(names: Iterable[str]) -> list[str]:
    """The targets in the order in which a row passes through them."""
    return sorted(names, key=lambda name: (name != "inputs", name == "outputs", name))


def pairs_of(judgements: dict, target: str) -> np.ndarray:
    """The server's and the definition's ratios: [windows, 2]."""
    return np.array(judgements["ratios"][target])


def compared(pairs: np.ndarray) -> np.ndarray:
    """The pairs for which the definition has a ratio."""
    return pairs[~np.isnan(pairs[:, 1])]


def difference(pairs: np.ndarray) -> float:
    server, definition = compared(pairs).T
    return float((np.abs(server - definition) / definition).max(initial=0))


def seen(pairs: np.ndarray) -> str:
    """The percentage of windows above 1 on the server, and by the definition if that differs."""
    both = compared(pairs) > 1
    server = f"{100 * (pairs[:, 0] > 1).mean():.0f}"
    return server if (both[:, 0] == both[:, 1]).all() else f"{server} ({100 * both[:, 1].mean():.0f})"


def evidence(name: str, found: dict) -> None:
    targets = targets_of(found["none"]["ratios"])
    healthy = np.mean(found["none"]["right"])
    watched, hidden = (len(found["none"]["ratios"][target]) for target in targets[:2])
    print(f"\n### {name}: accuracy {100 * healthy:.1f} %; {hidden} windows for each drift, {watched} for inputs and outputs")

    def cells(judgements: dict) -> list[str]:
        return [seen(pairs_of(judgements, target)) for target in targets]

    cost = {drift: 100 * (np.mean(of_drift["right"]) - healthy) for drift, of_drift in found.items()}
    rows = [[drift, f"{cost[drift]:+.1f}", *cells(found[drift])] for drift in found if drift != "none"]
    costly = [drift for drift in found if cost[drift] <= -COSTLY_POINTS]
    means = [
        f"{np.mean([100 * (pairs_of(found[drift], target)[:, 0] > 1).mean() for drift in costly]):.0f}"
        for target in targets
    ]
    rows.append([f"mean of the {len(costly)} that cost {COSTLY_POINTS:.0f} points or more", "", *means])
    # It is unknown which requests were watched, so the definition has no ratio for inputs and outputs.
    largest = [
        f"{max(difference(pairs_of(of_drift, target)) for of_drift in found.values()):.1e}" for target in targets[1:-1]
    ]
    largest = ["–", *largest, "–"]
    rows.append(["largest relative difference from the definition", "", *largest])
    table(["drift", "accuracy", *targets], rows)


def quiet(name: str, found: dict) -> list[list[str]]:
    rows = []
    for target in targets_of(next(iter(found.values()))["ratios"]):
        streams = [pairs_of(judgements, target) for judgements in found.values()]
        pairs = np.concatenate(streams)
        above = pairs > 1
        runs = sum(int((stream[1:, 0] > 1) @ (stream[:-1, 0] > 1)) for stream in streams)
        rows.append([
            f"{name}, {target}", f"{len(pairs):,}", f"{above[:, 0].sum()} ({100 * above[:, 0].mean():.2f} %)",
            f"{above[:, 1].sum()} of {len(compared(pairs)):,}", f"{runs}", f"{pairs[:, 0].max():.3f}", f"{difference(pairs):.1e}",
        ])  # fmt: skip
    return rows


def delay_text(delays: Iterable[float]) -> str:
    """The median and the 90 % quantile."""
    ordered = sorted(delays)

    def text(delay: float) -> str:
        return "never" if delay == NEVER else f"{delay:,.0f}"

    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return f"{text(middle)} ({text(ordered[math.ceil(0.9 * len(ordered)) - 1])})"


def delay_of_windows(windows: list[int | None], onsets: list[int]) -> str:
    """Delays in rows, from the onset to the end of the window that alarmed."""
    return delay_text(
        NEVER if window is None else (window + 1) * WINDOW_ROWS - onset for window, onset in zip(windows, onsets)
    )


def first_above(ratios: list[dict[str, float]], targets: list[str], in_a_row: int = 1) -> int | None:
    for window in range(in_a_row - 1, len(ratios)):
        for target in targets:
            if all(ratios[window - back][target] > 1 for back in range(in_a_row)):
                return window
    return None


def delays(name: str, served: dict, others: dict, online: dict) -> None:
    targets = targets_of(next(iter(served.values()))["server"][0][0])
    hidden = targets[1:-1]
    columns = {
        **{f"mlpserve, {target}": ("server", [target], 1) for target in targets},
        "mlpserve, any": ("server", targets, 1),
        "mlpserve, two hidden windows in a row": ("server", hidden, 2),
        "definition, inputs, each row watched": ("definition", ["inputs"], 1),
        "definition, any, each row watched": ("definition", targets, 1),
    }
    rows = []
    for label, (source, which, in_a_row) in columns.items():
        cells = []
        for of_drift in served.values():
            windows = [first_above(stream, which, in_a_row) for stream in of_drift[source]]
            cells.append(delay_of_windows(windows, of_drift["onset"]))
        rows.append([label, *cells])
    for detector, found in others.items():
        onsets = [of_drift["onset"] for of_drift in served.values()]
        rows.append([detector, *[delay_of_windows(alarms, onset) for alarms, onset in zip(found["alarms"], onsets)]])
    if online:
        cells = [delay_text(NEVER if row is None else row for row in found) for found in online["delays"]]
        cells += ["–"] * (len(served) - len(cells))
        rows.append(["MMDDriftOnline, inputs", *cells])
        print(f"\nMMDDriftOnline took {online['cpu_milliseconds_of_a_row']:.1f} ms of CPU per row of {name}.")
    streams = len(next(iter(served.values()))["onset"])
    print(f"\n### {name}: {streams} streams of {STREAM_WINDOWS * WINDOW_ROWS:,} rows for each drift")
    for part in (slice(0, 5), slice(5, 10)):
        head = ["detector", *list(served)[part]]
        table(head, [[row[0], *row[1:][part]] for row in rows])


def main(folder: pathlib.Path) -> None:
    def read(what: str) -> dict[str, dict]:
        paths = {name: folder / f"{what}-{name}.json" for name in CASES}
        return {name: json.loads(path.read_text()) for name, path in paths.items() if path.exists()}

    print("## Evidence")
    for name, found in read("evidence").items():
        evidence(name, found)
    print("\n## False alarms")
    head = ["target", "windows", "above 1", "by the definition", "two in a row", "largest ratio", "difference"]
    table(head, [row for name, found in read("quiet").items() for row in quiet(name, found)])
    print("\n## Delays")
    others, online = read("detectors"), read("online")
    for name, found in read("delays").items():
        delays(name, found, others.get(name, {}), online.get(name, {}))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
