// The inputs and predicted classes that moved most.

#ifndef MLP_SERVER_STATUS_PAGE_MOVED_TABLES_H_
#define MLP_SERVER_STATUS_PAGE_MOVED_TABLES_H_

#include <string>

#include "server/insight/status.h"

namespace mlp {

// Elements of class "card". With nothing to show, each says why. Thread-safe.
std::string MovedInputsHtml(const StatusModel& model);
std::string MovedClassesHtml(const StatusModel& model);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_MOVED_TABLES_H_
