"""Named drifts of the rows of a world.

A drift changes rows (all or a share of them), or keeps only some of them, by row and label.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from worlds import PIXEL_MAXIMUM, Digits, Table, as_rows

Random = np.random.Generator
Change = Callable[[Random, np.ndarray], np.ndarray]  # of rows [n, width]; may overwrite them
Weight = Callable[[np.ndarray, np.ndarray], np.ndarray]  # the probability of keeping each row, from rows and labels


@dataclass(frozen=True)
class Drift:
    name: str
    change: Change | None = None
    share: float = 1.0  # share of rows that are changed
    comes: Weight | None = None

    def draw(self, world: Digits | Table, random: Random, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the drifted world, with the labels of the unchanged rows."""
        table, labels = self._coming(world, random, rows)
        if self.change is None:
            return table, labels
        changed = self.change(random, table.copy())
        chosen = random.random(rows) < self.share
        return np.where(chosen[:, None], changed, table).astype(np.float32), labels

    def _coming(self, world: Digits | Table, random: Random, rows: int) -> tuple[np.ndarray, np.ndarray]:
        if self.comes is None:
            return world.draw(random, rows)
        tables, labels, have = [], [], 0
        while have < rows:
            table, label = world.draw(random, 2 * rows)
            kept = random.random(len(label)) < self.comes(table, label)
            tables.append(table[kept])
            labels.append(label[kept])
            have += int(kept.sum())
        return np.concatenate(tables)[:rows], np.concatenate(labels)[:rows]


HEALTHY = Drift("none")


def drifts_of(world: Digits | Table) -> list[Drift]:
    return _of_digits(world) if isinstance(world, Digits) else _of_table(world)


def scaled(by: float) -> Change:
    return lambda _, rows: rows * np.float32(by)


def shifted(deviations: float) -> Change:
    return lambda _, rows: rows + deviations * rows.std(0)


def noisy(deviation: float) -> Change:
    return lambda random, rows: rows + deviation * random.standard_normal(rows.shape)


def column(index: int, change: Change) -> Change:
    def change_one(random: Random, rows: np.ndarray) -> np.ndarray:
        rows[:, index] = change(random, rows[:, index])
        return rows

    return change_one


def joined_wrongly(first: int) -> Change:
    """Takes the columns from `first` on from the next row; each column keeps its distribution."""

    def join(_: Random, rows: np.ndarray) -> np.ndarray:
        rows[:, first:] = np.roll(rows[:, first:], -1, axis=0)
        return rows

    return join


def swapped(one: int, other: int) -> Change:
    def swap(_: Random, rows: np.ndarray) -> np.ndarray:
        rows[:, [one, other]] = rows[:, [other, one]]
        return rows

    return swap


def from_other_rows(columns: range) -> Change:
    def mix(random: Random, rows: np.ndarray) -> np.ndarray:
        for index in columns:
            rows[:, index] = random.permutation(rows[:, index])
        return rows

    return mix


def reordered(width: int) -> Change:
    order = np.random.default_rng(5).permutation(width)
    return lambda _, rows: rows[:, order]


