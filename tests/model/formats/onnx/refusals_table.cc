// Prints docs/reference/refusals.md: what the reader says about each kind of file that it refuses.
//
// usage: refusals_table > docs/reference/refusals.md

#include <exception>
#include <iostream>

#include "tests/model/formats/onnx/refusals.h"

int main() {
  try {
    std::cout << mlp::RefusalsDocument();
    return std::cout.flush().good() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
