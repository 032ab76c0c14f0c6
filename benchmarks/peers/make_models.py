"""Writes the two networks that all servers serve. Usage: make_models.py FOLDER

FOLDER becomes a model repository with the networks of networks.py, with tanh as activation. Each is
in NAME/1/model.onnx, with one input "x" and one output "y".
"""

import pathlib
import sys

import numpy
import onnx
from networks import WIDTHS
from onnx import TensorProto, helper, numpy_helper


def network(name, widths):
    random = numpy.random.default_rng(1)
    nodes, weights = [], []
    value = "x"
    layers = list(zip(widths, widths[1:]))
    for number, (inputs, outputs) in enumerate(layers):
        last = number + 1 == len(layers)
        # Glorot and Bengio (2010): the units stay in tanh's middle range.
        bound = numpy.sqrt(6 / (inputs + outputs))
        weight = random.uniform(-bound, bound, (inputs, outputs)).astype(numpy.float32)
        weights.append(numpy_helper.from_array(weight, f"w{number}"))
        weights.append(numpy_helper.from_array(numpy.zeros(outputs, numpy.float32), f"b{number}"))
        sum_name = "y" if last else f"z{number}"
        nodes.append(helper.make_node("Gemm", [value, f"w{number}", f"b{number}"], [sum_name]))
        if not last:
            value = f"a{number}"
            nodes.append(helper.make_node("Tanh", [sum_name], [value]))

    def rows(tensor, width):
        return helper.make_tensor_value_info(tensor, TensorProto.FLOAT, ["rows", width])

    graph = helper.make_graph(nodes, name, [rows("x", widths[0])], [rows("y", widths[-1])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def main():
    for name, widths in WIDTHS.items():
        folder = pathlib.Path(sys.argv[1]) / name / "1"
        folder.mkdir(parents=True)
        onnx.save(network(name, widths), folder / "model.onnx")


main()