def pictured(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    """Applies a change to pictures of ink, [n, 8, 8]."""
    return lambda _, rows: as_rows(change(rows.reshape(-1, 8, 8) * PIXEL_MAXIMUM))


def turned(degrees: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda ink: ndimage.rotate(ink, degrees, axes=(1, 2), reshape=False, order=1)


def blurred(width: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda ink: ndimage.gaussian_filter(ink, (0, width, width))


def _of_digits(world: Digits) -> list[Drift]:
    torn = joined_wrongly(world.columns_joined)
    return [
        Drift("all × 1.05", scaled(1.05)),
        Drift("all × 1.1", scaled(1.1)),
        Drift("all × 1.5", scaled(1.5)),
        Drift("all × 2", scaled(2)),
        Drift("all × 16 (0..16, not 0..1)", scaled(16)),
        Drift("all + 0.1 σ", shifted(0.1)),
        Drift("all + 0.25 σ", shifted(0.25)),
        Drift("all + 0.5 σ", shifted(0.5)),
        Drift("one pixel × 1.5", column(28, scaled(1.5))),
        Drift("one pixel + 0.5 σ", column(28, shifted(0.5))),
        Drift("one pixel stuck at 0", column(28, scaled(0))),
        Drift("one pixel stuck at its mean", column(28, lambda _, c: np.full_like(c, c.mean()))),
        Drift("an edge pixel stuck at 1", column(0, lambda _, c: np.ones_like(c))),
        Drift("two neighbouring pixels swapped", swapped(27, 28)),
        Drift("two far pixels swapped", swapped(19, 44)),
        Drift("one pixel from another picture", from_other_rows(range(28, 29))),
        Drift("pixels reordered", reordered(64)),
        Drift("transposed", pictured(lambda ink: ink.transpose(0, 2, 1))),
        Drift("upside down", pictured(lambda ink: ink[:, ::-1])),
        Drift("torn: lower half of the next picture", torn),
        Drift("torn, 20 % of pictures", torn, share=0.2),
        Drift("all pixels from other pictures", from_other_rows(range(64))),
        Drift("noise 0.05", noisy(0.05)),
        Drift("noise 0.1", noisy(0.1)),
        Drift("noise 0.3", noisy(0.3)),
        Drift("inverted", pictured(lambda ink: PIXEL_MAXIMUM - ink)),
        Drift("blurred, 0.5 pixels", pictured(blurred(0.5))),
        Drift("blurred, 0.8 pixels", pictured(blurred(0.8))),
        Drift("turned by 5°", pictured(turned(5))),
        Drift("turned by 15°", pictured(turned(15))),
        Drift("moved by a pixel", pictured(lambda ink: ndimage.shift(ink, (0, 0, 1), order=0))),
        Drift("eights twice as often", comes=lambda _, label: np.where(label == 8, 1, 0.5)),
        Drift("only 0 to 4", comes=lambda _, label: label < 5),
        Drift("a new class: 5 % turned by 90°", pictured(lambda ink: np.rot90(ink, axes=(1, 2))), share=0.05),
        Drift("only thick pictures", comes=lambda rows, _: rows.mean(1) > 0.306),
        Drift("1 % of pictures blank", scaled(0), share=0.01),
        Drift("5 % of pictures blank", scaled(0), share=0.05),
    ]


def _of_table(world: Table) -> list[Drift]:
    wrong_join = joined_wrongly(world.columns_joined)
    return [
        Drift("all × 1.05", scaled(1.05)),
        Drift("all × 1.1", scaled(1.1)),
        Drift("all × 1.5", scaled(1.5)),
        Drift("all × 2", scaled(2)),
        Drift("all × 16", scaled(16)),
        Drift("all + 0.1 σ", shifted(0.1)),
        Drift("all + 0.25 σ", shifted(0.25)),
        Drift("one column × 1.1", column(3, scaled(1.1))),
        Drift("one column × 1.5", column(3, scaled(1.5))),
        Drift("one column × 2", column(3, scaled(2))),
        Drift("one column × 16", column(3, scaled(16))),
        Drift("one column + 0.1 σ", column(3, lambda _, c: c + 0.1)),
        Drift("one column + 0.25 σ", column(3, lambda _, c: c + 0.25)),
        Drift("one column + 0.5 σ", column(3, lambda _, c: c + 0.5)),
        Drift("one column + 1 σ", column(3, lambda _, c: c + 1)),
        Drift("one column stuck at its mean", column(3, lambda _, c: np.zeros_like(c))),
        Drift("one column stuck at + 2 σ", column(3, lambda _, c: np.full_like(c, 2))),
        Drift("20 % of one column filled by its mean", column(3, lambda _, c: np.zeros_like(c)), share=0.2),
        Drift("two columns swapped", swapped(3, 4)),
        Drift("one column's sign turned", column(3, lambda _, c: -c)),
        Drift("one column from another row", from_other_rows(range(3, 4))),
        Drift("noise 0.1 σ", noisy(0.1)),
        Drift("noise 0.5 σ", noisy(0.5)),
        Drift("noise 0.5 σ on one column", column(3, noisy(0.5))),
        Drift("1 % of rows zero", scaled(0), share=0.01),
        Drift("5 % of rows zero", scaled(0), share=0.05),
        Drift("half the columns from the next row", wrong_join),
        Drift("the same for 20 % of rows", wrong_join, share=0.2),
        Drift("all columns from other rows", from_other_rows(range(30))),
        Drift("columns reordered", reordered(30)),
        Drift("class 0 twice as often", comes=lambda _, label: np.where(label == 0, 1, 0.5)),
        Drift("no class 0", comes=lambda _, label: label != 0),
        Drift("only rows with column 0 above its mean", comes=lambda rows, _: rows[:, 0] > 0),
        Drift("not standardised", lambda _, rows: rows * world.deviation + world.mean),
        Drift("a new cluster, 5 %", lambda _, rows: rows * 0.3 + 1.2, share=0.05),
    ]
