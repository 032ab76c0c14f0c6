# Compiles for arm64 on another machine with Debian's cross compiler, and runs the results with
# qemu's user-mode emulation. Libraries come from MLP_ARM64_SYSROOT, into which tests/arm64.sh
# unpacks Debian's arm64 packages. Header-only libraries come from this machine.
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

# Headers that differ between architectures are in a separate folder.
set(CMAKE_CXX_STANDARD_INCLUDE_DIRECTORIES ${MLP_ARM64_SYSROOT}/usr/include/aarch64-linux-gnu)

# The programs will not run in the sysroot.
set(CMAKE_SKIP_RPATH ON)

# The sysroot also holds the libraries that libraries link.
string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT
  " -Wl,-rpath-link,${MLP_ARM64_SYSROOT}/usr/lib/aarch64-linux-gnu")

# The compiler's own C library is at /usr/aarch64-linux-gnu; oneTBB is loaded from the sysroot.
set(CMAKE_CROSSCOMPILING_EMULATOR
  qemu-aarch64-static -L /usr/aarch64-linux-gnu
  -E LD_LIBRARY_PATH=${MLP_ARM64_SYSROOT}/usr/lib/aarch64-linux-gnu)
