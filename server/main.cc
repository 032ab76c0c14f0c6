// mlp-server.

#include "server/program.h"

int main(int argc, char** argv) { return mlp::RunServer(argc, argv); }
