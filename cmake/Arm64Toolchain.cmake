# Compiles for arm64 on another machine, by Debian's cross compiler, and runs what comes out by
# qemu's emulation of user programs. Libraries come from MLP_ARM64_SYSROOT, into which tests/arm64.sh
# unpacks Debian's packages of that architecture; headers without a library from this machine.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

set(MLP_ARM64_SYSROOT "" CACHE PATH "Folder with Debian's arm64 packages, unpacked")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MLP_ARM64_SYSROOT)
set(CMAKE_FIND_ROOT_PATH ${MLP_ARM64_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Headers that differ between architectures lie in a folder of their own.
set(CMAKE_CXX_STANDARD_INCLUDE_DIRECTORIES ${MLP_ARM64_SYSROOT}/usr/include/aarch64-linux-gnu)

# The sysroot is none of the places where the programs will run.
set(CMAKE_SKIP_RPATH ON)

# What a library links in turn is in the sysroot too.
string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT
  " -Wl,-rpath-link,${MLP_ARM64_SYSROOT}/usr/lib/aarch64-linux-gnu")

# The compiler's own C library is at /usr/aarch64-linux-gnu; oneTBB is loaded from the sysroot.
set(CMAKE_CROSSCOMPILING_EMULATOR
  qemu-aarch64-static -L /usr/aarch64-linux-gnu
  -E LD_LIBRARY_PATH=${MLP_ARM64_SYSROOT}/usr/lib/aarch64-linux-gnu)
