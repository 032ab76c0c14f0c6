#include "client/core_files.h"

#include <sys/prctl.h>

namespace mlp {

void LeaveNoCoreFile() { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

}  // namespace mlp
