// Tables that values are looked up in: what embeddings, encoders of categories and the operators
// that pick labels are made of. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_LOOKUPS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_LOOKUPS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// The entries of `lookup`, by position or by key, for each of the `count` values of `x`. By
// position, what in front of it only makes an integer of a value, or counts from the end of the
// table, is left out: then the value may be one of the network's input, and a request with an index
// out of range is refused. INVALID_ARGUMENT for a row that is too wide or a table beyond the
// limits.
absl::StatusOr<RowNodeId> AddLookup(const Operands& operands, Lookup lookup, RowNodeId x,
                                    std::int64_t count);

// How AddOneHot spreads a value over `entries` values: `on` at the place of its key, or at the
// position that it is where there are no keys, and `off` elsewhere.
struct OneHotEntries {
  std::int64_t entries = 0;
  std::vector<float> keys;  // in any order, each once
  float on = 1.0F;
  float off = 0.0F;
  // Whether a value without a place is an error, rather than `off` everywhere.
  bool others_are_errors = false;
};

// One-hot vectors, [count, entries].
absl::StatusOr<RowNodeId> AddOneHot(const Operands& operands, const OneHotEntries& places,
                                    RowNodeId x, std::int64_t count);

// A table of one value for each key, for AddLookup. Of equal keys, the first one counts.
Lookup LookupOfPairs(std::vector<std::pair<float, float>> pairs);

// Whether input 0 of the node is a constant table, and input 1 names entries of it.
bool NamesEntries(const Operands& operands);

// Gather of a constant table's entries, and ArrayFeatureExtractor of a constant list's.
absl::StatusOr<OnnxValues> GatherFromTable(const Operands& operands);

// x in integers of `to`, as ONNX's Cast makes them of floats.
RowNodeId AddToInteger(const Operands& operands, RowNodeId x, Datatype to, std::int64_t width);

// `signal` as another datatype of numbers or as BOOL.
absl::StatusOr<Signal> CastSignal(const Operands& operands, Signal signal, Datatype to);

// INVALID_ARGUMENT where a row of `count` times `width` values is wider than any.
absl::Status CheckMadeWidth(std::int64_t count, std::int64_t width);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_LOOKUPS_H_
