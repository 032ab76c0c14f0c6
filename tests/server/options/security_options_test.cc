#include "server/options/security_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include "server/options/option_table.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

struct SecurityCase {
  const char* name;
  std::function<void(SecurityOptions&)> set;
  std::string grpc = "0.0.0.0:8001";
  std::string rest = "";
  std::string error = "";  // a part of it; empty where there is none
  std::string http = "127.0.0.1:8002";
};

std::string ErrorOf(const SecurityCase& one) {
  SecurityOptions options;
  one.set(options);
  try {
    CheckSecurity(options, one.grpc, one.http, one.rest);
  } catch (const std::invalid_argument& wrong) {
    return wrong.what();
  }
  return "";
}

void SetTls(SecurityOptions& options) {
  options.tls_certificate = "server.pem";
  options.tls_key = "server.key";
}
void SetOwnHttpTls(SecurityOptions& options) {
  options.http_tls = true;
  options.http_tls_certificate = "http.pem";
  options.http_tls_key = "http.key";
}
void SetTokens(SecurityOptions& options) { options.tokens_file = "tokens"; }
void SetPlaintextTokens(SecurityOptions& options) {
  SetTokens(options);
  options.plaintext_tokens = true;
}

TEST(SecurityOptionsTest, RefusesConflictingOptions) {
  const std::string loopback = "127.0.0.1:8001";
  const SecurityCase cases[] = {
      {"nothing", [](auto&) {}},
      {"nothing with REST", [](auto&) {}, loopback, "0.0.0.0:8000"},
      {"TLS", SetTls},
      {"a key missing", [](auto& o) { o.tls_certificate = "a"; }, loopback, "",
       "--tls-cert: expected --tls-key"},
      {"a certificate missing", [](auto& o) { o.tls_key = "a"; }, loopback, "",
       "--tls-key: expected --tls-cert"},
      {"authorities without TLS", [](auto& o) { o.tls_client_authorities = "a"; }, loopback, "",
       "--tls-client-ca: expected --tls-cert"},
      {"a CRL alone",
       [](auto& o) {
         SetTls(o);
         o.tls_revocation_lists = "a";
       },
       loopback, "", "--tls-crl: expected --tls-client-ca"},
      {"optional of nothing",
       [](auto& o) {
         SetTls(o);
         o.client_certificates = ClientCertificates::kOptional;
       },
       loopback, "", "--tls-client-auth: expected"},
      {"required of nothing",
       [](auto& o) {
         SetTls(o);
         o.client_certificates = ClientCertificates::kRequired;
       },
       loopback, "", "--tls-client-auth: expected --tls-client-ca"},
      {"required of nothing without TLS",
       [](auto& o) { o.client_certificates = ClientCertificates::kRequired; }, loopback, "",
       "--tls-client-auth: expected --tls-client-ca"},
      {"certificates required",
       [](auto& o) {
         SetTls(o);
         o.tls_client_authorities = "a";
         o.client_certificates = ClientCertificates::kRequired;
       }},
      {"the mode of a socket", [](auto& o) { o.unix_socket_mode = 0660; }, "unix:/run/mlp.sock"},
      {"the mode of a port", [](auto& o) { o.unix_socket_mode = 0660; }, loopback, "",
       "--unix-socket-mode: expected --grpc-address unix:"},
      {"the mode of the operators' socket",
       [](auto& o) {
         o.admin_address = "unix:/run/admin.sock";
         o.admin_socket_mode = 0660;
       }},
      {"the mode of the operators' port",
       [](auto& o) {
         o.admin_address = "127.0.0.1:8003";
         o.admin_socket_mode = 0600;
       },
       loopback, "", "--admin-socket-mode: expected --admin-address unix:"},
      {"the mode of no operators' address", [](auto& o) { o.admin_socket_mode = 0600; },
       "unix:/run/mlp.sock", "", "--admin-socket-mode: expected --admin-address unix:"},
      {"tokens with TLS",
       [](auto& o) {
         SetTls(o);
         SetTokens(o);
       }},
      {"tokens without", SetTokens, loopback, "", "tokens are accepted only over TLS"},
      {"plaintext tokens", SetPlaintextTokens, loopback},
      {"plaintext tokens on a socket", SetPlaintextTokens, "unix:/run/mlp.sock"},
      {"plaintext tokens on IPv6", SetPlaintextTokens, "[::1]:8001"},
      {"plaintext tokens for all", SetPlaintextTokens, "0.0.0.0:8001", "",
       "is reached from other machines"},
      {"plaintext tokens on a name", SetPlaintextTokens, "127.0.0.1.example.com:8001", "",
       "is reached from other machines"},
      {"no tokens to be plain", [](auto& o) { o.plaintext_tokens = true; }, loopback, "",
       "--allow-plaintext-tokens: expected --tokens-file"},
      {"health of nobody", [](auto& o) { o.health_needs_observe = true; }, loopback, "",
       "--health-needs-observe: expected"},
      {"HTTP's TLS with gRPC's files",
       [](auto& o) {
         SetTls(o);
         o.http_tls = true;
       }},
      {"HTTP's TLS with its own", SetOwnHttpTls},
      {"HTTP's TLS of nothing", [](auto& o) { o.http_tls = true; }, loopback, "",
       "--http-tls: expected --tls-cert and --tls-key, or"},
      {"HTTP's key missing", [](auto& o) { o.http_tls_certificate = "a"; }, loopback, "",
       "--http-tls-cert: expected --http-tls-key"},
      {"HTTP's certificate missing", [](auto& o) { o.http_tls_key = "a"; }, loopback, "",
       "--http-tls-key: expected --http-tls-cert"},
      {"HTTP's files without its TLS",
       [](auto& o) {
         SetOwnHttpTls(o);
         o.http_tls = false;
       },
       loopback, "", "--http-tls-cert: expected --http-tls"},
      {"REST with TLS", SetOwnHttpTls, "127.0.0.1:8001", "0.0.0.0:8000"},
      {"REST with TLS beside gRPC's",
       [](auto& o) {
         SetTls(o);
         o.http_tls = true;
       },
       "0.0.0.0:8001", "0.0.0.0:8000"},
      {"REST with TLS and tokens",
       [](auto& o) {
         SetTls(o);
         SetTokens(o);
         o.http_tls = true;
       },
       "0.0.0.0:8001", "0.0.0.0:8000"},
      {"REST with TLS beside certificates and tokens",
       [](auto& o) {
         SetTls(o);
         SetTokens(o);
         o.tls_client_authorities = "a";
         o.http_tls = true;
       },
       "0.0.0.0:8001", "0.0.0.0:8000"},
      {"REST with TLS beside certificates",
       [](auto& o) {
         SetTls(o);
         o.tls_client_authorities = "a";
         o.http_tls = true;
       },
       loopback, "127.0.0.1:8000", "would be a way around --tls-client-ca"},
      {"REST with TLS does not make gRPC's tokens private",
       [](auto& o) {
         SetOwnHttpTls(o);
         SetTokens(o);
       },
       loopback, "127.0.0.1:8000", "tokens are accepted only over TLS"},
      {"pages for nobody", [](auto& o) { o.http_needs_observe = true; }, loopback, "",
       "--http-needs-observe: expected --tokens-file"},
      {"pages for tokens over TLS",
       [](auto& o) {
         SetTls(o);
         SetTokens(o);
         o.http_tls = o.http_needs_observe = true;
       },
       "0.0.0.0:8001", "", "", "0.0.0.0:8002"},
      {"pages for tokens in plaintext",
       [](auto& o) {
         SetTls(o);
         SetTokens(o);
         o.http_needs_observe = true;
       },
       loopback, "", "--http-needs-observe: tokens would come to '127.0.0.1:8002'"},
      {"pages for plaintext tokens",
       [](auto& o) {
         SetPlaintextTokens(o);
         o.http_needs_observe = true;
       },
       loopback},
      {"pages for plaintext tokens for all",
       [](auto& o) {
         SetPlaintextTokens(o);
         o.http_needs_observe = true;
       },
       loopback, "", "--http-needs-observe: tokens would come to '0.0.0.0:8002'", "0.0.0.0:8002"},
      {"REST beside TLS", SetTls, loopback, "127.0.0.1:8000", "would be a way around"},
      {"REST beside tokens over TLS",
       [](auto& o) {
         SetTls(o);
         SetTokens(o);
       },
       loopback, "127.0.0.1:8000", "would be a way around"},
      {"REST for all",
       [](auto& o) {
         SetTls(o);
         SetPlaintextTokens(o);
       },
       "0.0.0.0:8001", "0.0.0.0:8000", "would be a way around"},
      {"REST for this machine",
       [](auto& o) {
         SetTls(o);
         SetPlaintextTokens(o);
       },
       "0.0.0.0:8001", "127.0.0.1:8000"},
  };
  for (const SecurityCase& one : cases) {
    const std::string error = ErrorOf(one);
    EXPECT_EQ(error.empty(), one.error.empty()) << one.name << ": " << error;
    EXPECT_THAT(error, HasSubstr(one.error)) << one.name;
  }
}

