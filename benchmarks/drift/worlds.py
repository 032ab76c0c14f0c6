"""Two unlimited random sources of healthy rows with labels.

Digits: pictures of scikit-learn's optdigits, each moved by up to 0.4 pixels in each direction, with up to
8 % more or less ink, and rounded to 0..16 again. Table: 30 standardised columns of mixed kinds, correlated
by six hidden factors, with three classes.
"""

import numpy as np
from scipy.special import ndtr
from sklearn.datasets import load_digits

PIXEL_MAXIMUM = 16


class Digits:
    width = 64
    classes = 10
    columns_joined = 32  # the lower half of a picture comes from another picture

    def __init__(self) -> None:
        data = load_digits()
        self.pictures = data.images.astype(np.float32)
        self.labels = data.target

    def draw(self, random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = random.integers(0, len(self.labels), rows)
        pictures = self.pictures[chosen]
        for axis in (1, 2):
            shift = random.uniform(-0.4, 0.4, (rows, 1, 1)).astype(np.float32)
            pictures = np.where(
                shift > 0,
                _between(pictures, _moved(pictures, axis, 1), shift),
                _between(pictures, _moved(pictures, axis, -1), -shift),
            )
        pictures = pictures * random.uniform(0.92, 1.08, (rows, 1, 1)).astype(np.float32)
        return as_rows(pictures), self.labels[chosen]


class Table:
    width = 30
    classes = 3
    columns_joined = 15  # the second half of the columns comes from another table
    factors = 6

    def __init__(self) -> None:
        random = np.random.default_rng(7)
        loads = random.normal(size=(self.factors, self.width))
        loads *= random.random(loads.shape) < 0.5
        size = np.sqrt((loads**2).sum(0) + 0.36)
        self.loads = (loads / size).astype(np.float32)
        self.own = np.sqrt(1 - (self.loads**2).sum(0)).astype(np.float32)
        self.teacher = (
            random.normal(scale=1.6 / np.sqrt(self.width), size=(self.width, 24)).astype(np.float32),
            random.normal(scale=0.5, size=24).astype(np.float32),
            random.normal(size=(24, self.classes)).astype(np.float32),
        )
        raw = self._raw(np.random.default_rng(8), 200_000)
        self.mean, self.deviation = raw.mean(0), raw.std(0)

    def draw(self, random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
        table = (self._raw(random, rows) - self.mean) / self.deviation
        first, bias, second = self.teacher
        votes = np.tanh(np.clip(table, -6, 6) @ first + bias) @ second
        return table, (votes + 0.35 * random.gumbel(size=votes.shape)).argmax(1)

    def _raw(self, random: np.random.Generator, rows: int) -> np.ndarray:
        common = random.standard_normal((rows, self.factors), dtype=np.float32)
        normal = common @ self.loads
        normal += random.standard_normal((rows, self.width), dtype=np.float32) * self.own
        kinds = [
            normal[:, :12],
            np.exp(normal[:, 12:18] * np.linspace(0.4, 1, 6, dtype=np.float32)),  # lognormal
            ndtr(normal[:, 18:22]),  # uniform
            normal[:, 22:26] > np.array([0, 0.5, 1, 1.5], np.float32),  # 0 or 1: 50 to 7 % ones
            normal[:, 26:28] * np.sqrt(1 + normal[:, 26:28] ** 2 / 2),  # heavy tails
            np.floor(np.exp(normal[:, 28:] * 0.7 + 1)),  # counts
        ]
        return np.concatenate(kinds, axis=1, dtype=np.float32)


def as_rows(pictures: np.ndarray) -> np.ndarray:
    """Pictures of ink, [rows, 8, 8], as pixels in 0..1, rounded to the steps of optdigits."""
    counted = np.clip(np.rint(pictures), 0, PIXEL_MAXIMUM) / PIXEL_MAXIMUM
    return counted.reshape(len(pictures), 64).astype(np.float32)


def _moved(pictures: np.ndarray, axis: int, by: int) -> np.ndarray:
    """The pictures moved by one pixel; the row or column that becomes free is zero."""
    moved = np.roll(pictures, by, axis)
    edge = [slice(None)] * 3
    edge[axis] = 0 if by > 0 else -1
    moved[tuple(edge)] = 0
    return moved


def _between(here: np.ndarray, there: np.ndarray, share: np.ndarray) -> np.ndarray:
    return here * (1 - share) + there * share
