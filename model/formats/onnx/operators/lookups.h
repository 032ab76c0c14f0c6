// Lookup tables, of which embeddings, encoders of categories and operators that pick labels
// consist. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_LOOKUPS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_LOOKUPS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// Looks up each of the `count` values of `x` in `lookup`, by position or by key. For lookups by
// position, operations before it that only convert to an integer or count from the end of the table
// are skipped: the index may then be a value of the network's input, and a request with an index
// out of range is refused. UNIMPLEMENTED if the row becomes too wide; fails like TakeBytes if a
// table exceeds the limits.
absl::StatusOr<RowNodeId> AddLookup(const Operands& operands, Lookup lookup, RowNodeId x,
                                    std::int64_t count);

// How AddOneHot expands a value to `entries` values: `on` at the place of its key, or at the
// position it gives if there are no keys, and `off` elsewhere.
struct OneHotEntries {
  std::int64_t entries = 0;
  std::vector<float> keys;  // unique, in any order
  float on = 1.0F;
  float off = 0.0F;
  // Whether a value without a place is an error; otherwise it gives `off` everywhere.
  bool others_are_errors = false;
};

// One-hot vectors, [count, entries].
absl::StatusOr<RowNodeId> AddOneHot(const Operands& operands, const OneHotEntries& places,
                                    RowNodeId x, std::int64_t count);

// A table of one value for each key, for AddLookup. If keys are equal, the first one counts.
Lookup LookupOfPairs(std::vector<std::pair<float, float>> pairs);

// Whether input 0 of the node is a constant table and input 1 selects its entries.
bool NamesEntries(const Operands& operands);

// Gather from a constant table, and ArrayFeatureExtractor from a constant list.
absl::StatusOr<OnnxValues> GatherFromTable(const Operands& operands);

// Converts x to integers of type `to`, as ONNX's Cast converts floats.
RowNodeId AddToInteger(const Operands& operands, RowNodeId x, Datatype to, std::int64_t width);

// `signal` cast to another numeric datatype or to BOOL.
absl::StatusOr<Signal> CastSignal(const Operands& operands, Signal signal, Datatype to);

// UNIMPLEMENTED if a row of `count` times `width` values is too wide.
absl::Status CheckMadeWidth(std::int64_t count, std::int64_t width);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_LOOKUPS_H_
