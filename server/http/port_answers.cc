#include "server/http/port_answers.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/http/authorization_values.h"
#include "server/http/http_page.h"
#include "server/http/http_response.h"
#include "server/http/metrics_format.h"
#include "server/http/mhd_connection.h"
#include "server/sockets/listening_sockets.h"

namespace mlp {
namespace {

constexpr char kMetrics[] = "/metrics";

// How long a page may be sent before it has to give way to another.
constexpr std::chrono::seconds kMinSendingTime{1};

// Chooses by all of the request's Accept headers, which count as one list.
MetricsFormat AskedFormat(MHD_Connection* connection) {
  std::string accepted;
  MHD_get_connection_values(
      connection, MHD_HEADER_KIND,
      [](void* list, MHD_ValueKind /*kind*/, const char* name, const char* value) -> MHD_Result {
        if (value == nullptr || !absl::EqualsIgnoreCase(name, MHD_HTTP_HEADER_ACCEPT)) {
          return MHD_YES;
        }
        try {
          absl::StrAppend(static_cast<std::string*>(list), value, ",");
          return MHD_YES;
        } catch (const std::bad_alloc&) {
          return MHD_NO;  // the headers so far decide
        }
      },
      &accepted);
  return ChooseMetricsFormat(accepted);
}

// Returns a function that writes the metrics and all other pages.
std::function<HttpPage(const PageTarget&)> WriterOf(HttpHandlers handlers) {
  return [metrics = std::move(handlers.metrics),
          page = std::move(handlers.page)](const PageTarget& target) {
    if (target.path != kMetrics) return page(target);
    return HttpPage{.type = ContentTypeOf(target.format), .text = metrics(target.format)};
  };
}

bool IsPagePath(absl::string_view path) {
  return path == "/" || path == "/status.json" || absl::StartsWith(path, "/models/");
}

}  // namespace

PortAnswers::PortAnswers(HttpHandlers handlers, std::size_t most_pages,
                         std::function<void(int)> break_off)
    : ready_(std::move(handlers.ready)),
      admit_(std::move(handlers.admit)),
      most_pages_(most_pages),
      break_off_(std::move(break_off)),
      has_pages_(handlers.page != nullptr),
      pages_(WriterOf(std::move(handlers)), static_cast<int>(2 * most_pages),
             MHD_resume_connection) {
  answers_.reserve(2 * most_pages);
}

MHD_Result PortAnswers::AnswerTo(MHD_Connection* connection, absl::string_view path,
                                 absl::string_view method, void** state) {
  if (*state != nullptr) return SendPage(connection, *static_cast<PageRequest*>(*state));
  if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
    return Answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are served here\n");
  }
  if (path == "/live") return Answer(connection, MHD_HTTP_OK, "live\n");
  if (path == "/ready") {
    const bool ready = ready_();
    return Answer(connection, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                  ready ? "ready\n" : "not ready\n");
  }
  if (path == kMetrics || (has_pages_ && IsPagePath(path))) {
    switch (Admit(connection, path)) {
      case HttpAdmission::kGranted:
        return AskForPage(connection, path, state);
      case HttpAdmission::kUnknownCaller:
        return AskForPassword(connection,
                              "expected a token, sent as a bearer token or as a password\n");
      case HttpAdmission::kDenied:
        return Answer(connection, MHD_HTTP_FORBIDDEN, "the caller may not see this\n");
      case HttpAdmission::kUndecided:
        return Answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is out of memory\n");
    }
  }
  if (!has_pages_) {
    return Answer(connection, MHD_HTTP_NOT_FOUND,
                  "not found; expected /live, /ready or /metrics\n");
  }
  return Answer(connection, MHD_HTTP_NOT_FOUND,
                "not found; expected /, /models/NAME, /status.json, /live, /ready or /metrics\n");
}

void PortAnswers::End(void** state) {
  auto* const request = static_cast<PageRequest*>(*state);
  *state = nullptr;
  if (request == nullptr) return;
  std::erase_if(answers_, [=](const auto& answer) { return answer.request == request; });
  delete request;
}

HttpAdmission PortAnswers::Admit(MHD_Connection* connection, absl::string_view path) const {
  if (!admit_) return HttpAdmission::kGranted;
  const AuthorizationValues shown(connection);
  return admit_({path, shown.get(), PeerTextOf(DescriptorOf(connection))});
}

MHD_Result PortAnswers::AskForPage(MHD_Connection* connection, absl::string_view path,
                                   void** state) {
  BreakOffSlowestAnswer();
  const char* const refresh =
      MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "refresh");
  auto request = pages_.NewRequest(
      connection, {.path = std::string(path),
                   .refreshes = refresh == nullptr || absl::string_view(refresh) != "0",
                   .format = path == kMetrics ? AskedFormat(connection) : MetricsFormat::kText});
  if (request == nullptr) {
    return Answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too many requests for pages\n");
  }
  PageRequest* const asked = request.release();
  *state = asked;  // End destroys it
  MHD_suspend_connection(connection);
  pages_.Ask(*asked);
  return MHD_YES;
}

MHD_Result PortAnswers::SendPage(MHD_Connection* connection, const PageRequest& request) {
  if (request.page == nullptr) {
    return Answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                  "the page cannot be written: the server is stopping or out of memory\n");
  }
  answers_.push_back({&request, DescriptorOf(connection), Clock::now()});
  return AnswerPage(connection, request.page);
}

void PortAnswers::BreakOffSlowestAnswer() {
  if (answers_.size() < most_pages_) return;
  const auto slowest = std::find_if(answers_.begin(), answers_.end(),
                                    [](const auto& answer) { return !answer.ends; });
  if (slowest == answers_.end() || Clock::now() - slowest->since < kMinSendingTime) return;
  slowest->ends = true;
  break_off_(slowest->descriptor);
}

}  // namespace mlp
