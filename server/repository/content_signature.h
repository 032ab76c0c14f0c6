// Detects whether a model's folder has changed since an earlier look, without reading files.

#ifndef MLP_SERVER_REPOSITORY_CONTENT_SIGNATURE_H_
#define MLP_SERVER_REPOSITORY_CONTENT_SIGNATURE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace mlp {

// The contents of a model's folder, by the names in it. For each name: the names, kinds, inodes,
// sizes and times of everything in it (the times of content and of status; no program can set the
// latter). Links are followed, except those that lead back up, to the model's folder or an ancestor
// of it. Each name counts at most 10,000 entries, in folders nested at most 4 deep. Signatures are
// only good for comparison.
using ContentSignature = std::map<std::string, std::string>;

// The signature of `folder`, without names that begin with a dot; empty if there is no such folder.
// An entry that vanishes during the look is only marked as missing.
ContentSignature SignatureOf(const std::filesystem::path& folder);

// The part of SignatureOf for one name; empty if there is no such entry.
std::string SignatureOfEntry(const std::filesystem::path& folder, const std::string& name);

// The part of `content`, of a model's folder, for the folder of `version`; empty if there is none.
std::string ContentOf(const ContentSignature& content, std::int64_t version);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_CONTENT_SIGNATURE_H_
