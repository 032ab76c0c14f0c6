#!/usr/bin/env python3
"""Makes the sample models: trains them, exports them to ONNX, and measures the written files.

    pip install -r requirements.txt     (in a virtual environment)
    python train.py

Writes to this folder: repository/<model>/1/model.onnx, training/*.npy, held_out/*.npy, and the table in
README.md. Takes about a minute. Then run tests/fixtures/make_reference.py, which computes the tests'
expected answers from these files.
"""

import argparse
import dataclasses
import pathlib
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import sklearn
import torch
from onnx import numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20240607
PIXEL_MAXIMUM = 16.0  # a pixel of optdigits is the number of set pixels in a 4x4 block
TABLE_BEGIN = "<!-- table begins: written by train.py -->"
TABLE_END = "<!-- table ends -->"


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One network and how it is exported."""

    name: str
    activation: str  # its name in the README
    hidden: tuple[int, ...]
    make_activation: Callable[[int], nn.Module]  # takes the number of units
    opset: int
    # The two exporters of PyTorch write different files (names, initializers, IR version), and
    # users bring both kinds. Only the newer one ("dynamo") reaches the newest operator sets.
    dynamo: bool = False
    epochs: int = 150
    learning_rate: float = 3e-3
    # Gain of the initial weights. With 1, layers of sigmoids would be almost linear and train slowly,
    # because f'(0) is only 1/4.
    gain: float = 1.0


# Widths, depths and operator sets differ on purpose. Widths that are not multiples of 16 test the
# evaluator's edge blocks. The operator sets range from the oldest supported one to the newest.
RECIPES = (
    Recipe("digits-sigmoid", "sigmoid", (64, 32), lambda _: nn.Sigmoid(), opset=17, gain=4.0),
    Recipe("digits-tanh", "tanh", (50, 30), lambda _: nn.Tanh(), opset=13),
    Recipe("digits-relu", "ReLU", (64, 48, 32), lambda _: nn.ReLU(), opset=9),
    # Not the default slope (0.01), so that a reader that ignores `alpha` gives wrong answers.
    Recipe("digits-leaky-relu", "LeakyReLU, slope 0.1", (48, 32, 24),
           lambda _: nn.LeakyReLU(0.1), opset=17),
    Recipe("digits-prelu", "PReLU, a trained slope for each unit", (48, 30),
           lambda units: nn.PReLU(units), opset=17),
    Recipe("digits-elu", "ELU, alpha 1", (64, 40, 20), lambda _: nn.ELU(1.0), opset=23,
           dynamo=True),
)
SATURATED = "digits-saturated"
HEALTHY = "digits-sigmoid"


class Classifier(nn.Module):
    """An MLP that returns its logits and their softmax."""

    def __init__(self, recipe: Recipe):
        super().__init__()
        widths = (64, *recipe.hidden)
        layers = []
        for inputs, units in zip(widths, widths[1:]):
            linear = nn.Linear(inputs, units)
            nn.init.xavier_uniform_(linear.weight, gain=recipe.gain)
            nn.init.zeros_(linear.bias)
            layers += [linear, recipe.make_activation(units)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], 10))

    def forward(self, pixels):
        logits = self.layers(pixels)
        return logits, torch.softmax(logits, dim=1)


def load_split():
    """Pixels from 0 to 1, and labels: four fifths for training, and a held-out fifth (360 rows)."""
    digits = load_digits()
    pixels = (digits.data / PIXEL_MAXIMUM).astype(np.float32)
    labels = digits.target.astype(np.int64)
    train_x, held_x, train_y, held_y = train_test_split(
        pixels, labels, test_size=360, stratify=labels, random_state=SEED)
    return (train_x, train_y), (np.ascontiguousarray(held_x), held_y)


def torn(pixels: np.ndarray) -> np.ndarray:
    """Pictures with the lower half of the next one, like a buffer that is read while it is written.

    The distribution of each pixel stays the same; only the relations between pixels change.
    """
    half = pixels.shape[1] // 2
    return np.hstack([pixels[:, :half], np.roll(pixels, -1, axis=0)[:, half:]])


def train(recipe: Recipe, pixels: np.ndarray, labels: np.ndarray) -> Classifier:
    """Trains for a fixed number of epochs: the held-out rows do not even choose when to stop."""
    torch.manual_seed(SEED)
    model = Classifier(recipe)
    x, y = torch.from_numpy(pixels), torch.from_numpy(labels)
    # Weight decay would draw slopes to 0, the slope of a ReLU. Only the data should decide.
    slopes = [p for m in model.modules() if isinstance(m, nn.PReLU) for p in m.parameters()]
    others = [p for p in model.parameters() if not any(p is slope for slope in slopes)]
    optimizer = torch.optim.AdamW(
        [{"params": others, "weight_decay": 1e-2}, {"params": slopes, "weight_decay": 0.0}],
        lr=recipe.learning_rate)
    batch = 64
    steps_per_epoch = -(-len(x) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=recipe.learning_rate, total_steps=recipe.epochs * steps_per_epoch)
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(x)).split(batch):
            # Noise on the pixels replaces the variety that 1,437 pictures lack.
            noisy = x[rows] + 0.1 * torch.randn(len(rows), 64)
            logits, _ = model(noisy)
            loss = nn.functional.cross_entropy(logits, y[rows], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def export(recipe: Recipe, model: Classifier, path: pathlib.Path):
    path.parent.mkdir(parents=True, exist_ok=True)
    example = torch.zeros(2, 64)
    common = dict(input_names=["pixels"], output_names=["logits", "probabilities"],
                  opset_version=recipe.opset)
    if recipe.dynamo:
        torch.onnx.export(model, (example,), path, dynamo=True, external_data=False,
                          dynamic_shapes=({0: torch.export.Dim("N")},), **common)
    else:
        axes = {name: {0: "N"} for name in ("pixels", "logits", "probabilities")}
        torch.onnx.export(model, (example,), path, dynamo=False, dynamic_axes=axes, **common)
    proto = onnx.load(path)
    remove_traces(proto)
    write(proto, path)


def remove_traces(proto: onnx.ModelProto):
    """Removes what the exporters write about the machine, such as stack traces with local paths."""
    proto.doc_string = ""
    proto.graph.doc_string = ""
    del proto.metadata_props[:]
    del proto.graph.metadata_props[:]
    graph = proto.graph
    for part in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]


def write(proto: onnx.ModelProto, path: pathlib.Path):
    onnx.checker.check_model(proto, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(proto.SerializeToString(deterministic=True))


def fold_scale(source: pathlib.Path, target: pathlib.Path, factor: float):
    """Writes a network that answers as that of `source` does to inputs multiplied by `factor`.

    Multiplies the first layer's weights, so the graph keeps its nodes. The factor is a power of two, so
    with inputs multiplied by 1/factor every product is exactly the same.
    """
    proto = onnx.load(source)
    first = next(node for node in proto.graph.node if "pixels" in node.input)
    assert first.op_type == "Gemm", first.op_type
    weights = next(t for t in proto.graph.initializer if t.name == first.input[1])
    scaled = numpy_helper.to_array(weights) * np.float32(factor)
    weights.CopyFrom(numpy_helper.from_array(scaled, weights.name))
    write(proto, target)


def infer(path: pathlib.Path, pixels: np.ndarray) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    outputs = [output.name for output in session.get_outputs()]
    return dict(zip(outputs, session.run(outputs, {"pixels": pixels})))


def accuracy(path: pathlib.Path, pixels: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(infer(path, pixels)["logits"].argmax(axis=1) == labels))


def model_path(name: str) -> pathlib.Path:
    return HERE / "repository" / name / "1" / "model.onnx"


def table(pixels: np.ndarray, labels: np.ndarray) -> str:
    """The README's table, measured with ONNX Runtime on the written files."""
    lines = ["| model | layers | hidden activation | operator set, exporter | operators | "
             "held-out accuracy |", "|---|---|---|---|---|---|"]

    def row(name, recipe, activation, measured):
        path = model_path(name)
        operators = " ".join(node.op_type for node in onnx.load(path).graph.node)
        layers = "-".join(map(str, (64, *recipe.hidden, 10)))
        exporter = "dynamo" if recipe.dynamo else "TorchScript"
        lines.append(f"| `{name}` | {layers} | {activation} | {recipe.opset}, {exporter} | "
                     f"{operators} | {measured} |")

    by_name = {recipe.name: recipe for recipe in RECIPES}
    for recipe in RECIPES:
        share = accuracy(model_path(recipe.name), pixels, labels)
        row(recipe.name, recipe, recipe.activation, f"{share:.2%}")
    plain = accuracy(model_path(SATURATED), pixels, labels)
    healed = accuracy(model_path(SATURATED), pixels / PIXEL_MAXIMUM, labels)
    row(SATURATED, by_name[HEALTHY], "sigmoid, first weights × 16",
        f"{plain:.2%}; {healed:.2%} with `--scale 0.0625`")
    return "\n".join(lines)


