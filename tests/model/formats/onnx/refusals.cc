#include "tests/model/formats/onnx/refusals.h"

#include <google/protobuf/text_format.h>
#include <onnx/onnx_pb.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

// x is [batch,2]. The trained weights are w [2,3], v [3,3] and b [3]. z is x w; it exists if a file
// begins with kRefusedLayer.
constexpr char kRefusedInput[] = R"(
  input { name: 'x' type { tensor_type { elem_type: 1
    shape { dim { dim_param: 'batch' } dim { dim_value: 2 } } } } } )";
constexpr char kRefusedOutput[] = "output { name: 'y' } ";
constexpr char kRefusedLayer[] =
    "node { name: 'dense' op_type: 'MatMul' input: ['x', 'w'] output: 'z' } ";
constexpr char kRefusedConstants[] = R"(
  initializer { name: 'w' data_type: 1 dims: [2, 3] float_data: [1, 2, 3, 4, 5, 6] }
  initializer { name: 'v' data_type: 1 dims: [3, 3] float_data: [1, 0, 0, 0, 1, 0, 0, 0, 1] }
  initializer { name: 'b' data_type: 1 dims: 3 float_data: [1, 2, 3] }
  initializer { name: 'w32' data_type: 6 dims: [2, 3] int32_data: [1, 2, 3, 4, 5, 6] }
  initializer { name: 'column' data_type: 7 dims: 2 int64_data: [-1, 1] }
  initializer { name: 'zero' data_type: 7 dims: 1 int64_data: 0 }
  initializer { name: 'one' data_type: 7 dims: 1 int64_data: 1 }
  initializer { name: 'two' data_type: 7 dims: 1 int64_data: 2 }
  initializer { name: 'far' data_type: 7 dims: 1 int64_data: 9 }
  initializer { name: 'wide' data_type: 7 dims: 2 int64_data: [1, 1000000] }
  initializer { name: 'scales' data_type: 1 dims: 3 float_data: [1, 2, 3] }
  initializer { name: 'points' data_type: 3 dims: 3 int32_data: [0, 0, 0] }
  initializer { name: 'words' data_type: 8 dims: 2 string_data: ['no', 'yes'] }
  initializer { name: 'nan' data_type: 1 dims: [2, 1] float_data: [1, nan] }
  initializer { name: 'short' data_type: 1 dims: [2, 1] float_data: 1 }
  initializer { name: 'kernel' data_type: 1 dims: [1, 3, 1] float_data: [1, 2, 3] } )";

std::string FileOfGraph(const std::string& graph, const std::string& opset = "17") {
  onnx::ModelProto model;
  const std::string text = absl::StrCat(
      "opset_import { version: ", opset, " } opset_import { domain: 'ai.onnx.ml' version: 3 } ",
      "opset_import { domain: 'com.microsoft' version: 1 } graph { ", graph, kRefusedConstants,
      "}");
  if (!google::protobuf::TextFormat::ParseFromString(text, &model)) {
    std::cerr << "no graph: " << graph << '\n';
    std::abort();
  }
  return model.SerializeAsString();
}

std::string FileOfNodes(const std::string& nodes, const std::string& opset = "17") {
  return FileOfGraph(absl::StrCat(kRefusedInput, kRefusedOutput, nodes), opset);
}

// One node with the inputs "a', 'b" behind the first layer. It makes y.
std::string FileOfNode(const std::string& operation, const std::string& inputs,
                       const std::string& attributes = "") {
  return FileOfNodes(absl::StrCat(kRefusedLayer, "node { name: 'here' op_type: '", operation,
                                  "' input: ['", inputs, "'] output: 'y' ", attributes, "}"));
}

std::string IntegerOf(const std::string& name, std::int64_t value) {
  return absl::StrCat("attribute { name: '", name, "' type: INT i: ", value, " } ");
}

