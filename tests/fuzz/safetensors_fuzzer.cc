// Reads any bytes as a safetensors file. Writes what was read and reads it again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "model/formats/native/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = mlp::ParseSafetensors({reinterpret_cast<const char*>(data), size});
  if (!read.ok()) return 0;
  for (const mlp::SafetensorsTensor& tensor : read->tensors) mlp::ReadFloats(tensor);
  const std::string written = mlp::SerializeSafetensors(read->tensors, read->metadata);
  if (!mlp::ParseSafetensors(written).ok()) std::abort();
  return 0;
}
