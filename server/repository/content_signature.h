// Tells whether a model's folder is as it was when it was looked at before, without reading files.

#ifndef MLP_SERVER_REPOSITORY_CONTENT_SIGNATURE_H_
#define MLP_SERVER_REPOSITORY_CONTENT_SIGNATURE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace mlp {

// What a model's folder holds, by the names in it: for each, the names, kinds, inodes, sizes and
// times (of content and of status, which no program can set) of all that is in it. Links are
// followed, but for those that lead back up, to the model's folder or one that it lies in. Of each
// name at most 10,000 entries count, in folders of which 4 lie in each other. Two signatures are
// compared and nothing else is done with them.
using ContentSignature = std::map<std::string, std::string>;

// Of `folder`, but for names with a leading dot; empty where there is none. What vanishes while it
// is looked at is left out.
ContentSignature SignatureOf(const std::filesystem::path& folder);

// What SignatureOf has for the one name; empty where there is no such entry.
std::string SignatureOfEntry(const std::filesystem::path& folder, const std::string& name);

// What `content`, of a model's folder, has for the folder of `version`; empty where there is none.
std::string ContentOf(const ContentSignature& content, std::int64_t version);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_CONTENT_SIGNATURE_H_
