// Asks the server's HTTP side, and reads its metrics.

#ifndef MLP_TESTS_E2E_HTTP_GET_H_
#define MLP_TESTS_E2E_HTTP_GET_H_

#include <map>
#include <string>

namespace mlp {

struct HttpAnswer {
  int code = 0;  // 0 where there was no answer
  std::string body;
  std::string head;  // the first line and the headers, each with its line's end
};

// Asks for http://127.0.0.1:port/path, with further lines of headers, each with its end.
HttpAnswer HttpGet(int port, const std::string& path, const std::string& method = "GET",
                   const std::string& headers = "");

// The samples at /metrics, by their names with labels as they are written there:
// mlp_rows_total{model="digits-tanh",version="1"}. Empty where there was no answer.
using Samples = std::map<std::string, double>;
Samples ReadMetrics(int port);

// The same of a page's text.
Samples SamplesIn(const std::string& page);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_HTTP_GET_H_
