// mlp-client: asks an inference server from the command line. docs/client.md shows how.

#include <exception>
#include <iostream>

#include "client/program.h"

int main(int argc, char** argv) {
  try {
    return mlp::RunProgram(argc, argv, {std::cin, std::cout, std::cerr});
  } catch (const std::exception& error) {  // out of memory; nothing of ours throws
    std::cerr << "mlp-client: " << error.what() << "\n";
    return mlp::kExitError;
  }
}
