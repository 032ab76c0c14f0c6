// Loaded before the server's own libraries. Opening a file of the model named "stuck" blocks
// forever, as on a volume whose server is unreachable. Before that it writes a line to standard
// error, which tells the test that the file is being read.

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>

extern "C" int open(const char* path, int flags, ...) {
  const bool is_stuck = std::strstr(path, "/stuck/") != nullptr && access(path, F_OK) == 0;
  if (is_stuck && (flags & O_DIRECTORY) == 0) {
    std::fputs("a file is not read\n", stderr);
    for (;;) pause();
  }
  va_list arguments;
  va_start(arguments, flags);
  const bool creates = (flags & (O_CREAT | O_TMPFILE)) != 0;
  const mode_t mode = creates ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  static const auto next = reinterpret_cast<decltype(&open)>(dlsym(RTLD_NEXT, "open"));
  return next(path, flags, mode);
}
