#include "client/commands/token.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "client/file_descriptor.h"
#include "client/new_token.h"

namespace mlp {
namespace {

constexpr char kTokenExamples[] =
    R"(Prints the token once, on standard output or into a new file. Prints the line for the
server's --tokens-file on standard error, or appends it. The line contains a digest, not the token.

Examples:
  mlp-client token new --name ci --role infer --output ci.token --append tokens
  mlp-client token new --name web --role infer --models 'digits-*,iris' --expires 90d
  mlp-client --token-file ci.token --tls-ca ca.pem --address inference.example:8001 models)";

absl::Status CannotWrite(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("'", path, "' cannot be written"));
}

// A file that only one program at a time writes.
class LockedFile final {
 public:
  LockedFile(std::string path, int flags, mode_t mode)
      : path_(std::move(path)), file_(open(path_.c_str(), flags | O_CLOEXEC, mode)) {
    if (!file_.is_open() || flock(file_.number(), LOCK_EX) != 0) error_ = errno;
  }

  absl::Status status() const {
    return error_ == 0 ? absl::OkStatus() : CannotWrite(path_, error_);
  }

  // Whether the last line has no newline.
  bool lacks_an_end() const {
    const off_t end = lseek(file_.number(), 0, SEEK_END);
    char last = '\n';
    if (end > 0 && pread(file_.number(), &last, 1, end - 1) != 1) return false;
    return last != '\n';
  }

  // Writes `text` in one call, and returns once it is on the disk.
  absl::Status Write(absl::string_view text) const {
    const ssize_t written = write(file_.number(), text.data(), text.size());
    if (written < 0) return CannotWrite(path_, errno);
    if (static_cast<std::size_t>(written) != text.size()) return CannotWrite(path_, ENOSPC);
    // A pipe or a terminal cannot be flushed to a disk.
    if (fsync(file_.number()) != 0 && errno != EINVAL) return CannotWrite(path_, errno);
    return absl::OkStatus();
  }

  void Remove() const { unlink(path_.c_str()); }

 private:
  const std::string path_;
  const FileDescriptor file_;
  int error_ = 0;
};

// If the server's user does not own the file, it reads it as a member of the file's group.
constexpr mode_t kListMode = S_IRUSR | S_IWUSR | S_IRGRP;
constexpr mode_t kTokenMode = S_IRUSR | S_IWUSR;

absl::Status AppendLine(const std::string& path, const std::string& line) {
  const LockedFile file(path, O_RDWR | O_APPEND | O_CREAT, kListMode);
  if (absl::Status status = file.status(); !status.ok()) return status;
  return file.Write(absl::StrCat(file.lacks_an_end() ? "\n" : "", line, "\n"));
}

}  // namespace

CLI::App* AddTokenCommand(CLI::App& app, TokenOptions& options) {
  CLI::App* command = app.add_subcommand("token", "Make bearer tokens for callers of mlp-server");
  command->require_subcommand(1);
  command->fallthrough();
  CLI::App* new_command =
      command->add_subcommand("new", "Make a token, and the server's line for it");
  new_command
      ->add_option("--name", options.name, "The caller's name, as the server's audit shows it")
      ->required();
  new_command->add_option("--role", options.role, "observe, infer or admin")->required();
  new_command
      ->add_option(
          "--models", options.models,
          "Models that the caller may use, separated by commas; * stands for any characters")
      ->capture_default_str();
  new_command->add_option("--expires", options.expires,
                          "90d, 12h, 30m, or a time such as 2027-01-01T00:00:00Z [never]");
  new_command->add_option("--output", options.output,
                          "New file for the token, readable only by its owner [standard output]");
  new_command->add_option(
      "--append", options.append,
      "The server's tokens file, to which the line is appended [standard error]");
  new_command->footer(kTokenExamples);
  command->footer(kTokenExamples);
  return command;
}

absl::Status RunTokenNew(const TokenOptions& options, Streams streams) {
  TokenSpec spec{options.name, options.role, options.models, {}};
  if (!options.expires.empty()) {
    const absl::StatusOr<absl::Time> expires = ParseExpiry(options.expires, absl::Now());
    if (!expires.ok()) return expires.status();
    spec.expires = *expires;
  }
  const absl::StatusOr<NewToken> made = MakeToken(spec);
  if (!made.ok()) return made.status();
  const auto tell = [&] {
    if (!options.append.empty()) return AppendLine(options.append, made->line);
    streams.err << made->line << "\n";
    return absl::OkStatus();
  };
  if (options.output.empty()) {
    if (absl::Status status = tell(); !status.ok()) return status;
    streams.out << made->token << "\n";
    return absl::OkStatus();
  }
  const LockedFile file(options.output, O_WRONLY | O_CREAT | O_EXCL, kTokenMode);
  if (absl::Status status = file.status(); !status.ok()) return status;
  absl::Status status = file.Write(made->token + "\n");
  if (status.ok()) status = tell();
  if (!status.ok()) file.Remove();
  return status;
}

}  // namespace mlp
