// The functions that an ONNX file defines, and their nodes with the attributes of a call.

#ifndef MLP_MODEL_FORMATS_ONNX_FUNCTIONS_H_
#define MLP_MODEL_FORMATS_ONNX_FUNCTIONS_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/values/constant.h"

namespace mlp {

// Attributes by name.
using FunctionAttributes = absl::flat_hash_map<absl::string_view, const onnx::AttributeProto*>;

// The parts of a function that a call needs, looked up once.
struct OnnxFunction {
  const onnx::FunctionProto* proto = nullptr;
  std::optional<std::int64_t> opset;  // nothing if it is the caller's
  bool refers = false;  // whether a node has an attribute that refers to the function's
  FunctionAttributes defaults;
};

// A call of a function. Refers to the function and to the caller, which must outlive it.
struct OnnxFunctionCall {
  const OnnxFunction& function;
  const onnx::NodeProto& caller;
  FunctionAttributes attributes;  // of the caller, if the function refers to any

  // The value of an attribute of the function; null if it has none.
  const onnx::AttributeProto* Find(absl::string_view name) const;
};

// The call of `function` by the node `caller`.
OnnxFunctionCall CallOf(const OnnxFunction& function, const onnx::NodeProto& caller);

// Belongs to one conversion, in one thread. Converted nodes refer to what it keeps, so it must
// outlive them.
class OnnxFunctions final {
 public:
  // Adds a function, which must outlive this. If functions share a domain and a name, the first one
  // counts. RESOURCE_EXHAUSTED if the defaults of its attributes exceed the memory in `limits`.
  absl::Status Add(const onnx::FunctionProto& proto, ConstantLimits& limits);

  // Null if the file does not define it. Valid until the next Add.
  const OnnxFunction* Find(absl::string_view domain, absl::string_view name) const;

  // A node of the called function in which attributes that refer to the function's take the call's
  // value or the function's default; without either, they are omitted. `node` itself if none refers
  // to any. Fails like TakeBytes beyond the limits.
  absl::StatusOr<const onnx::NodeProto*> NodeOfCall(const onnx::NodeProto& node,
                                                    const OnnxFunctionCall& call,
                                                    ConstantLimits& limits);

 private:
  using Key = std::pair<absl::string_view, absl::string_view>;  // domain and name

  absl::flat_hash_map<Key, OnnxFunction> functions_;
  std::deque<onnx::AttributeProto> defaults_;
  std::deque<onnx::NodeProto> made_nodes_;  // with attributes filled in
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_FUNCTIONS_H_
