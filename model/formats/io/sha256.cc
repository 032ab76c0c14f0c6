#include "model/formats/io/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "absl/strings/escaping.h"

namespace mlp {
namespace {

std::string Hexadecimal(const unsigned char* digest, unsigned int length) {
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), length));
}

}  // namespace

std::string Sha256(absl::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    return {};
  }
  return Hexadecimal(digest.data(), length);
}

struct Sha256Pieces::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256Pieces::Sha256Pieces() : context_(std::make_unique<Context>()) {
  if (context_->hash == nullptr ||
      EVP_DigestInit_ex(context_->hash.get(), EVP_sha256(), nullptr) != 1) {
    context_ = nullptr;
  }
}

Sha256Pieces::~Sha256Pieces() = default;

void Sha256Pieces::Add(absl::string_view bytes) {
  if (context_ == nullptr) return;
  if (EVP_DigestUpdate(context_->hash.get(), bytes.data(), bytes.size()) != 1) context_ = nullptr;
}

std::string Sha256Pieces::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (context_ == nullptr ||
      EVP_DigestFinal_ex(context_->hash.get(), digest.data(), &length) != 1) {
    return {};
  }
  return Hexadecimal(digest.data(), length);
}

}  // namespace mlp
