#include "model/vocabulary.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "model/utf8.h"

namespace mlp {

struct Vocabulary::Content {
  std::vector<std::string> words;
  absl::flat_hash_map<absl::string_view, std::int32_t> positions;  // views into `words`
};

absl::StatusOr<Vocabulary> Vocabulary::Create(std::vector<std::string> words) {
  Vocabulary vocabulary;
  if (words.empty()) return vocabulary;
  if (words.size() > kMaxWords) {
    return absl::InvalidArgumentError(
        absl::StrCat("the vocabulary has ", words.size(), " words; expected at most ", kMaxWords));
  }
  auto content = std::make_shared<Content>();
  content->words = std::move(words);
  content->positions.reserve(content->words.size());
  for (std::size_t i = 0; i < content->words.size(); ++i) {
    const std::string& word = content->words[i];
    if (!IsUtf8(word)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the word ", Quote(word), " of the vocabulary is not UTF-8"));
    }
    if (!content->positions.emplace(word, static_cast<std::int32_t>(i)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("the word ", Quote(word), " occurs twice in the vocabulary"));
    }
  }
  vocabulary.content_ = std::move(content);
  return vocabulary;
}

const std::vector<std::string>& Vocabulary::words() const {
  static const auto* const none = new std::vector<std::string>;
  return content_ == nullptr ? *none : content_->words;
}

std::int64_t Vocabulary::PositionOf(absl::string_view word) const {
  if (content_ == nullptr) return kUnknown;
  const auto found = content_->positions.find(word);
  return found == content_->positions.end() ? kUnknown : found->second;
}

}  // namespace mlp
