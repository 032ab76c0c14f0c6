// Answers the requests of the HTTP port, each by its path.

#ifndef MLP_SERVER_HTTP_PORT_ANSWERS_H_
#define MLP_SERVER_HTTP_PORT_ANSWERS_H_

#include <microhttpd.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/http/http_handlers.h"
#include "server/http/page_writer.h"

namespace mlp {

// Answers probes immediately, on the library's thread. Has metrics and pages written on another
// thread, and bounds how many are being sent. Belongs to the library's thread, except for Stop.
class PortAnswers final {
 public:
  // While `most_pages` pages are being sent, each new request breaks off the page that has been
  // sent for longest, and for at least a second: it calls `break_off` with that connection's
  // descriptor. Twice as many may be written or sent. Throws std::system_error if no thread can be
  // created.
  PortAnswers(HttpHandlers handlers, std::size_t most_pages, std::function<void(int)> break_off);

  // Call it when a request's head has arrived, and again for its body or when its connection is
  // resumed. `state` belongs to the request. Returns MHD_NO if the connection must be closed.
  // Throws std::bad_alloc.
  MHD_Result AnswerTo(MHD_Connection* connection, absl::string_view path, absl::string_view method,
                      void** state);

  // Call it when a request has ended, however it ended.
  void End(void** state);

  // Resumes every connection that waits for a page. Call it before the library's thread is stopped.
  void Stop() { pages_.Stop(); }

 private:
  using Clock = std::chrono::steady_clock;

  // A page that is being sent.
  struct PageAnswer {
    const PageRequest* request;
    int descriptor;
    Clock::time_point since;
    bool ends = false;  // broken off
  };

  HttpAdmission Admit(MHD_Connection* connection, absl::string_view path) const;
  MHD_Result AskForPage(MHD_Connection* connection, absl::string_view path, void** state);
  MHD_Result SendPage(MHD_Connection* connection, const PageRequest& request);
  // If many clients do not read their pages, breaks one off so that others get theirs.
  void BreakOffSlowestAnswer();

  const std::function<bool()> ready_;
  const std::function<HttpAdmission(const HttpCaller&)> admit_;
  const std::size_t most_pages_;
  const std::function<void(int)> break_off_;
  std::vector<PageAnswer> answers_;  // oldest first
  const bool has_pages_;
  PageWriter pages_;
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_PORT_ANSWERS_H_
