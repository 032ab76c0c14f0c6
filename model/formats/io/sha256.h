// SHA-256 (FIPS 180-4) of bytes in memory, whole or in pieces, computed by OpenSSL's libcrypto.

#ifndef MLP_MODEL_FORMATS_IO_SHA256_H_
#define MLP_MODEL_FORMATS_IO_SHA256_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// The digest of `bytes` as 64 lower-case hexadecimal digits, as sha256sum prints it. Empty if
// libcrypto runs out of memory. Thread-safe.
std::string Sha256(absl::string_view bytes);

// The same for pieces, as if they were concatenated. Not thread-safe.
class Sha256Pieces final {
 public:
  Sha256Pieces();
  ~Sha256Pieces();
  Sha256Pieces(const Sha256Pieces&) = delete;
  Sha256Pieces& operator=(const Sha256Pieces&) = delete;

  void Add(absl::string_view bytes);

  // The digest of all pieces. Add nothing after it.
  std::string Finish();

 private:
  struct Context;

  std::unique_ptr<Context> context_;  // null after an error of libcrypto
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_SHA256_H_
