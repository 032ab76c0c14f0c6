"""Computes the coefficients of ../*.h. Needs numpy and mpmath; run: python3 fit_coefficients.py

Each polynomial has the least maximal relative error on its interval. Lawson's iteration finds it: least
squares on Chebyshev nodes, with weights that follow the error. Prints the coefficients, lowest power
first and rounded to float, and the largest relative error of the rounded polynomial in exact
arithmetic.
"""

import mpmath
import numpy

mpmath.mp.dps = 40


def nodes_of(lowest, highest, count=600):
    angles = (numpy.arange(count) + 0.5) * numpy.pi / count
    return (lowest + highest) / 2 - (highest - lowest) / 2 * numpy.cos(angles)


def values_of(function, nodes):
    return numpy.array([float(function(mpmath.mpf(float(x)))) for x in nodes])


def polynomial(nodes, target, degree, factor):
    """c with factor * sum c_k x^k close to target; minimises the absolute error."""
    matrix = factor[:, None] * nodes[:, None] ** numpy.arange(degree + 1)
    scale = numpy.abs(matrix).max(axis=0)
    weights = numpy.full(len(nodes), 1.0 / len(nodes))
    best = (numpy.inf, None)
    for _ in range(200):
        root = numpy.sqrt(weights)[:, None]
        solved = numpy.linalg.lstsq(root * matrix / scale, root[:, 0] * target, rcond=None)[0]
        coefficients = solved / scale
        error = numpy.abs(matrix @ coefficients - target)
        if error.max() < best[0]:
            best = (error.max(), coefficients)
        weights = weights * (error + 1e-3 * error.max())
        weights /= weights.sum()
    return best[1]


def rounded_one_by_one(nodes, degree, factor):
    """polynomial() for the target 1. Rounds each coefficient to float, up or down, before fitting the
    following ones, which compensate most of its rounding error."""
    fixed = []
    fitted = polynomial(nodes, numpy.ones(len(nodes)), degree, factor)
    for power in range(degree + 1):
        nearest = numpy.float32(fitted[power])
        candidates = []
        for value in (nearest, *(numpy.nextafter(nearest, numpy.float32(to)) for to in (9, -9))):
            chosen = numpy.array(fixed + [float(value)])
            target = 1 - factor * evaluate(chosen, nodes)
            rest = numpy.zeros(0)
            if power < degree:
                rest = polynomial(nodes, target, degree - power - 1, factor * nodes ** (power + 1))
                target = target - factor * nodes ** (power + 1) * evaluate(rest, nodes)
            candidates.append((numpy.abs(target).max(), numpy.concatenate([chosen, rest])))
        fitted = min(candidates, key=lambda candidate: candidate[0])[1]
        fixed.append(float(fitted[power]))
    return numpy.array(fixed)


def show(name, coefficients):
    rounded = coefficients.astype(numpy.float32)
    print(name, ", ".join(f"{float(c):.9g}F" for c in rounded))
    return rounded.astype(float)


def evaluate(coefficients, x):
    return sum(c * x ** k for k, c in enumerate(coefficients))


def main():
    # (e^r - 1 - r) / r^2, so that the error is relative to e^r.
    r = nodes_of(-0.34670, 0.34670)
    factor = r * r / numpy.exp(r)
    values = values_of(lambda x: (mpmath.expm1(x) - x) / mpmath.exp(x), r)
    q = show("exp:", polynomial(r, values, 4, factor))
    print("  relative error", numpy.abs(factor * evaluate(q, r) - values).max())

    # The same relative to e^r - 1, for expm1.
    expm1 = values_of(lambda x: mpmath.expm1(x), r)
    factor = r * r / expm1
    values = values_of(lambda x: (mpmath.expm1(x) - x) / mpmath.expm1(x), r)
    q = show("expm1:", polynomial(r, values, 5, factor))
    print("  relative error", numpy.abs(factor * evaluate(q, r) - values).max())

    # log(1 + u) / u on [0, 1], as 1 + u h(u).
    u = nodes_of(0.0, 1.0)
    g = values_of(lambda x: mpmath.log1p(x) / x, u)
    factor = u / g
    h = show("log1p:", polynomial(u, 1 - 1 / g, 9, factor))
    print("  relative error", numpy.abs(factor * evaluate(h, u) - (1 - 1 / g)).max())

    # (w + 1.75) e^(w^2 / 2) times the normal distribution's tail beyond w, in
    # (w - 1.75) / (w + 1.75).
    w = numpy.concatenate([nodes_of(0.0, 13.0, 1000), nodes_of(0.0, 2.0, 400)])
    values = values_of(
        lambda x: (x + 1.75) * mpmath.exp(x * x / 2) * mpmath.erfc(x / mpmath.sqrt(2)) / 2, w)
    mapped = (w - 1.75) / (w + 1.75)
    h = show("gelu:", rounded_one_by_one(mapped, 10, 1 / values))
    print("  relative error", numpy.abs(evaluate(h, mapped) / values - 1).max())

    # (z - tanh z) / z^3 for z^2 in [0, 1].
    s = nodes_of(0.0, 1.0)
    values = values_of(lambda x: (mpmath.sqrt(x) - mpmath.tanh(mpmath.sqrt(x))) / mpmath.sqrt(x) ** 3,
                       s)
    t = show("tanhshrink:", polynomial(s, numpy.ones(len(s)), 8, 1 / values))
    print("  relative error", numpy.abs(evaluate(t, s) / values - 1).max())


if __name__ == "__main__":
    main()
