// mlp-client: asks an inference server from the command line. docs/use/client.md shows how.

#include "client/program.h"

int main(int argc, char** argv) { return mlp::RunClient(argc, argv); }
