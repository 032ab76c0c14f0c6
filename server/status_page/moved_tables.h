// The inputs and the predicted classes that moved the most.

#ifndef MLP_SERVER_STATUS_PAGE_MOVED_TABLES_H_
#define MLP_SERVER_STATUS_PAGE_MOVED_TABLES_H_

#include <string>

#include "server/insight/status.h"

namespace mlp {

// Elements of class "card"; each says what is missing where it has nothing to show. Thread-safe.
std::string MovedInputsHtml(const StatusModel& model);
std::string MovedClassesHtml(const StatusModel& model);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_MOVED_TABLES_H_