// x, with these dimensions, feeds a layer.
std::string FileOfInput(const std::string& shape, const std::string& type = "1") {
  return FileOfGraph(absl::StrCat(
      "input { name: 'x' type { tensor_type { elem_type: ", type, " ", shape, " } } } ",
      kRefusedOutput, "node { name: 'here' op_type: 'MatMul' input: ['x', 'v'] output: 'y' }"));
}

std::string FileOfTwoInputs(const std::string& x_batch, const std::string& user_batch) {
  const auto input = [](const std::string& name, const std::string& batch) {
    return absl::StrCat("input { name: '", name,
                        "' type { tensor_type { elem_type: 1 shape { dim { ", batch,
                        " } dim { dim_value: 2 } } } } } ");
  };
  return FileOfGraph(absl::StrCat(input("x", x_batch), input("user", user_batch), kRefusedOutput,
                                  "node { op_type: 'Add' input: ['x', 'user'] output: 's' } ",
                                  "node { op_type: 'MatMul' input: ['s', 'w'] output: 'y' } "));
}

constexpr char kOfInputs[] = "Inputs, outputs and the file";
constexpr char kOfRows[] = "Operations that mix rows";
constexpr char kOfData[] = "Operations that depend on the request's values";
constexpr char kOfTypes[] = "Types";
constexpr char kOfShapes[] = "Shapes";
constexpr char kOfSizes[] = "Sizes";
constexpr char kOfBrokenFiles[] = "Broken files";

std::vector<Refusal> RefusalsOfInputs() {
  return {
      {kOfInputs, "a dimension other than the batch has no fixed size",
       FileOfInput("shape { dim { dim_param: 'batch' } dim { dim_param: 'seq' } dim { dim_value: 3 "
                   "} }"),
       kUnimplemented,
       "PyTorch: `dynamic_axes={'x': {0: 'batch'}}`, or `dynamic_shapes` with dimension 0 only; "
       "Keras: an `Input` with fixed sizes"},
      {kOfInputs, "a model exported with one sample that has no batch dimension",
       FileOfInput("shape { dim { dim_value: 3 } }"), kUnimplemented,
       "PyTorch: `torch.zeros(1, 3)` as the example input"},
      {kOfInputs, "an input without a shape", FileOfInput(""), kUnimplemented,
       "run `onnx.shape_inference`, or export it again with an example input"},
      {kOfInputs, "two inputs with different fixed batch sizes",
       FileOfTwoInputs("dim_value: 32", "dim_value: 16"), kUnimplemented,
       "PyTorch: a dynamic dimension 0 for each input"},
      {kOfInputs, "one input with a fixed batch size, another without",
       FileOfTwoInputs("dim_param: 'batch'", "dim_value: 16"), kUnimplemented,
       "PyTorch: a dynamic dimension 0 for each input"},
      {kOfInputs, "a list of tensors or a dictionary as an input",
       FileOfGraph(absl::StrCat("input { name: 'x' type { sequence_type { } } } ", kRefusedOutput,
                                "node { op_type: 'Identity' input: 'x' output: 'y' } ")),
       kUnimplemented, "make each tensor an input"},
      {kOfInputs, "a shape as an output", FileOfNode("Shape", "z"), kUnimplemented,
       "do not return it from the model"},
      {kOfInputs, "strings from the request as an output",
       FileOfGraph(
           absl::StrCat("input { name: 's' type { tensor_type { elem_type: 8 shape { dim { } dim "
                        "{ dim_value: 1 } } } } } output { name: 't' } ",
                        kRefusedInput, kRefusedOutput,
                        "node { op_type: 'MatMul' input: ['x', 'w'] output: 'y' } "
                        "node { op_type: 'Identity' input: 's' output: 't' }")),
       kUnimplemented, "do not return it from the model"},
      {kOfInputs, "a model without a dense layer",
       FileOfNodes("node { op_type: 'Relu' input: 'x' "
                   "output: 'y' }"),
       kUnimplemented, "export a scaler or an encoder together with the network that follows it"},
      {kOfInputs, "an operator set that is too old or too new",
       FileOfNodes("node { op_type: 'MatMul' input: ['x', 'w'] output: 'y' }", "6"), kUnimplemented,
       "PyTorch: `opset_version=17`; tf2onnx: `--opset 17`; skl2onnx: `target_opset=17`; for a "
       "file: `onnx.version_converter`"},
      {kOfInputs, "a custom operator", FileOfNode("Gelu7", "z", "domain: 'com.example' "),
       kUnimplemented, "PyTorch: a `symbolic` function made of standard ONNX operators"},
      {kOfInputs, "an ONNX operator that this server does not support", FileWithOperator("", "Det"),
       kUnimplemented, "see [onnx.md](onnx.md#the-operators)"},
  };
}

