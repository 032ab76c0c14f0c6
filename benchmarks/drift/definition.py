"""Drift as docs/reference/drift.md defines it, in doubles: the reference for the server.

A window is the list of its sub-windows. Each sub-window has the sum of the rows' vectors w, minus the
baseline's mean, and the number of rows.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from networks import Network

CLIP = 4.0
LEAST_JUDGED_SHARE = 0.005
RARE_ROWS = 3


@dataclass(frozen=True)
class Target:
    """Statistics of the inputs, a hidden layer or the outputs over the calibration rows."""

    mean: np.ndarray  # μ, [p]
    whitening: np.ndarray  # A, [p, p]
    kappa1: float
    level: float  # q
    rows: int  # m

    def ratio(self, sums: np.ndarray, rows: np.ndarray) -> float:
        """T/q of a window: the smallest with one sub-window left out. sums: [sub-windows, p] of w − μ."""
        without = (sums.sum(0) - sums) / (rows.sum() - rows)[:, None]
        distance = ((without @ self.whitening) ** 2).sum(1)
        return float((distance / (1 / (rows.sum() - rows) + 1 / self.rows)).min() / self.level)


def rare_squares(name: str, variance: np.ndarray) -> np.ndarray:
    """For each component, the squared distance of a rare row from the mean."""
    if name == "outputs":
        return np.append(np.ones(len(variance) - 1), 0.0)
    halves = np.split(variance, 2)
    if name == "inputs":
        squares = [CLIP**2, CLIP**4]
    else:
        squares = [2.0**2 * half.max() for half in halves]
    return np.concatenate([np.full(len(half), square) for half, square in zip(halves, squares)])


def target_of(name: str, w: np.ndarray) -> Target:
    rows, components = w.shape
    mean = w.mean(0)
    centred = w - mean
    covariance = centred.T @ centred / (rows - 1)
    variance = np.diag(covariance).copy()
    least = RARE_ROWS / rows * rare_squares(name, variance)
    covariance += np.diag(np.maximum(least - variance, 0.0))
    variance = np.diag(covariance)
    ridge = 0.01 * variance + 0.001 * np.median(variance) + 1e-12
    eigenvalues, directions = np.linalg.eigh(covariance + np.diag(ridge))
    whitening = directions / np.sqrt(eigenvalues)
    whitened = whitening.T @ covariance @ whitening
    kappa1 = np.trace(whitened)
    kappa2 = 2 * (whitened**2).sum()
    kappa3 = 8 * np.trace(whitened @ whitened @ whitened)
    nu = 8 * kappa2**3 / kappa3**2
    beyond = np.sqrt(kappa2 / (2 * nu)) * (stats.chi2.ppf(0.999, nu) - nu)
    level = rows / (rows - components - 1) * (kappa1 + beyond)
    return Target(mean, whitening, float(kappa1), float(level), rows)


class Definition:
    """The reference for one network, from calibration rows that are known to be right."""

    def __init__(self, network: Network, rows: np.ndarray) -> None:
        self.network = network
        wide = rows.astype(np.float64)
        self.centre = wide.mean(0)
        deviation = wide.std(0)
        self.scale = np.maximum(deviation, 0.1 * np.sqrt((deviation**2).mean()))
        predicted = network.answer(rows).probabilities.argmax(1)
        share = np.bincount(predicted, minlength=network.dense[-1][1].size) / len(rows)
        self.judged = np.flatnonzero(share >= LEAST_JUDGED_SHARE)
        self.targets = {name: target_of(name, w) for name, w in self.vectors(rows).items()}

    def vectors(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """w of each row, [rows, p], by target."""
        answer = self.network.answer(rows)
        c = np.clip((rows - self.centre) / self.scale, -CLIP, CLIP)
        predicted = answer.probabilities.argmax(1)[:, None] == self.judged
        confidence = answer.probabilities.max(1, keepdims=True)
        made = [np.concatenate([c, c * c], 1)]
        made += [np.concatenate(pair, 1) for pair in zip(answer.values, answer.slopes)]
        made += [np.concatenate([predicted, confidence], 1)]
        return {name: w.astype(np.float64) for name, w in zip(self.network.targets, made)}

    def sums(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """One sub-window of each target: Σ(w − μ)."""
        return {name: (w - self.targets[name].mean).sum(0) for name, w in self.vectors(rows).items()}
