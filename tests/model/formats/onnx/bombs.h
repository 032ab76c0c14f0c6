// Short files that make the reader copy, look up or create much.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_BOMBS_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_BOMBS_H_

#include <onnx/onnx_pb.h>

#include <ostream>
#include <vector>

namespace mlp {

struct Bomb {
  const char* name;
  onnx::ModelProto (*make)();
};

// For GoogleTest: the name.
void PrintTo(const Bomb& bomb, std::ostream* stream);

// One for each way known.
std::vector<Bomb> Bombs();

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_BOMBS_H_