std::vector<Refusal> RefusalsOfRows() {
  return {
      {kOfRows, "softmax over the batch", FileOfNode("Softmax", "z", IntegerOf("axis", 0)),
       kUnimplemented, "PyTorch: `softmax(z, dim=1)`"},
      {kOfRows, "a mean over all dimensions", FileOfNode("ReduceMean", "z"), kUnimplemented,
       "PyTorch: `z.mean(dim=1)`"},
      {kOfRows, "all values reshaped to one column", FileOfNode("Reshape", "z', 'column"),
       kUnimplemented, "PyTorch: `z.view(z.size(0), -1)`"},
      {kOfRows, "rows concatenated to a longer batch",
       FileOfNode("Concat", "z', 'z", IntegerOf("axis", 0)), kUnimplemented,
       "PyTorch: `torch.cat([...], dim=1)`"},
      {kOfRows, "the first row of a batch", FileOfNode("Gather", "z', 'zero", IntegerOf("axis", 0)),
       kUnimplemented, "PyTorch: `z[:, 0]`"},
      {kOfRows, "rows compared with each other",
       FileOfNodes(absl::StrCat(kRefusedLayer,
                                "node { op_type: 'Transpose' input: 'z' output: 't' } node { name: "
                                "'here' op_type: 'MatMul' input: ['z', 't'] output: 'y' }")),
       kUnimplemented, "send the two items to compare in one row, as two inputs"},
      {kOfRows, "transposed rows", FileOfNode("Gemm", "z', 'v", IntegerOf("transA", 1)),
       kUnimplemented, "PyTorch: no `.T` before a layer"},
      {kOfRows, "a division by the batch size",
       FileOfNodes(
           absl::StrCat(kRefusedLayer,
                        "node { op_type: 'Shape' input: 'z' output: 's' } "
                        "node { op_type: 'Gather' input: ['s', 'zero'] output: 'n' } "
                        "node { op_type: 'Cast' input: 'n' output: 'f' attribute { name: 'to' "
                        "type: INT i: 1 } } "
                        "node { name: 'here' op_type: 'Div' input: ['z', 'f'] output: 'y' }")),
       kUnimplemented, "PyTorch: no `x.shape[0]` in `forward`"},
  };
}

