#include "server/standard_streams.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <initializer_list>

namespace mlp {
namespace {

// Whether `descriptor` is a file, terminal, pipe or socket. When gRPC 1.51 is loaded, it opens an
// eventfd and leaves it open, with the lowest free number.
bool WasGiven(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && (status.st_mode & S_IFMT) != 0;
}

}  // namespace

void OpenClosedStandardStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (WasGiven(stream)) continue;
    const int null = open("/dev/null", O_RDWR);  // NOLINT(cppcoreguidelines-pro-type-vararg)
    if (null < 0 || null == stream) continue;
    dup2(null, stream);
    close(null);
  }
}

}  // namespace mlp
