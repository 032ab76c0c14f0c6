#include "tests/e2e/http_get.h"

#include <civetweb.h>

#include <array>
#include <sstream>

#include "absl/strings/numbers.h"

namespace mlp {

HttpAnswer HttpGet(int port, const std::string& path, const std::string& method) {
  HttpAnswer answer;
  std::array<char, 256> error{};
  mg_connection* connection =
      mg_download("127.0.0.1", port, /*use_ssl=*/0, error.data(), error.size(),
                  "%s %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", method.c_str(), path.c_str());
  if (connection == nullptr) return answer;
  answer.code = mg_get_response_info(connection)->status_code;
  std::array<char, 4096> buffer{};
  for (int count = 0; (count = mg_read(connection, buffer.data(), buffer.size())) > 0;) {
    answer.body.append(buffer.data(), static_cast<std::size_t>(count));
  }
  mg_close_connection(connection);
  return answer;
}

Samples ReadMetrics(int port) {
  Samples samples;
  std::istringstream lines(HttpGet(port, "/metrics").body);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end_of_name = line.rfind(' ');
    double value = 0.0;
    if (line.empty() || line[0] == '#' || end_of_name == std::string::npos ||
        !absl::SimpleAtod(line.substr(end_of_name + 1), &value)) {
      continue;
    }
    samples[line.substr(0, end_of_name)] = value;
  }
  return samples;
}

}  // namespace mlp
