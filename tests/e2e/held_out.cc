#include "tests/e2e/held_out.h"

#include <fstream>
#include <iterator>

#include "client/npy.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

std::string BytesOfFile(const std::string& path) {
  std::ifstream file(InCheckout(path), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<float> HeldOutPixels() {
  return ReadNpyFloats(BytesOfFile("deploy/models/held_out/pixels.npy")).value().values;
}

std::vector<std::int64_t> HeldOutLabels() {
  return ReadNpyIntegers(BytesOfFile("deploy/models/held_out/labels.npy")).value().values;
}

std::vector<float> ReferenceOutput(const std::string& model, const std::string& output) {
  const std::string file = "tests/fixtures/reference/" + model + "/" + output + ".npy";
  return ReadNpyFloats(BytesOfFile(file)).value().values;
}

}  // namespace mlp
