// SHA-256 (FIPS 180-4) of bytes in memory, by OpenSSL's libcrypto.

#ifndef MLP_MODEL_FORMATS_IO_SHA256_H_
#define MLP_MODEL_FORMATS_IO_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// The digest of `bytes` as 64 small hexadecimal digits, as sha256sum prints it. Empty where
// libcrypto cannot compute it, for want of memory. Thread-safe.
std::string Sha256(absl::string_view bytes);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_SHA256_H_
