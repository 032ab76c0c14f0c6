// Owning pointers to OpenSSL's objects.

#ifndef MLP_SERVER_TLS_OPENSSL_POINTERS_H_
#define MLP_SERVER_TLS_OPENSSL_POINTERS_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace mlp {

struct OpensslDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
};

template <typename T>
using OpensslPointer = std::unique_ptr<T, OpensslDeleter>;

}  // namespace mlp

#endif  // MLP_SERVER_TLS_OPENSSL_POINTERS_H_
