// Both programs in one file, which is the one that it is called by: the image holds what they share
// once, a third of their bytes.

#include <filesystem>
#include <iostream>

#include "client/program.h"
#include "server/program.h"

int main(int argc, char** argv) {
  const std::filesystem::path name =
      argc > 0 ? std::filesystem::path(argv[0]).filename() : std::filesystem::path();
  if (name == "mlp-server") return mlp::RunServer(argc, argv);
  if (name == "mlp-client") return mlp::RunClient(argc, argv);
  std::cerr << "this program was called by " << name
            << "; it is mlp-server and mlp-client by these names\n";
  return 2;
}
