// Reads any bytes as model.json, beside the tensors that the seeds name. Writes what was read and
// reads it again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "model/formats/native/document.h"
#include "model/formats/native/reader.h"
#include "model/formats/native/safetensors.h"
#include "model/formats/native/writer.h"

namespace {

// The tensors of tests/fixtures/native/bad/, of the datatypes and shapes that valid documents
// expect. Values ascend, as keys must. There are positions for a layer that selects.
const std::string& Tensors() {
  static const auto& file = *new std::string([] {
    std::vector<float> values;
    for (int i = 0; i < 26; ++i) values.push_back(static_cast<float>(i - 13) / 4);
    const std::vector<std::int32_t> units = {2, 0, 0, 1};
    const absl::string_view bytes(reinterpret_cast<const char*>(values.data()), 104);
    const absl::string_view positions(reinterpret_cast<const char*>(units.data()), 16);
    return mlp::SerializeSafetensors(
        {{{"w0", mlp::SafetensorsType::kF32, {4, 3}, bytes.substr(0, 48)},
          {"b0", mlp::SafetensorsType::kF32, {4}, bytes.substr(48, 16)},
          {"w1", mlp::SafetensorsType::kF32, {2, 4}, bytes.substr(64, 32)},
          {"b1", mlp::SafetensorsType::kF32, {2}, bytes.substr(96)},
          {"u", mlp::SafetensorsType::kI32, {4}, positions}}},
        {});
  }());
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = mlp::ParseNativeDocument(text);
  if (!document.ok()) return 0;
  const std::string again = mlp::SerializeNativeDocument(*document);
  if (!mlp::ParseNativeDocument(again).ok()) std::abort();
  const auto read = mlp::ReadNative(text, Tensors());
  if (!read.ok()) return 0;
  const auto written = mlp::WriteNative(read->network);
  // The written document spells out all defaults, so it is longer and may exceed the limit.
  if (!written.ok()) return 0;
  if (!mlp::ReadNative(written->document, written->tensors).ok()) std::abort();
  return 0;
}
