"""The watched networks: digits-tanh as shipped, and table-relu, which is trained here.

    python networks.py REPOSITORY      trains table-relu into REPOSITORY/table-relu/1/model.onnx
"""

import os
import pathlib
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from worlds import Digits, Table

SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "models" / "repository"
TRAINING_ROWS = 20_000


@dataclass(frozen=True)
class Activation:
    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray, np.ndarray], np.ndarray]  # from z and a


ACTIVATIONS = {
    "Tanh": Activation(np.tanh, lambda z, a: 1 - a * a),
    "Relu": Activation(lambda z: np.maximum(z, 0), lambda z, a: (z > 0).astype(np.float32)),
}


@dataclass(frozen=True)
class Answer:
    values: list[np.ndarray]  # a of each hidden layer
    slopes: list[np.ndarray]  # |f'(z)| of each hidden layer
    probabilities: np.ndarray


class Network:
    """A chain of Gemm and activation, followed by softmax, computed in float as in ONNX."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        graph = onnx.load(path).graph
        self.input = graph.input[0].name
        trained = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self.dense: list[tuple[np.ndarray, np.ndarray]] = []
        self.activations: list[Activation] = []
        for node in graph.node:
            if node.op_type == "Gemm":
                attributes = {attribute.name: attribute for attribute in node.attribute}
                weights, bias = trained[node.input[1]], trained[node.input[2]]
                turned = "transB" in attributes and attributes["transB"].i
                self.dense.append((weights.T if turned else weights, bias))
            elif node.op_type in ACTIVATIONS:
                self.activations.append(ACTIVATIONS[node.op_type])

    @property
    def targets(self) -> list[str]:
        """The judged targets: the values of the drift metrics' label `layer`."""
        hidden = [f"hidden_{index + 1}" for index in range(len(self.activations))]
        return ["inputs", *hidden, "outputs"]

    def answer(self, rows: np.ndarray) -> Answer:
        values, slopes, last = [], [], rows
        for (weights, bias), activation in zip(self.dense, self.activations):
            z = last @ weights + bias
            last = activation.value(z)
            values.append(last)
            slopes.append(activation.slope(z, last))
        logits = last @ self.dense[-1][0] + self.dense[-1][1]
        powers = np.exp(logits - logits.max(1, keepdims=True))
        return Answer(values, slopes, powers / powers.sum(1, keepdims=True))


@dataclass(frozen=True)
class Case:
    """A network and the world that it was trained for."""

    name: str
    network: Network
    world: Digits | Table

    def random(self, use: int, drift: int, window: int) -> np.random.Generator:
        """A generator that gives the same rows for the same numbers, in any script."""
        return np.random.default_rng([len(self.name), use, drift, window])


def case_of(name: str, repository: pathlib.Path) -> Case:
    if name == "digits-tanh":
        return Case(name, Network(SHIPPED / name / "1" / "model.onnx"), Digits())
    return Case(name, Network(repository / name / "1" / "model.onnx"), Table())


CASES = ("table-relu", "digits-tanh")


def _train(path: pathlib.Path) -> None:
    from sklearn.neural_network import MLPClassifier

    rows, labels = Table().draw(np.random.default_rng(1001), TRAINING_ROWS)
    epochs = 40
    model = MLPClassifier(
        (64, 32), "relu", batch_size=256, learning_rate_init=3e-3, max_iter=epochs,
        n_iter_no_change=epochs, random_state=1,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about too few epochs
        model.fit(rows, labels)

    nodes, initializers, last = [], [], "columns"
    for index, (weights, bias) in enumerate(zip(model.coefs_, model.intercepts_)):
        for kind, tensor in (("weights", weights), ("bias", bias)):
            initializers.append(numpy_helper.from_array(tensor.astype(np.float32), f"{kind}_{index}"))
        z = f"z_{index}"
        nodes.append(helper.make_node("Gemm", [last, f"weights_{index}", f"bias_{index}"], [z]))
        is_output = index == len(model.coefs_) - 1
        last = "probabilities" if is_output else f"a_{index}"
        nodes.append(helper.make_node("Softmax" if is_output else "Relu", [z], [last]))
    floats = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "table-relu",
        [helper.make_tensor_value_info("columns", floats, ["rows", Table.width])],
        [helper.make_tensor_value_info(last, floats, ["rows", Table.classes])],
        initializers,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), unfinished)
    os.replace(unfinished, path)


if __name__ == "__main__":
    wanted = pathlib.Path(sys.argv[1]) / "table-relu" / "1" / "model.onnx"
    if not wanted.exists():
        _train(wanted)