std::vector<Refusal> RefusalsOfData() {
  return {
      {kOfData, "a branch that depends on the request's values",
       FileOfNodes(
           absl::StrCat(kRefusedLayer, "node { op_type: 'Greater' input: ['z', 'b'] output: 'c' } ",
                        "node { name: 'here' op_type: 'If' input: 'c' output: 'y' "
                        "attribute { name: 'then_branch' type: GRAPH g { name: 'then' } } "
                        "attribute { name: 'else_branch' type: GRAPH g { name: 'else' } } }")),
       kUnimplemented, "PyTorch: `torch.where(c, a, b)` instead of `if`"},
      {kOfData, "positions of the values that are not 0", FileOfNode("NonZero", "z"),
       kUnimplemented, "PyTorch: `torch.where(mask, z, 0)` instead of `z[mask]`"},
      {kOfData, "values picked by computed indices",
       FileOfNodes(absl::StrCat(kRefusedLayer,
                                "node { op_type: 'Cast' input: 'z' output: 'i' attribute { name: "
                                "'to' type: INT i: 7 } } node { name: 'here' op_type: "
                                "'GatherElements' input: ['z', 'i'] output: 'y' attribute { name: "
                                "'axis' type: INT i: 1 } }")),
       kUnimplemented, "an `Embedding`, or a product with a one-hot vector"},
      {kOfData, "weights computed from the request",
       FileOfNode("BatchNormalization", "z', 'z', 'b', 'b', 'b"), kUnimplemented,
       "PyTorch: apply a computed scale with `*` and offset with `+`, after the normalisation"},
      {kOfData, "slice bounds computed from the request",
       FileOfNodes(absl::StrCat(kRefusedLayer,
                                "node { op_type: 'Cast' input: 'z' output: 'i' attribute { name: "
                                "'to' type: INT i: 7 } } node { name: 'here' op_type: 'Slice' "
                                "input: ['z', 'i', 'two', 'one'] output: 'y' }")),
       kUnimplemented, "use fixed bounds, or a mask with `Where`"},
  };
}

std::vector<Refusal> RefusalsOfTypes() {
  return {
      {kOfTypes, "a layer that takes integers",
       FileOfInput("shape { dim { } dim { dim_value: 3 } }", "7"), kUnimplemented,
       "PyTorch: `x.float()` in `forward`, or a float example input"},
      {kOfTypes, "integer weights",
       FileOfNodes("node { name: 'here' op_type: 'MatMul' input: ['x', 'w32'] output: 'y' }"),
       kUnimplemented, "save the weights as floats"},
      {kOfTypes, "numbers converted to text", FileOfNode("Cast", "z", IntegerOf("to", 8)),
       kUnimplemented, "format the numbers in the client"},
      {kOfTypes, "a shape whose elements are not integers", FileOfNode("Reshape", "z', 'b"),
       kInvalid, "`np.array([...], dtype=np.int64)` for shapes, axes and indices"},
      {kOfTypes, "mixed types",
       FileOfNodes(absl::StrCat(kRefusedLayer,
                                "node { op_type: 'Cast' input: 'z' output: 'i' attribute { name: "
                                "'to' type: INT i: 7 } } node { name: 'here' op_type: 'Concat' "
                                "input: ['z', 'i'] output: 'y' attribute { name: 'axis' type: INT "
                                "i: 1 } }")),
       kInvalid, "PyTorch: `i.float()`"},
      {kOfTypes, "activations quantised per channel",
       FileOfNodes(absl::StrCat(kRefusedLayer,
                                "node { op_type: 'QuantizeLinear' input: ['z', 'scales', 'points'] "
                                "output: 'q' } node { name: 'here' op_type: 'DequantizeLinear' "
                                "input: ['q', 'scales', 'points'] output: 'y' }")),
       kUnimplemented,
       "ONNX Runtime: quantise activations per tensor, and only weights with `per_channel=True`"},
  };
}

std::vector<Refusal> RefusalsOfShapes() {
  return {
      {kOfShapes, "weights of the wrong shape", FileOfNode("MatMul", "z', 'w"), kInvalid,
       "compare `in_features` with the width of the layer before"},
      {kOfShapes, "operands whose shapes do not match",
       FileOfNodes("node { name: 'here' op_type: 'Add' input: ['x', 'b'] output: 'y' }"), kInvalid,
       "compare the two widths"},
      {kOfShapes, "rows with several dimensions, in an operator that takes vectors",
       FileOfNodes(absl::StrCat(kRefusedLayer,
                                "node { op_type: 'Unsqueeze' input: ['z', 'one'] output: 'u' } "
                                "node { name: 'here' op_type: 'Scaler' domain: 'ai.onnx.ml' input: "
                                "'u' output: 'y' }")),
       kUnimplemented, "PyTorch: `torch.flatten(z, 1)`; Keras: `Flatten()`"},
      {kOfShapes, "an axis that does not exist", FileOfNode("Softmax", "z", IntegerOf("axis", 2)),
       kInvalid, "count the batch as axis 0"},
      {kOfShapes, "an empty slice", FileOfNode("Slice", "z', 'two', 'two', 'one"), kUnimplemented,
       "remove it"},
      {kOfShapes, "parts whose sizes do not add up",
       FileOfNodes(absl::StrCat(kRefusedLayer,
                                "node { name: 'here' op_type: 'Split' input: ['z', 'column'] "
                                "output: ['y', 'rest'] attribute { name: 'axis' type: INT i: 1 } "
                                "}")),
       kInvalid, "give sizes whose sum is the size of the axis"},
  };
}

