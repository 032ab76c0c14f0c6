#include "client/tls_check.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <ctime>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/tcp_socket.h"

namespace mlp {
namespace {

struct FreeOpenssl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL* connection) const { SSL_free(connection); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

Owned<BIO> BioOf(const std::string& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Otherwise OpenSSL would ask on the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) { return 0; }

absl::Status AddAuthorities(const std::string& pem, SSL_CTX* context) {
  const Owned<BIO> bio = BioOf(pem);
  int count = 0;
  for (;; ++count) {
    const Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
    if (certificate == nullptr) break;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (count > 0 && at_end) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--tls-ca: certificate ", count + 1,
                                                 " cannot be read; expected certificates in PEM"));
}

absl::Status AddIdentity(const ClientTls& tls, SSL_CTX* context) {
  const Owned<BIO> chain = BioOf(tls.certificate);
  const Owned<X509> own(PEM_read_bio_X509(chain.get(), nullptr, NoPassphrase, nullptr));
  if (own == nullptr || SSL_CTX_use_certificate(context, own.get()) != 1) {
    return absl::InvalidArgumentError(
        "--tls-cert: the certificate cannot be read; expected one in PEM");
  }
  for (;;) {
    Owned<X509> next(PEM_read_bio_X509(chain.get(), nullptr, NoPassphrase, nullptr));
    if (next == nullptr) break;
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) break;
  }
  if (absl::StrContains(tls.key, "ENCRYPTED")) {
    return absl::InvalidArgumentError(
        "--tls-key: the key is encrypted; expected one without a passphrase");
  }
  const Owned<BIO> bio = BioOf(tls.key);
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) {
    return absl::InvalidArgumentError("--tls-key: the key cannot be read; expected one in PEM");
  }
  if (X509_check_private_key(own.get(), key.get()) != 1) {
    return absl::InvalidArgumentError(
        "--tls-key: the key does not belong to the certificate of --tls-cert");
  }
  SSL_CTX_use_PrivateKey(context, key.get());
  return absl::OkStatus();
}

// Ensures that writing to a server that has hung up does not kill the process. For this thread
// only.
class NoSigpipe final {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &old_mask_);
  }
  ~NoSigpipe() {
    const timespec at_once{};
    if (sigismember(&old_mask_, SIGPIPE) == 0) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t old_mask_{};
};

// Configures `context` with `tls` as gRPC does.
absl::Status FillContext(const ClientTls& tls, SSL_CTX* context) {
  absl::Status status;
  if (!tls.authorities.empty()) status = AddAuthorities(tls.authorities, context);
  if (status.ok() && !tls.certificate.empty()) status = AddIdentity(tls, context);
  ERR_clear_error();
  return status;
}

std::string UntrustedText(long result, const std::string& name, bool system_authorities) {
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the server's certificate, or one of its chain, has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the server's certificate, or one of its chain, is not valid yet; compare the clocks";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return absl::StrCat("the server's certificate is not for '", name,
                          "'; use --tls-server-name to expect another name");
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return system_authorities ? "none of the system's authorities has issued the server's "
                                  "certificate; expected --tls-ca"
                                : "no authority in --tls-ca has issued the server's certificate";
    default:
      return absl::StrCat("the server's certificate is refused: ",
                          X509_verify_cert_error_string(result));
  }
}

// The meaning of the server's TLS alert, or of an answer that is not TLS; empty if it is neither.
std::string AlertText() {
  const unsigned long error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return "";
  switch (ERR_GET_REASON(error)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return "the server does not speak TLS; omit --tls and the options --tls-..., or enable "
             "TLS on the server";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return "the server requires a client certificate: use --tls-cert and --tls-key";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:  // TLS 1.2 has no separate alert for that
      return "the server aborted the handshake: it may require a client certificate "
             "(--tls-cert and --tls-key) or share no cipher suite with this client";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      return "the server rejects the certificate in --tls-cert";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return "the server rejects the certificate in --tls-cert: it has expired";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
      return "the server rejects the certificate in --tls-cert: it was revoked";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return "the server does not support TLS 1.2 or later";
    default:
      return "";
  }
}

// OpenSSL calls this if the server asks for a certificate.
int NoteRequest(SSL* /*connection*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 1;  // continue with the certificate we have, if any
}

// The text for a server that has hung up. gRPC's own servers send no alert.
std::string HangUpText(SSL* connection, bool asked) {
  std::string text = AlertText();
  if (!text.empty() || !asked) return text;
  return SSL_get_certificate(connection) == nullptr
             ? "the server requires a client certificate: use --tls-cert and --tls-key"
             : "the server rejects the certificate in --tls-cert";
}

std::string ExplainTls(SSL* connection, const std::string& name, bool wanted,
                       bool system_authorities) {
  bool asked = false;
  SSL_set_cert_cb(connection, NoteRequest, &asked);
  ERR_clear_error();
  const int done = SSL_connect(connection);
  if (!wanted) {
    return done == 1 ? "the server speaks TLS; expected --tls-ca, or --tls for the system's "
                       "authorities"
                     : "";
  }
  if (done != 1) {
    const long result = SSL_get_verify_result(connection);
    if (result != X509_V_OK) return UntrustedText(result, name, system_authorities);
    std::string text = HangUpText(connection, asked);
    // A plaintext server that reads a TLS greeting hangs up, or waits for more.
    if (text.empty() && SSL_get0_peer_certificate(connection) == nullptr) {
      text = "the server did not answer in TLS; does it serve in plaintext?";
    }
    return text;
  }
  // In TLS 1.3 the server checks our certificate after our side has finished.
  char byte = 0;
  ERR_clear_error();
  const int got = SSL_read(connection, &byte, 1);
  if (got <= 0 && SSL_get_error(connection, got) != SSL_ERROR_WANT_READ) {
    return HangUpText(connection, asked);
  }
  const unsigned char* protocol = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(connection, &protocol, &length);
  if (length == 0) {
    return "the server speaks TLS, but not HTTP/2 over it (ALPN h2), which gRPC needs";
  }
  return "";
}

}  // namespace

absl::Status CheckPem(const ClientTls& tls) {
  const Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return absl::OkStatus();  // gRPC will report it
  return FillContext(tls, context.get());
}

std::string ExplainFailure(const std::string& address, const ClientCredentials& credentials,
                           bool system_authorities, std::chrono::milliseconds patience) {
  const NoSigpipe no_sigpipe;
  const TcpSocket socket = TcpSocket::Connect(address, patience);
  const Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  if (!socket.connected() || context == nullptr) return "";
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof(kHttp2));
  const ClientTls tls = credentials.tls.value_or(ClientTls());
  if (!FillContext(tls, context.get()).ok()) return "";
  const Owned<SSL> connection(SSL_new(context.get()));
  if (connection == nullptr) return "";
  const std::string name = tls.server_name.empty() ? HostOf(address) : tls.server_name;
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.get()), name.c_str()) != 1) {
    SSL_set1_host(connection.get(), name.c_str());
    // Expands the macro SSL_set_tlsext_host_name.
    SSL_ctrl(connection.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
  }
  const bool wanted = credentials.tls.has_value();
  SSL_set_verify(connection.get(), wanted ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_set_fd(connection.get(), socket.number());
  std::string text = ExplainTls(connection.get(), name, wanted, system_authorities);
  ERR_clear_error();
  return text;
}

}  // namespace mlp
