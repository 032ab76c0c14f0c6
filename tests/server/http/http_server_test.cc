#include "server/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ostream>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/e2e/http_get.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

class HttpServerTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& address = "127.0.0.1:0") {
    HttpHandlers handlers;
    handlers.ready = [this] { return ready_.load(); };
    handlers.metrics = [this](MetricsFormat) { return metrics_; };
    return HttpServer::Start(address, std::move(handlers));
  }

  std::atomic<bool> ready_ = true;
  std::string metrics_ = "mlp_model_ready 1\n";
};

struct RequestCase {
  const char* name;
  const char* method;
  const char* path;
  bool ready;
  int code;
  const char* body;
};

void PrintTo(const RequestCase& request, std::ostream* out) { *out << request.name; }

class HttpRequestTest : public HttpServerTest, public ::testing::WithParamInterface<RequestCase> {};

TEST_P(HttpRequestTest, IsAnsweredByItsMethodAndPath) {
  const auto server = Start();
  ASSERT_TRUE(server.ok()) << server.status();
  ready_ = GetParam().ready;
  const HttpAnswer answer = HttpGet((*server)->port(), GetParam().path, GetParam().method);
  EXPECT_EQ(answer.code, GetParam().code);
  EXPECT_EQ(answer.body, GetParam().body);
}

INSTANTIATE_TEST_SUITE_P(
    Paths, HttpRequestTest,
    ::testing::Values(RequestCase{"Live", "GET", "/live", true, 200, "live\n"},
                      RequestCase{"LiveWhileNotReady", "GET", "/live", false, 200, "live\n"},
                      RequestCase{"Ready", "GET", "/ready", true, 200, "ready\n"},
                      RequestCase{"NotReady", "GET", "/ready", false, 503, "not ready\n"},
                      RequestCase{"Metrics", "GET", "/metrics", false, 200, "mlp_model_ready 1\n"},
                      RequestCase{"MetricsWithAQuery", "GET", "/metrics?name[]=x", true, 200,
                                  "mlp_model_ready 1\n"},
                      RequestCase{"HeadOfLive", "HEAD", "/live", true, 200, ""},
                      RequestCase{"HeadOfReady", "HEAD", "/ready", false, 503, ""},
                      RequestCase{"HeadOfMetrics", "HEAD", "/metrics", true, 200, ""},
                      RequestCase{"HeadOfNothing", "HEAD", "/nothing", true, 404, ""}),
    [](const auto& param) { return std::string(param.param.name); });

constexpr char kPaths[] = "not found; expected /live, /ready or /metrics\n";
constexpr char kMethods[] = "only GET and HEAD are served here\n";

INSTANTIATE_TEST_SUITE_P(
    Refused, HttpRequestTest,
    ::testing::Values(RequestCase{"Root", "GET", "/", true, 404, kPaths},
                      RequestCase{"Elsewhere", "GET", "/elsewhere", true, 404, kPaths},
                      RequestCase{"BelowMetrics", "GET", "/metrics/more", true, 404, kPaths},
                      RequestCase{"LongerName", "GET", "/metricsx", true, 404, kPaths},
                      RequestCase{"Upwards", "GET", "/../../etc/passwd", true, 404, kPaths},
                      RequestCase{"Post", "POST", "/metrics", true, 405, kMethods},
                      RequestCase{"PutLive", "PUT", "/live", true, 405, kMethods},
                      RequestCase{"DeleteElsewhere", "DELETE", "/elsewhere", true, 405, kMethods}),
    [](const auto& param) { return std::string(param.param.name); });

// Pages answer with the requested target.
class HttpPageTest : public HttpServerTest {
 protected:
  HttpPageTest() {
    HttpHandlers handlers;
    handlers.ready = [] { return false; };
    handlers.metrics = [](MetricsFormat format) {
      return std::string(format == MetricsFormat::kText ? "metrics\n" : "open metrics\n");
    };
    handlers.page = [](const PageTarget& target) {
      return HttpPage{
          .code = target.path == "/models/unknown" ? 404U : 200U,
          .type = "text/html; charset=utf-8",
          .policy = "default-src 'self'",
          .text = absl::StrCat(target.path, target.refreshes ? " refreshes" : " stays")};
    };
    server_ = HttpServer::Start("127.0.0.1:0", std::move(handlers)).value();
  }

