// SHA-256 (FIPS 180-4) of bytes in memory, whole or piece by piece, by OpenSSL's libcrypto.

#ifndef MLP_MODEL_FORMATS_IO_SHA256_H_
#define MLP_MODEL_FORMATS_IO_SHA256_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// The digest of `bytes` as 64 small hexadecimal digits, as sha256sum prints it. Empty where
// libcrypto cannot compute it, for want of memory. Thread-safe.
std::string Sha256(absl::string_view bytes);

// The same of pieces, as if they stood one behind the other. Belongs to one thread.
class Sha256Pieces final {
 public:
  Sha256Pieces();
  ~Sha256Pieces();
  Sha256Pieces(const Sha256Pieces&) = delete;
  Sha256Pieces& operator=(const Sha256Pieces&) = delete;

  void Add(absl::string_view bytes);

  // Of all pieces; no more may be added.
  std::string Finish();

 private:
  struct Context;

  std::unique_ptr<Context> context_;  // null once libcrypto could not go on
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_SHA256_H_
