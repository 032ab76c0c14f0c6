"""A scikit-learn pipeline with numbers, a city's name and an integer as inputs, and its own answers."""

from pathlib import Path

import numpy

MODEL = "people"
FIXTURE = (Path(__file__).resolve().parents[2] /
           "tests/fixtures/onnx/graphs/categories_sklearn_one_hot_errors")
DATATYPES = {"age": "FP32", "income": "FP32", "city": "BYTES", "job": "INT64"}


def texts(name):
    lines = (FIXTURE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return numpy.array(lines, dtype=object)


INPUTS = {name: numpy.load(FIXTURE / f"input_{name}.npy") for name in ("age", "income", "job")}
INPUTS["city"] = texts("input_city").reshape(-1, 1)
# One row has a city that the encoder was not trained with. The model's file makes this an error.
UNKNOWN = INPUTS | {"city": numpy.where(numpy.arange(20).reshape(-1, 1) == 7, "Atlantis",
                                        INPUTS["city"]).astype(object)}
REFUSAL = "input 'city' has an unknown string in row 7"


def tensors(make, arrays=INPUTS):
    """Returns a request's inputs, each made by make(name, shape, datatype) and set_data_from_numpy."""
    inputs = []
    for name, datatype in DATATYPES.items():
        tensor = make(name, list(arrays[name].shape), datatype)
        tensor.set_data_from_numpy(arrays[name])
        inputs.append(tensor)
    return inputs


def check(labels, probabilities):
    """Fails unless these are scikit-learn's answers."""
    assert [text.decode() if isinstance(text, bytes) else text for text in labels.flat] == list(
        texts("label")), labels
    expected = numpy.load(FIXTURE / "probabilities.npy")
    numpy.testing.assert_allclose(probabilities, expected, rtol=1e-5, atol=1e-7)