  std::unique_ptr<HttpServer> server_;
};

struct PageCase {
  const char* name;
  const char* method;
  const char* path;
  int code;
  const char* body;
};

void PrintTo(const PageCase& page, std::ostream* out) { *out << page.name; }

class HttpPagePathTest : public HttpPageTest, public ::testing::WithParamInterface<PageCase> {};

TEST_P(HttpPagePathTest, IsAnsweredByThePage) {
  const HttpAnswer answer = HttpGet(server_->port(), GetParam().path, GetParam().method);
  EXPECT_EQ(answer.code, GetParam().code);
  EXPECT_EQ(answer.body, GetParam().body);
}

constexpr char kPathsWithPages[] =
    "not found; expected /, /models/NAME, /status.json, /live, /ready or /metrics\n";

INSTANTIATE_TEST_SUITE_P(
    Paths, HttpPagePathTest,
    ::testing::Values(PageCase{"Root", "GET", "/", 200, "/ refreshes"},
                      PageCase{"RootThatStays", "GET", "/?refresh=0", 200, "/ stays"},
                      PageCase{"RootWithAnotherQuery", "GET", "/?refresh=15&x", 200, "/ refreshes"},
                      PageCase{"Head", "HEAD", "/", 200, ""},
                      PageCase{"Json", "GET", "/status.json", 200, "/status.json refreshes"},
                      PageCase{"Model", "GET", "/models/digits", 200, "/models/digits refreshes"},
                      PageCase{"PercentDecoded", "GET", "/models/a%20b%3C%c3%a9", 200,
                               "/models/a b<\xc3\xa9 refreshes"},
                      PageCase{"Version", "GET", "/models/digits/versions/3", 200,
                               "/models/digits/versions/3 refreshes"},
                      PageCase{"UnknownModel", "GET", "/models/unknown", 404,
                               "/models/unknown refreshes"},
                      PageCase{"HeadOfUnknownModel", "HEAD", "/models/unknown", 404, ""},
                      PageCase{"Metrics", "GET", "/metrics", 200, "metrics\n"},
                      PageCase{"NotReady", "GET", "/ready", 503, "not ready\n"},
                      PageCase{"Models", "GET", "/models", 404, kPathsWithPages},
                      PageCase{"Elsewhere", "GET", "/status.html", 404, kPathsWithPages},
                      PageCase{"Post", "POST", "/", 405, kMethods}),
    [](const auto& param) { return std::string(param.param.name); });

struct HeaderCase {
  const char* path;
  const char* policy;
};

void PrintTo(const HeaderCase& test_case, std::ostream* out) { *out << test_case.path; }

class HttpHeadersTest : public HttpPageTest, public ::testing::WithParamInterface<HeaderCase> {};

TEST_P(HttpHeadersTest, RestrictWhatBrowsersMayDo) {
  const std::string head = HttpGet(server_->port(), GetParam().path).head;
  for (const char* const header :
       {"Cache-Control: no-store\r\n", "X-Content-Type-Options: nosniff\r\n",
        "X-Frame-Options: DENY\r\n", "Referrer-Policy: no-referrer\r\n"}) {
    EXPECT_THAT(head, HasSubstr(header));
  }
  EXPECT_THAT(head,
              HasSubstr(absl::StrCat("Content-Security-Policy: ", GetParam().policy, "\r\n")));
}

INSTANTIATE_TEST_SUITE_P(All, HttpHeadersTest,
                         ::testing::Values(HeaderCase{"/", "default-src 'self'"},
                                           HeaderCase{"/models/unknown", "default-src 'self'"},
                                           HeaderCase{"/live", "default-src 'none'"},
                                           HeaderCase{"/metrics", "default-src 'none'"},
                                           HeaderCase{"/elsewhere", "default-src 'none'"}));

