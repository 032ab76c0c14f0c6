// Reads the labels of an output's units from a file in the model's folder.

#ifndef MLP_SERVER_REPOSITORY_LABEL_FILE_H_
#define MLP_SERVER_REPOSITORY_LABEL_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace mlp {

// Reads `folder`/`filename`, a line for each of `units` labels. `filename` must be a plain file
// name. INVALID_ARGUMENT if the file is not UTF-8 or has another number of lines, NOT_FOUND if it
// is missing, RESOURCE_EXHAUSTED for too little memory; other errors as ReadFileContent.
absl::StatusOr<std::vector<std::string>> ReadLabelFile(const std::filesystem::path& folder,
                                                       const std::string& filename,
                                                       std::int64_t units);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_LABEL_FILE_H_
