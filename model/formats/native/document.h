// model.json, the description of a network in the native format: it defines the role of each tensor
// in model.safetensors. docs/reference/native_format.md describes it in full, and
// docs/reference/native_format.schema.json is the schema that ParseNativeDocument accepts.

#ifndef MLP_MODEL_FORMATS_NATIVE_DOCUMENT_H_
#define MLP_MODEL_FORMATS_NATIVE_DOCUMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Names are those of the document, and choices are the document's words, e.g. "dense".

struct NativeInput {
  std::string name;
  std::vector<std::int64_t> shape;  // of one row
  std::string datatype = "FP32";
};

// Stand for the infinite numbers, which JSON does not have.
inline constexpr char kInfinite[] = "inf";
inline constexpr char kMinusInfinite[] = "-inf";

// A number, kInfinite or kMinusInfinite, or the name of a tensor with one value for each unit.
using NativeParameter = std::variant<double, std::string>;

struct NativeActivation {
  std::string name = "identity";
  std::vector<std::pair<std::string, NativeParameter>> parameters;
};

struct NativeSource {
  std::string name;  // of an input or of a layer
  std::string tap = "activation";
  std::int64_t first = 0;
  std::optional<std::int64_t> width;  // if not given, all values from `first` on
};

// Named numbers, e.g. a function's parameters.
using NativeNumbers = std::vector<std::pair<std::string, double>>;

// A number; a word, a tensor's name, kInfinite or kMinusInfinite; or named numbers.
using NativeValue = std::variant<double, std::int64_t, std::string, NativeNumbers>;

struct NativeMember {
  std::string key;
  NativeValue value;
};

struct NativeLayer {
  // The value of the member `key`; null if it is not given.
  const NativeValue* Find(absl::string_view key) const;

  std::optional<std::string> name;
  std::string combination = "dense";
  std::vector<NativeMember> members;  // those of the combination: model/formats/native/members.h
  NativeActivation activation;
  std::vector<NativeSource> sources;  // if empty: the previous layer, or the only input
};

struct NativeOutput {
  std::string name;
  std::optional<std::string> layer;  // if not given, the last layer
  std::string tap = "activation";
  std::string kind = "values";
  std::optional<std::vector<std::int64_t>> shape;  // of one row; if not given, flat
  std::string datatype = "FP32";
  std::vector<std::int64_t> integer_labels;  // for a label: either these
  std::vector<std::string> string_labels;    // or these
  double threshold = 0.5;                    // for decisions
};

struct NativeDocument {
  std::optional<std::string> sha256;    // of model.safetensors, in 64 hexadecimal digits
  std::vector<std::string> vocabulary;  // of BYTES inputs and of outputs of values as BYTES
  std::vector<NativeInput> inputs;
  std::vector<NativeLayer> layers;
  std::vector<NativeOutput> outputs;
};

// The longest accepted model.json: enough for the labels of the widest layer.
inline constexpr std::size_t kLongestNativeDocument = std::size_t{16} << 20;

// The longest accepted name, in bytes.
inline constexpr std::size_t kLongestNativeName = 1024;

// Reads a document alone, without checking whether its names, tensors and values match each other.
// INVALID_ARGUMENT for everything that the schema does not allow, naming the JSON pointer, the
// value there and what was expected. Memory is limited to a small multiple of the size of `text`.
// Thread-safe.
absl::StatusOr<NativeDocument> ParseNativeDocument(absl::string_view text);

// The text that ParseNativeDocument reads as `document`, without members that have default values.
// REQUIRES: finite numbers and UTF-8. Thread-safe.
std::string SerializeNativeDocument(const NativeDocument& document);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_DOCUMENT_H_
