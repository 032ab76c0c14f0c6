// Connects an exchange to the HTTP library: one request and its answer on a connection.

#ifndef MLP_SERVER_REST_HTTP_REQUEST_H_
#define MLP_SERVER_REST_HTTP_REQUEST_H_

#include <microhttpd.h>

#include <chrono>

#include "absl/strings/string_view.h"
#include "server/rest/http_shared.h"
#include "server/rest/rest_exchange.h"

namespace mlp {

// Belongs to the library's thread, except that another thread may resume the connection while the
// request waits. Each function with a result returns MHD_NO if the library must close the
// connection. The constructor and all functions throw bad_alloc, except Complete for a connection
// that has a deadline.
class HttpRequest final {
 public:
  // Both must outlive the request.
  HttpRequest(HttpShared& shared, MHD_Connection* connection);
  HttpRequest(const HttpRequest&) = delete;
  HttpRequest& operator=(const HttpRequest&) = delete;

  // Call it first, when the head has arrived.
  MHD_Result ReadHead(absl::string_view method, absl::string_view path);

  // Takes the next bytes of the body.
  MHD_Result ReadBody(absl::string_view bytes);

  // Call it when the body is complete, and again when the library has resumed the connection.
  MHD_Result EndBody();

  // Call it if ReadHead or EndBody has thrown bad_alloc.
  MHD_Result SendTooLittleMemory();

  // Call it last, when the answer has been sent or the connection has ended.
  void Complete();

 private:
  // Sets the time limit for reading.
  void SetTime(std::chrono::seconds time);
  MHD_Result Do(RestExchange::Step step);
  MHD_Result Wait();
  MHD_Result Send();

  HttpShared& shared_;
  MHD_Connection* const connection_;
  const int descriptor_;
  RestExchange exchange_;
  bool waits_ = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_HTTP_REQUEST_H_
