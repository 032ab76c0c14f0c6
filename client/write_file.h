// Writes what a command was asked to put into a file.

#ifndef MLP_CLIENT_WRITE_FILE_H_
#define MLP_CLIENT_WRITE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Makes `text` the whole of the file at `path`, whatever was there. PERMISSION_DENIED where that
// cannot be. Thread-safe.
absl::Status WriteFile(const std::string& path, absl::string_view text);

// The same at once: whoever reads the file meanwhile, such as a server, sees all of it or what was
// there before.
absl::Status ReplaceFile(const std::string& path, absl::string_view text);

}  // namespace mlp

#endif  // MLP_CLIENT_WRITE_FILE_H_
