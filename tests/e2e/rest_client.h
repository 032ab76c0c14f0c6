// A connection that speaks HTTP/1.1 as the test wants it.

#ifndef MLP_TESTS_E2E_REST_CLIENT_H_
#define MLP_TESTS_E2E_REST_CLIENT_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace mlp {

struct RestAnswer {
  int code = 0;                                // 0 where there was none
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class RestClient final {
 public:
  // How bytes go and come; each returns how many, and 0 or less at the end.
  struct Stream {
    std::function<long(const char*, std::size_t)> write;
    std::function<long(char*, std::size_t)> read;
  };

  // To a port of this machine's loopback, in plaintext.
  explicit RestClient(int port);
  // Over `stream`, whose socket this closes.
  RestClient(int socket, Stream stream);
  ~RestClient();
  RestClient(const RestClient&) = delete;
  RestClient& operator=(const RestClient&) = delete;

  int socket() const { return socket_; }

  // Until the other side takes no more; whether all was taken.
  bool Send(const std::string& bytes) const;

  // The next answer, as long as its Content-Length says.
  RestAnswer Read();

  // Asks, with further lines of headers, each with its end, and reads the answer.
  RestAnswer Get(const std::string& path, const std::string& headers = "");
  RestAnswer Post(const std::string& path, const std::string& body,
                  const std::string& headers = "");

  // The bytes of a POST.
  static std::string PostRequest(const std::string& path, const std::string& body,
                                 const std::string& headers = "");

 private:
  // Reads more; false at the end, or after 60 s.
  bool Fill();

  int socket_;
  Stream stream_;
  std::string read_;  // and not yet answered with
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_REST_CLIENT_H_
