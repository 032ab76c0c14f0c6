#include "tests/e2e/rest_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/loopback_socket.h"

namespace mlp {

RestClient::RestClient(int port) : socket_(ConnectToLoopback(port)) {
  const timeval patience{60, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  stream_.write = [this](const char* bytes, std::size_t count) {
    return send(socket_, bytes, count, MSG_NOSIGNAL);
  };
  stream_.read = [this](char* bytes, std::size_t most) { return recv(socket_, bytes, most, 0); };
}

RestClient::RestClient(int socket, Stream stream) : socket_(socket), stream_(std::move(stream)) {}

RestClient::~RestClient() {
  if (socket_ >= 0) close(socket_);
}

bool RestClient::Send(const std::string& bytes) const {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const long now = stream_.write(bytes.data() + sent, bytes.size() - sent);
    if (now <= 0) return false;
    sent += static_cast<std::size_t>(now);
  }
  return true;
}

bool RestClient::Fill() {
  std::array<char, 65536> buffer;
  const long got = stream_.read(buffer.data(), buffer.size());
  if (got > 0) read_.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

RestAnswer RestClient::Read() {
  RestAnswer answer;
  std::size_t end = 0;
  while ((end = read_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return answer;
  }
  const std::vector<std::string> lines = absl::StrSplit(read_.substr(0, end), "\r\n");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> header =
        absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
    answer.headers[absl::AsciiStrToLower(header.first)] = header.second;
  }
  std::size_t length = 0;
  if (answer.headers.count("content-length") > 0 &&
      !absl::SimpleAtoi(answer.headers["content-length"], &length)) {
    return answer;
  }
  while (read_.size() < end + 4 + length) {
    if (!Fill()) return answer;
  }
  if (!absl::SimpleAtoi(lines[0].substr(lines[0].find(' ') + 1, 3), &answer.code)) return answer;
  answer.body = read_.substr(end + 4, length);
  read_.erase(0, end + 4 + length);
  return answer;
}

RestAnswer RestClient::Get(const std::string& path, const std::string& headers) {
  Send(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: x\r\n", headers, "\r\n"));
  return Read();
}

std::string RestClient::PostRequest(const std::string& path, const std::string& body,
                                    const std::string& headers) {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: x\r\nContent-Length: ", body.size(),
                      "\r\n", headers, "\r\n", body);
}

RestAnswer RestClient::Post(const std::string& path, const std::string& body,
                            const std::string& headers) {
  Send(PostRequest(path, body, headers));
  return Read();
}

}  // namespace mlp