struct FormatCase {
  const char* headers;
  const char* type;
  const char* body;
};

// Without semicolons, which separate the elements of CMake's lists of tests.
void PrintTo(const FormatCase& test_case, std::ostream* out) {
  *out << '"' << absl::StrReplaceAll(absl::CEscape(test_case.headers), {{";", ""}}) << '"';
}

class HttpFormatTest : public HttpPageTest, public ::testing::WithParamInterface<FormatCase> {};

TEST_P(HttpFormatTest, OfTheMetricsMatchesTheAcceptHeader) {
  const HttpAnswer answer = HttpGet(server_->port(), "/metrics", "GET", GetParam().headers);
  EXPECT_EQ(answer.body, GetParam().body);
  EXPECT_THAT(answer.head, HasSubstr(absl::StrCat("Content-Type: ", GetParam().type, "\r\n")));
}

constexpr char kPlainType[] = "text/plain; version=0.0.4; charset=utf-8";
constexpr char kOpenType[] = "application/openmetrics-text; version=1.0.0; charset=utf-8";

INSTANTIATE_TEST_SUITE_P(
    Accepted, HttpFormatTest,
    ::testing::Values(
        FormatCase{"", kPlainType, "metrics\n"},
        FormatCase{"Accept: */*\r\n", kPlainType, "metrics\n"},
        FormatCase{"Accept: application/openmetrics-text; version=1.0.0\r\n", kOpenType,
                   "open metrics\n"},
        // Two headers count as one list.
        FormatCase{"accept: text/plain;q=0.5\r\nACCEPT: application/openmetrics-text;q=0.6\r\n",
                   kOpenType, "open metrics\n"},
        FormatCase{"Accept: text/plain;q=0.7\r\nAccept: application/openmetrics-text;q=0.6\r\n",
                   kPlainType, "metrics\n"}));

TEST_F(HttpServerTest, SaysThatThePortIsInUse) {
  const auto first = Start();
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string address = absl::StrCat("127.0.0.1:", (*first)->port());
  const auto second = Start(address);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(second.status().message(), HasSubstr(address));
  EXPECT_EQ(HttpGet((*first)->port(), "/live").code, 200);
}

TEST_F(HttpServerTest, FreesItsPortImmediatelyWhenItStops) {
  int port = 0;
  // One quick stop is enough: a busy machine may delay others.
  EXPECT_TRUE(Eventually([&] {
    auto server = Start();
    if (!server.ok()) return false;
    port = (*server)->port();
    const auto start = std::chrono::steady_clock::now();
    server->reset();
    return std::chrono::steady_clock::now() - start < std::chrono::milliseconds(1'500);
  }));
  EXPECT_EQ(HttpGet(port, "/live").code, 0);
}

class BadHttpAddressTest : public HttpServerTest,
                           public ::testing::WithParamInterface<const char*> {};

TEST_P(BadHttpAddressTest, IsNamedInTheError) {
  const auto server = Start(GetParam());
  EXPECT_EQ(server.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(server.status().message(), HasSubstr(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, BadHttpAddressTest,
                         ::testing::Values("no.such.name.invalid:8002", "8002",
                                           "127.0.0.1:0,127.0.0.1:0", "127.0.0.1:0s",
                                           "127.0.0.1:", ""));

TEST_F(HttpServerTest, AnswersManyAtATime) {
  metrics_ = std::string(1 << 20, 'x');
  const auto server = Start();
  ASSERT_TRUE(server.ok()) << server.status();
  std::atomic<int> whole = 0;
  std::array<std::thread, 8> clients;
  for (std::thread& client : clients) {
    client = std::thread([&] {
      for (int request = 0; request < 5; ++request) {
        whole += HttpGet((*server)->port(), "/metrics").body.size() == metrics_.size() ? 1 : 0;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(whole, 40);
}

}  // namespace
}  // namespace mlp
