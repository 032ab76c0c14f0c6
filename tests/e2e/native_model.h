// Models of any width for tests, in the native format.

#ifndef MLP_TESTS_E2E_NATIVE_MODEL_H_
#define MLP_TESTS_E2E_NATIVE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {

// Writes a model of dense layers into the version's folder `version`. Its input "pixels" has
// widths[0] values, layer i has widths[i + 1] units, and its output is "y". All biases and weights
// are 0 unless `value` gives them by index. Indices run over the layers; in each layer the biases
// come first, then the weights of unit after unit.
inline void WriteNativeModel(const std::filesystem::path& version,
                             const std::vector<std::int64_t>& widths,
                             const std::function<float(std::size_t)>& value = {}) {
  std::string layers;
  std::string tensors;
  std::int64_t offset = 0;
  const auto add_tensor = [&](const std::string& name, const std::string& shape,
                              std::int64_t values) {
    const std::int64_t end = offset + values * static_cast<std::int64_t>(sizeof(float));
    absl::StrAppend(&tensors, tensors.empty() ? "" : ",", "\"", name,
                    R"(":{"dtype":"F32","shape":[)", shape, R"(],"data_offsets":[)", offset, ",",
                    end, "]}");
    offset = end;
  };
  for (std::size_t i = 1; i < widths.size(); ++i) {
    absl::StrAppend(&layers, i > 1 ? "," : "", R"({"name": "l)", i, R"(", "weights": "w)", i,
                    R"(", "bias": "b)", i, R"(", "layout": "out_in", "activation": ")",
                    i + 1 < widths.size() ? "relu" : "identity", "\"}");
    add_tensor(absl::StrCat("b", i), absl::StrCat(widths[i]), widths[i]);
    add_tensor(absl::StrCat("w", i), absl::StrCat(widths[i], ",", widths[i - 1]),
               widths[i] * widths[i - 1]);
  }
  std::filesystem::create_directories(version);
  std::ofstream(version / "model.json")
      << R"({"format_version": 1, "inputs": [{"name": "pixels", "datatype": "FP32", "shape": [)"
      << widths.front() << R"(]}], "layers": [)" << layers
      << R"(], "outputs": [{"name": "y", "layer": "l)" << widths.size() - 1 << R"("}]})";
  const std::string header = "{" + tensors + "}";
  std::ofstream file(version / "model.safetensors", std::ios::binary);
  const auto size = static_cast<std::uint64_t>(header.size());
  file.write(reinterpret_cast<const char*>(&size), sizeof(size));
  std::string values(static_cast<std::size_t>(offset), '\0');
  // The last weight is -0, because a recent file that ends in zero bytes may be incomplete.
  values.back() = '\x80';
  for (std::size_t i = 0; value && i < values.size() / sizeof(float); ++i) {
    const float valued = value(i);
    std::memcpy(&values[i * sizeof(float)], &valued, sizeof(float));
  }
  file << header << values;
}

}  // namespace mlp

#endif  // MLP_TESTS_E2E_NATIVE_MODEL_H_
