// The shortest program that sends a request to a model.
//
//   ask [ADDRESS [MODEL]]      e.g. ask 127.0.0.1:8001 digits-relu
//
// Link it with the CMake target mlpserve::client, as the CMakeLists.txt in this folder does.

#include <cstdint>
#include <iostream>
#include <vector>

#include "absl/status/statusor.h"
#include "client/client.h"

int main(int argc, char** argv) {
  const char* address = argc > 1 ? argv[1] : "127.0.0.1:8001";
  const char* name = argc > 2 ? argv[2] : "digits-relu";

  // Calls return either a value or a status that says what went wrong; .ok() tells which.
  const absl::StatusOr<mlp::Client> client = mlp::Client::Create(address);
  if (!client.ok()) {
    std::cerr << client.status() << "\n";
    return 1;
  }

  // The names, types and shapes of the model's inputs, e.g. pixels, FP32, [-1,64]. The first
  // dimension is the rows: any number of them.
  const absl::StatusOr<mlp::ModelMetadata> model = client->Metadata(name);
  if (!model.ok()) {
    std::cerr << model.status() << "\n";
    return 1;
  }

  // One row of inputs: here a picture of 8x8 pixels with a vertical stroke in the middle. 0 is
  // paper and 1 is ink, in row-major order.
  constexpr std::int64_t kRows = 1;
  std::vector<float> pixels(kRows * 64, 0.0f);
  for (int line = 0; line < 8; ++line) pixels[line * 8 + 3] = pixels[line * 8 + 4] = 1.0f;

  const absl::StatusOr<mlp::InferResult> answer = client->Infer(*model, kRows, pixels);
  if (!answer.ok()) {
    std::cerr << answer.status() << "\n";
    return 1;
  }
  for (const mlp::Tensor& output : answer->outputs) {
    std::cout << output.name << ":";
    for (const float value : output.values) std::cout << " " << value;
    std::cout << "\n";
  }
}
