// model.json, the description of a network in the native format: what its tensors, which stand in
// model.safetensors, are to it. docs/native_format.md tells it whole, and
// docs/native_format.schema.json is what ParseNativeDocument accepts.

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

// Names are those of the document throughout, and choices are the document's words, e.g. "dense".

struct NativeInput {
  std::string name;
  std::vector<std::int64_t> shape;  // of one row
  std::string datatype = "FP32";
};

// What stands for the infinite numbers, which JSON does not have.
inline constexpr char kInfinite[] = "inf";
inline constexpr char kMinusInfinite[] = "-inf";

// A number; or its stand-in or the name of the tensor that holds one for each unit.
using NativeParameter = std::variant<double, std::string>;

struct NativeActivation {
  std::string name = "identity";
  std::vector<std::pair<std::string, NativeParameter>> parameters;
};

struct NativeSource {
  std::string name;  // of an input or of a layer
  std::string tap = "activation";
  std::int64_t first = 0;
  std::optional<std::int64_t> width;  // all from `first` on where it is not given
};

// Numbers by their names, as the parameters of a function are.
using NativeNumbers = std::vector<std::pair<std::string, double>>;

// A number; a word, a tensor's name or kInfinite and kMinusInfinite; or numbers.
using NativeValue = std::variant<double, std::int64_t, std::string, NativeNumbers>;

struct NativeMember {
  std::string key;
  NativeValue value;
};

struct NativeLayer {
  // The value of the member `key`; null where it is not given.
  const NativeValue* Find(absl::string_view key) const;

  std::optional<std::string> name;
  std::string combination = "dense";
  std::vector<NativeMember> members;  // what the combination has: model/formats/native/members.h
  NativeActivation activation;
  std::vector<NativeSource> sources;  // none: the layer in front, or the one input
};

struct NativeOutput {
  std::string name;
  std::optional<std::string> layer;  // the last one where it is not given
  std::string tap = "activation";
  std::string kind = "values";
  std::optional<std::vector<std::int64_t>> shape;  // of one row; flat where it is not given
  std::string datatype = "FP32";
  std::vector<std::int64_t> integer_labels;  // label: either these
  std::vector<std::string> string_labels;    // or these
  double threshold = 0.5;                    // decisions
};

struct NativeDocument {
  std::optional<std::string> sha256;    // of model.safetensors, in 64 hexadecimal digits
  std::vector<std::string> vocabulary;  // of BYTES inputs and of values as BYTES
  std::vector<NativeInput> inputs;
  std::vector<NativeLayer> layers;
  std::vector<NativeOutput> outputs;
};

// The longest model.json that is read: room for the labels of the widest layer.
inline constexpr std::size_t kLongestNativeDocument = std::size_t{16} << 20;

// The longest name in it, in bytes.
inline constexpr std::size_t kLongestNativeName = 1024;

// Reads a document by itself: whether its names, tensors and values fit each other is not looked
// at. INVALID_ARGUMENT, naming the place by its JSON pointer, what stands there and what was
// expected, for whatever the schema does not allow. Memory is bounded by a small multiple of
// `text`. Thread-safe.
absl::StatusOr<NativeDocument> ParseNativeDocument(absl::string_view text);

// The text that ParseNativeDocument reads as `document`, without what is as by default. REQUIRES:
// finite numbers and UTF-8. Thread-safe.
std::string SerializeNativeDocument(const NativeDocument& document);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_DOCUMENT_H_
