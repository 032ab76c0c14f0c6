// Makes a baseline of a model's file on this machine.

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

// A model's file that was read. Not thread-safe.
class FileToCalibrate final {
 public:
  // The errors are the readers'.
  static absl::StatusOr<FileToCalibrate> Read(const std::string& path);

  const std::vector<std::string>& warnings() const { return read_.warnings; }

  // Which columns of the rows hold texts.
  TextColumns text_columns() const;

  // Evaluates the rows; takes the network. `progress` is called with a share in [0, 1].
  // INVALID_ARGUMENT for rows that are not as wide as the inputs together, and for too few.
  absl::StatusOr<BaselineFile> Calibrate(Rows rows, const std::function<void(double)>& progress);

 private:
  explicit FileToCalibrate(ReadNetwork read) : read_(std::move(read)) {}

  ReadNetwork read_;
};

// Where the baseline of the model at `path` belongs: in its folder, as baseline.safetensors.
std::string BaselinePathBeside(const std::string& path);

// What a warning says of values that are missing: `place` is where the first one is.
std::string MissingValuesText(const std::string& place);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_CALIBRATE_FILE_H_
