// A lower or higher limit of file descriptors for a part of a test.

#ifndef MLP_TESTS_DESCRIPTOR_LIMIT_H_
#define MLP_TESTS_DESCRIPTOR_LIMIT_H_

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace mlp {

// Sets this process's limit, and restores it at the end of the scope.
class DescriptorLimit final {
 public:
  explicit DescriptorLimit(rlim_t descriptors) {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &old_limit_), 0);
    const rlimit limit{descriptors, old_limit_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  ~DescriptorLimit() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &old_limit_), 0); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit old_limit_{};
};

}  // namespace mlp

#endif  // MLP_TESTS_DESCRIPTOR_LIMIT_H_
