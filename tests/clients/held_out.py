"""The held-out digits, ONNX Runtime's answers to them, and how close a client's answers must be."""

from pathlib import Path

import numpy

CHECKOUT = Path(__file__).resolve().parents[2]
PIXELS = numpy.load(CHECKOUT / "deploy/models/held_out/pixels.npy")  # float32, [360, 64]
LABELS = numpy.load(CHECKOUT / "deploy/models/held_out/labels.npy")


def reference(output, model="digits-relu"):
    return numpy.load(CHECKOUT / f"tests/fixtures/reference/{model}/{output}.npy")


def check_probabilities(actual, first=0):
    """Fails unless the rows are the answers of digits-relu to the held-out digits from `first` on."""
    expected = reference("probabilities")[first : first + len(actual)]
    numpy.testing.assert_allclose(actual, expected, rtol=1e-5, atol=0)
