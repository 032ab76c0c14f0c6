// Reads any bytes as an ONNX file. Writes what was read and reads it again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "model/formats/onnx/reader.h"
#include "model/formats/onnx/writer/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = mlp::ReadOnnx({reinterpret_cast<const char*>(data), size});
  if (!read.ok()) return 0;
  const auto written = mlp::WriteOnnx(read->network);
  if (written.ok() && !mlp::ReadOnnx(*written).ok()) std::abort();
  return 0;
}