std::vector<Refusal> RefusalsOfSizes() {
  return {
      {kOfSizes, "rows with too many values", FileOfNode("Tile", "z', 'wide"), kUnimplemented,
       "use a smaller network"},
      {kOfSizes, "integers that are not exact in FP32",
       FileOfGraph(
           "input { name: 'id' type { tensor_type { elem_type: 7 shape { dim { } dim { "
           "dim_value: 1 } } } } } output { name: 'y' } node { name: 'here' op_type: "
           "'LabelEncoder' domain: 'ai.onnx.ml' input: 'id' output: 'y' attribute { name: "
           "'keys_int64s' type: INTS ints: 20000001 } attribute { name: 'values_floats' type: "
           "FLOATS floats: 1 } }"),
       kUnimplemented, "number the categories from 0 before the export"},
      {kOfSizes, "convolutions over large images",
       FileOfGraph(
           "input { name: 'x' type { tensor_type { elem_type: 1 shape { dim { } dim { dim_value: "
           "3 } dim { dim_value: 224000 } } } } } output { name: 'y' } node { name: 'here' "
           "op_type: 'Conv' input: ['x', 'kernel'] output: 'y' }"),
       kUnimplemented, "serve it with ONNX Runtime"},
      {kOfSizes, "not enough memory", "", absl::StatusCode::kResourceExhausted,
       "raise `--max-memory-bytes`, or load fewer models"},
  };
}

std::vector<Refusal> RefusalsOfBrokenFiles() {
  return {
      {kOfBrokenFiles, "a file that is truncated, or not ONNX",
       FileOfNode("Relu", "z").substr(0, 200), kInvalid,
       "copy it again, and check it with `onnx.checker`"},
      {kOfBrokenFiles, "a tensor that no node computes", FileOfNode("Relu", "nowhere"), kInvalid,
       "export it again; a tool that edits graphs may have removed the node"},
      {kOfBrokenFiles, "an attribute that the operator does not have",
       FileOfNode("Softmax", "z", IntegerOf("dim", 1)), kInvalid, "use ONNX's name for it"},
      {kOfBrokenFiles, "too little data for the shape",
       FileOfNodes("node { name: 'here' op_type: 'MatMul' input: ['x', 'short'] output: 'y' }"),
       kInvalid, "save the model again"},
      {kOfBrokenFiles, "weights that are NaN or infinite",
       FileOfNodes("node { name: 'here' op_type: 'MatMul' input: ['x', 'nan'] output: 'y' }"),
       kInvalid, "train it again; the training diverged"},
  };
}

}  // namespace

std::string FileWithOperator(const std::string& domain, const std::string& name) {
  return FileOfNode(name, "z", absl::StrCat("domain: '", domain, "' "));
}

const std::vector<Refusal>& Refusals() {
  static const auto* const refusals = [] {
    auto* all = new std::vector<Refusal>;
    for (const auto& kind :
         {RefusalsOfInputs(), RefusalsOfRows(), RefusalsOfData(), RefusalsOfTypes(),
          RefusalsOfShapes(), RefusalsOfSizes(), RefusalsOfBrokenFiles()}) {
      all->insert(all->end(), kind.begin(), kind.end());
    }
    return all;
  }();
  return *refusals;
}

}  // namespace mlp
