// Both programs in one file, which acts as the program by whose name it is called. The image then
// contains their common code only once, which saves a third of their bytes.

#include <filesystem>
#include <iostream>

#include "client/program.h"
#include "server/program.h"

int main(int argc, char** argv) {
  const std::filesystem::path name =
      argc > 0 ? std::filesystem::path(argv[0]).filename() : std::filesystem::path();
  if (name == "mlp-server") return mlp::RunServer(argc, argv);
  if (name == "mlp-client") return mlp::RunClient(argc, argv);
  std::cerr << "this program was called as " << name << "; expected mlp-server or mlp-client\n";
  return 2;
}
