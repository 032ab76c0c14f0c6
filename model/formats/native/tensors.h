// The tensors that a native document names; each may be used once.

#ifndef MLP_MODEL_FORMATS_NATIVE_TENSORS_H_
#define MLP_MODEL_FORMATS_NATIVE_TENSORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/native/safetensors.h"

namespace mlp {

// [rows, columns], row-major.
struct NativeMatrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<float> values;
};

// Every error is INVALID_ARGUMENT and starts with `place`, the place in the document that names the
// tensor.
class NativeTensors final {
 public:
  explicit NativeTensors(SafetensorsFile file);

  // The matrix `name`, with its dimensions exchanged if `transposed`.
  absl::StatusOr<NativeMatrix> TakeMatrix(const std::string& place, const std::string& name,
                                          bool transposed);

  // The `units` values of the vector `name`.
  absl::StatusOr<std::vector<float>> TakeVector(const std::string& place, const std::string& name,
                                                std::int64_t units);

  // The same with any number of values from 1 to Network::kMaxWidth.
  absl::StatusOr<std::vector<float>> TakeVector(const std::string& place, const std::string& name);

  // The vector `name` of 1 to Network::kMaxWidth integers from 0 to Network::kMaxWidth, of any
  // integer type.
  absl::StatusOr<std::vector<std::int32_t>> TakeIndices(const std::string& place,
                                                        const std::string& name);

  // The names of the tensors that were not taken, in the order of their data.
  std::vector<std::string> Unused() const;

 private:
  struct Entry {
    const SafetensorsTensor* tensor = nullptr;
    // A short document that used one tensor a thousand times would exhaust the memory.
    bool used = false;
  };

  // Whether elements are floating-point numbers or integers.
  enum class Elements { kNumbers, kIntegers };

  absl::StatusOr<const SafetensorsTensor*> Take(const std::string& place, const std::string& name,
                                                Elements elements = Elements::kNumbers);

  SafetensorsFile file_;
  absl::flat_hash_map<absl::string_view, Entry> entries_;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_TENSORS_H_
