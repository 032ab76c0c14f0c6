#include "model/process_guard.h"

#include <sys/prctl.h>

namespace mlp {

void LeaveNoCoreFile() { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

void GainNoPrivileges() { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

}  // namespace mlp
