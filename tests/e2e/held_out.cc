#include "tests/e2e/held_out.h"

#include "client/npy.h"
#include "tests/bytes_of_file.h"
#include "tests/e2e/server_process.h"

namespace mlp {

std::vector<float> HeldOutPixels() {
  return ReadNpyFloats(BytesOfFile(InCheckout("deploy/models/held_out/pixels.npy"))).value().values;
}

std::vector<std::int64_t> HeldOutLabels() {
  return ReadNpyIntegers(BytesOfFile(InCheckout("deploy/models/held_out/labels.npy")))
      .value()
      .values;
}

std::vector<float> ReferenceOutput(const std::string& model, const std::string& output) {
  const std::string file = "tests/fixtures/reference/" + model + "/" + output + ".npy";
  return ReadNpyFloats(BytesOfFile(InCheckout(file))).value().values;
}

}  // namespace mlp
