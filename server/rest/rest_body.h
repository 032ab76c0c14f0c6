// The body of a request over HTTP, as it arrives.

#ifndef MLP_SERVER_REST_REST_BODY_H_
#define MLP_SERVER_REST_REST_BODY_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// Keeps the bytes of one body, and counts them with those of all bodies in flight. Belongs to one
// thread, except for that count.
class RestBody final {
 public:
  enum class Result {
    kTaken,
    kTooLong,         // more than SetMostBytes allows
    kTooLittleMemory  // of the system, or of what all bodies in flight may take
  };

  // `bytes_of_all`: of all bodies in flight; must outlive the body. They may be at most
  // `most_bytes_of_all` together, unless this body is the only one; 0: no limit.
  RestBody(std::atomic<std::int64_t>& bytes_of_all, std::int64_t most_bytes_of_all)
      : bytes_of_all_(bytes_of_all), most_bytes_of_all_(most_bytes_of_all) {}
  ~RestBody() { Drop(); }
  RestBody(const RestBody&) = delete;
  RestBody& operator=(const RestBody&) = delete;

  // The most bytes that the body may have: 0 until they are set.
  void SetMostBytes(std::int64_t bytes) { most_bytes_ = bytes; }
  std::int64_t most_bytes() const { return most_bytes_; }

  // Takes the next bytes. If it cannot, keeps those before them until Drop.
  Result Append(absl::string_view bytes);

  // Frees the bytes, before the body is destroyed.
  void Drop();

  // The bytes. Readers may change them, and their number for a while.
  std::string& bytes() { return bytes_; }

 private:
  std::atomic<std::int64_t>& bytes_of_all_;
  const std::int64_t most_bytes_of_all_;
  std::int64_t most_bytes_ = 0;
  std::string bytes_;
  std::int64_t counted_bytes_ = 0;  // in bytes_of_all_
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_BODY_H_
