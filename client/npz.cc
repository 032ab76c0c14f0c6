#include "client/npz.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// Format: PKWARE's APPNOTE.TXT, 4.3.7 (local header), 4.3.12 (directory) and 4.3.16 (end of
// directory).
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kDirectoryHeader = 0x02014b50;
constexpr std::uint32_t kEndOfDirectory = 0x06054b50;
constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kNamesAreUtf8 = 1 << 11;
constexpr std::uint16_t kMidnight1980 = 0x21;  // fixed: archives never differ by their time
constexpr std::size_t kMaxArchiveBytes = 0xffffffff;
constexpr std::size_t kMaxEntries = 0xffff;
constexpr std::size_t kMaxNameBytes = 0xffff;
constexpr std::size_t kHeaderBytes = 128;  // upper limit of both headers

constexpr std::array<std::uint32_t, 256> MakeCrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xedb88320U : 0U);
    }
    table[byte] = remainder;
  }
  return table;
}

std::uint32_t Crc32(absl::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = MakeCrcTable();
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc = kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xff] ^ (crc >> 8);
  }
  return ~crc;
}

void Append16(std::size_t value, std::string& text) {
  text += static_cast<char>(value & 0xff);
  text += static_cast<char>(value >> 8 & 0xff);
}

void Append32(std::size_t value, std::string& text) {
  Append16(value & 0xffff, text);
  Append16(value >> 16, text);
}

// The fields that both headers of an entry share.
void AppendFacts(absl::string_view name, absl::string_view contents, std::uint32_t crc,
                 std::string& text) {
  Append16(kVersion, text);
  Append16(kNamesAreUtf8, text);
  Append16(0, text);  // method: stored
  Append16(0, text);
  Append16(kMidnight1980, text);
  Append32(crc, text);
  Append32(contents.size(), text);
  Append32(contents.size(), text);
  Append16(name.size(), text);
  Append16(0, text);  // no extra field
}

}  // namespace

absl::StatusOr<std::string> WriteNpz(const std::vector<NpzEntry>& entries) {
  std::size_t bytes = kHeaderBytes;
  for (const NpzEntry& entry : entries) {
    bytes += kHeaderBytes + 2 * entry.name.size() + entry.npy.size();
    if (entry.name.size() >= kMaxNameBytes - kHeaderBytes) bytes = kMaxArchiveBytes + 1;
  }
  if (bytes > kMaxArchiveBytes || entries.size() > kMaxEntries) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer is too large for a .npz file; expected at most ", kMaxArchiveBytes,
                     " bytes and ", kMaxEntries, " outputs"));
  }
  std::string archive;
  std::string directory;
  for (const NpzEntry& entry : entries) {
    const std::string name = absl::StrCat(entry.name, ".npy");
    const std::uint32_t crc = Crc32(entry.npy);
    Append32(kDirectoryHeader, directory);
    Append16(kVersion, directory);
    AppendFacts(name, entry.npy, crc, directory);
    Append16(0, directory);  // no comment
    Append16(0, directory);  // starts on the first disk
    Append16(0, directory);
    Append32(0, directory);
    Append32(archive.size(), directory);
    directory += name;

    Append32(kLocalHeader, archive);
    AppendFacts(name, entry.npy, crc, archive);
    archive += name;
    archive += entry.npy;
  }
  const std::size_t directory_begin = archive.size();
  archive += directory;
  Append32(kEndOfDirectory, archive);
  Append16(0, archive);
  Append16(0, archive);
  Append16(entries.size(), archive);
  Append16(entries.size(), archive);
  Append32(directory.size(), archive);
  Append32(directory_begin, archive);
  Append16(0, archive);  // no comment
  return archive;
}

}  // namespace mlp
