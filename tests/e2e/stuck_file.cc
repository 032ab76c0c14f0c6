// Loaded before the server's own libraries, lets whoever opens a file of the model named "stuck"
// wait for ever, as a volume does whose server is away. It says so on standard error first: a test
// knows then that the file is being read.

#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

extern "C" FILE* fopen64(const char* path, const char* mode) {
  if (std::strstr(path, "/stuck/") != nullptr) {
    std::fputs("a file is not read\n", stderr);
    for (;;) pause();
  }
  static const auto next = reinterpret_cast<decltype(&fopen64)>(dlsym(RTLD_NEXT, "fopen64"));
  return next(path, mode);
}

// The C++ library calls one of the two.
extern "C" FILE* fopen(const char* path, const char* mode) { return fopen64(path, mode); }
