# MLP_GIT_REVISION: the revision of the checkout, which mlp_build_info and --version show.
set(MLP_GIT_REVISION "" CACHE STRING "Revision to report if the sources are not a git checkout")
if(NOT MLP_GIT_REVISION)
  execute_process(
    COMMAND git rev-parse --short=12 HEAD
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE MLP_GIT_REVISION
    OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET)
endif()
if(NOT MLP_GIT_REVISION)
  set(MLP_GIT_REVISION "unknown")
endif()
