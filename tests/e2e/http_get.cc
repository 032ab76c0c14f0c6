#include "tests/e2e/http_get.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/loopback_socket.h"

namespace mlp {
namespace {

constexpr int kPatienceSeconds = 30;

// All that the other side sends until it closes the connection.
std::string ReadAll(int socket) {
  std::string all;
  std::array<char, 65536> buffer;
  for (ssize_t got = 0; (got = recv(socket, buffer.data(), buffer.size(), 0)) > 0;) {
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return all;
}

}  // namespace

HttpAnswer HttpGet(int port, const std::string& path, const std::string& method,
                   const std::string& headers) {
  HttpAnswer answer;
  const int socket = ConnectToLoopback(port);
  if (socket < 0) return answer;
  const timeval patience{kPatienceSeconds, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const std::string request =
      absl::StrCat(method, " ", path, " HTTP/1.0\r\nHost: 127.0.0.1\r\n", headers, "\r\n");
  send(socket, request.data(), request.size(), MSG_NOSIGNAL);
  const std::string all = ReadAll(socket);
  close(socket);
  const std::size_t end_of_head = all.find("\r\n\r\n");
  const std::size_t code = all.find(' ');
  if (end_of_head == std::string::npos || code > end_of_head ||
      !absl::SimpleAtoi(all.substr(code + 1, 3), &answer.code)) {
    return answer;
  }
  answer.head = all.substr(0, end_of_head + 2);
  answer.body = all.substr(end_of_head + 4);
  return answer;
}

Samples ReadMetrics(int port) { return SamplesIn(HttpGet(port, "/metrics").body); }

Samples SamplesIn(const std::string& page) {
  Samples samples;
  std::istringstream lines(page);
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
