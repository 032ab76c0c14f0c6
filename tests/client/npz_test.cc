#include "client/npz.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <tuple>

#include "absl/status/status.h"

namespace mlp {
namespace {

std::uint32_t Number(const std::string& archive, std::size_t at) {
  std::uint32_t number = 0;
  EXPECT_LE(at + sizeof(number), archive.size());
  if (at + sizeof(number) <= archive.size()) {
    std::memcpy(&number, archive.data() + at, sizeof(number));
  }
  return number;
}

// Reads as an unpacker does: from the end to the directory, and from there to each file.
TEST(NpzTest, WritesAnArchiveThatIsReadFromItsEnd) {
  const std::string archive = WriteNpz({{"a", "123456789"}, {"b/c", ""}}).value();
  const std::size_t end = archive.size() - 22;
  EXPECT_EQ(Number(archive, end), 0x06054b50U);
  EXPECT_EQ(Number(archive, end + 8), 2U << 16 | 2U);  // entries on this disk and in total
  std::size_t entry = Number(archive, end + 16);
  EXPECT_EQ(entry + Number(archive, end + 12), end);

  for (const auto& [name, contents, crc] :
       {std::tuple<std::string, std::string, std::uint32_t>{"a.npy", "123456789", 0xcbf43926U},
        {"b/c.npy", "", 0U}}) {
    EXPECT_EQ(Number(archive, entry), 0x02014b50U);
    EXPECT_EQ(Number(archive, entry + 16), crc);
    EXPECT_EQ(Number(archive, entry + 20), contents.size());
    EXPECT_EQ(archive.substr(entry + 46, name.size()), name);
    const std::size_t local = Number(archive, entry + 42);
    EXPECT_EQ(Number(archive, local), 0x04034b50U);
    EXPECT_EQ(Number(archive, local + 14), crc);
    EXPECT_EQ(archive.substr(local + 30, name.size() + contents.size()), name + contents);
    entry += 46 + name.size();
  }
  EXPECT_EQ(entry, end);
}

TEST(NpzTest, RefusesNamesThatAreTooLong) {
  EXPECT_EQ(WriteNpz({{std::string(70'000, 'x'), ""}}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace mlp
