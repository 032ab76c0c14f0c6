// The table of supported ONNX operators, by family. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_OPERATOR_TABLE_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_OPERATOR_TABLE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

struct OnnxOperator {
  absl::string_view name;
  absl::string_view domain;  // "" for ONNX's own
  int fewest_inputs;
  int most_inputs;
  std::vector<OnnxAttribute> attributes;
  absl::StatusOr<OnnxValues> (*convert)(const Operands&);
  // Whether it accepts labels and decisions; for other operators they are converted to signals.
  bool takes_decisions = false;
};

inline constexpr int kAnyNumberOfInputs = 1 << 10;

// The operators of each family.
const std::vector<OnnxOperator>& LayerOperators();
const std::vector<OnnxOperator>& RowOperators();       // scaling, normalising and filling rows
const std::vector<OnnxOperator>& QuantizeOperators();  // to integers and back
const std::vector<OnnxOperator>& QuantizedLayerOperators();   // layers of integers
const std::vector<OnnxOperator>& DynamicQuantizeOperators();  // with scales computed from the rows
const std::vector<OnnxOperator>& BitWeightOperators();        // products with weights of few bits
const std::vector<OnnxOperator>& ShapeOperators();            // change shapes or give them
const std::vector<OnnxOperator>& PartOperators();             // pick and join parts of rows
const std::vector<OnnxOperator>& WiringOperators();           // permute and repeat rows
const std::vector<OnnxOperator>& SliceOperators();            // cut rows along a dimension
const std::vector<OnnxOperator>& GatherOperators();           // pick values by constant indices
const std::vector<OnnxOperator>& PadOperators();
const std::vector<OnnxOperator>& ConcatOperators();
const std::vector<OnnxOperator>& ProductOperators();      // of matrices, unless a plain layer
const std::vector<OnnxOperator>& ConstantOperators();     // make constants
const std::vector<OnnxOperator>& ConvolutionOperators();  // over small images
const std::vector<OnnxOperator>& PoolingOperators();      // over small images
const std::vector<OnnxOperator>& LabelOperators();
const std::vector<OnnxOperator>& CastOperators();
const std::vector<OnnxOperator>& CategoryOperators();      // one-hot vectors
const std::vector<OnnxOperator>& LabelEncoderOperators();  // tables from labels to labels
const std::vector<OnnxOperator>& LinearOperators();        // scikit-learn's linear models
const std::vector<OnnxOperator>& OrderOperators();         // positions by the order of values
const std::vector<OnnxOperator>& ElementwiseOperators();
const std::vector<OnnxOperator>& ReduceOperators();  // reduce many values to one
const std::vector<OnnxOperator>& NormOperators();
const std::vector<OnnxOperator>& ChannelOperators();
const std::vector<OnnxOperator>& SoftmaxOperators();
const std::vector<OnnxOperator>& CumulativeOperators();

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_OPERATOR_TABLE_H_