// What is wrong with the text as the value of the option, or an empty string.
std::string SetSecurity(const std::string& name, const std::string& text,
                        SecurityOptions& options) {
  for (const Option& row : SecurityRows(options)) {
    if (row.name == name) return std::get<TextCheck>(row.value.target)(text);
  }
  return "no such option";
}

TEST(SecurityOptionsTest, DistinguishesGivenOptionsFromDefaults) {
  SecurityOptions options;
  EXPECT_EQ(options.client_certificates, std::nullopt);
  EXPECT_EQ(options.unix_socket_mode, std::nullopt);
  EXPECT_EQ(options.admin_socket_mode, std::nullopt);
  EXPECT_EQ(SetSecurity("tls-client-auth", "require", options), "");
  EXPECT_EQ(options.client_certificates, ClientCertificates::kRequired);
  EXPECT_EQ(SetSecurity("tls-client-auth", "optional", options), "");
  EXPECT_EQ(options.client_certificates, ClientCertificates::kOptional);
}

TEST(SecurityOptionsTest, NamesThePossibleAdminAddresses) {
  SecurityOptions options;
  for (const char* wrong : {"admin.sock", "unix:admin.sock", "0.0.0.0:8003"}) {
    EXPECT_THAT(SetSecurity("admin-address", wrong, options),
                HasSubstr("; expected a loopback address such as 127.0.0.1:8003, or unix: and a "
                          "path that begins with /"))
        << wrong;
  }
  EXPECT_EQ(SetSecurity("admin-address", "unix:/run/admin.sock", options), "");
}

TEST(SecurityOptionsTest, HasAModeForEachSocket) {
  SecurityOptions options;
  EXPECT_EQ(SetSecurity("unix-socket-mode", "0666", options), "");
  EXPECT_EQ(options.unix_socket_mode, 0666);
  EXPECT_EQ(options.admin_socket_mode, std::nullopt);
  EXPECT_EQ(SetSecurity("admin-socket-mode", "620", options), "");
  EXPECT_EQ(options.admin_socket_mode, 0620);
  for (const char* wrong : {"066", "0o600", "1777", "", "rw"}) {
    EXPECT_THAT(SetSecurity("admin-socket-mode", wrong, options), HasSubstr("is not a mode"))
        << wrong;
  }
}

}  // namespace
}  // namespace mlp