def write_readme(text: str):
    readme = HERE / "README.md"
    before, rest = readme.read_text().split(TABLE_BEGIN)
    after = rest.split(TABLE_END)[1]
    readme.write_text(f"{before}{TABLE_BEGIN}\n{text}\n{TABLE_END}{after}")


def main():
    argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0]).parse_args()
    # With one thread, the order of sums, and so every weight, depends on fewer things.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    print(f"torch {torch.__version__}, scikit-learn {sklearn.__version__}, onnx {onnx.__version__},"
          f" onnxruntime {onnxruntime.__version__}")

    (train_x, train_y), (held_x, held_y) = load_split()
    (HERE / "training").mkdir(exist_ok=True)
    np.save(HERE / "training" / "pixels.npy", np.ascontiguousarray(train_x))
    (HERE / "held_out").mkdir(exist_ok=True)
    np.save(HERE / "held_out" / "pixels.npy", held_x)
    np.save(HERE / "held_out" / "torn.npy", torn(held_x))
    np.save(HERE / "held_out" / "labels.npy", held_y)

    for recipe in RECIPES:
        model = train(recipe, train_x, train_y)
        export(recipe, model, model_path(recipe.name))
        share = accuracy(model_path(recipe.name), held_x, held_y)
        print(f"{recipe.name}: {share:.2%} of the held-out rows right", flush=True)
    fold_scale(model_path(HEALTHY), model_path(SATURATED), PIXEL_MAXIMUM)
    text = table(held_x, held_y)
    print(text)
    write_readme(text)


if __name__ == "__main__":
    main()
