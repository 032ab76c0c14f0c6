// Makes a baseline for a model's file on this machine.

#ifndef MLP_CLIENT_COMMANDS_CALIBRATE_FILE_H_
#define MLP_CLIENT_COMMANDS_CALIBRATE_FILE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "client/rows_reader.h"
#include "client/text_columns.h"
#include "model/formats/model_file.h"

namespace mlp {

// A model's file that has been read. Not thread-safe.
class FileToCalibrate final {
 public:
  // Errors are the readers'.
  static absl::StatusOr<FileToCalibrate> Read(const std::string& path);

  const std::vector<std::string>& warnings() const { return read_.warnings; }

  // Which columns of the rows hold texts.
  TextColumns text_columns() const;

  // Evaluates the rows. Consumes the network: call it once. `progress` is called with a share in
  // [0, 1]. INVALID_ARGUMENT if the rows are not as wide as all inputs together, or too few.
  absl::StatusOr<BaselineFile> Calibrate(Rows rows, const std::function<void(double)>& progress);

 private:
  explicit FileToCalibrate(ReadNetwork read) : read_(std::move(read)) {}

  ReadNetwork read_;
};

// The path of the baseline of the model at `path`: baseline.safetensors in the model's folder.
std::string BaselinePathBeside(const std::string& path);

// A warning about missing values; `place` is that of the first one.
std::string MissingValuesText(const std::string& place);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_CALIBRATE_FILE_H_
