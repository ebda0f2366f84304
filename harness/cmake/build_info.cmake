# SPDX-License-Identifier: BSD-3-Clause
# Runs at each build: the git revision goes into build_info.c, which is rewritten only when it changed.
set(LANEWISE_REVISION "unknown")
find_program(GIT git)
if(GIT)
  # safe.directory: a clone that belongs to somebody else is still described.
  set(git ${GIT} --no-optional-locks -c safe.directory=* -C ${SOURCE_DIR})
  execute_process(COMMAND ${git} rev-parse --show-toplevel
    OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  file(REAL_PATH ${SOURCE_DIR} source)
  # An unpacked archive inside some other repository does not carry that one's revision.
  if(top STREQUAL source)
    execute_process(COMMAND ${git} rev-parse --short=12 HEAD
      OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      set(LANEWISE_REVISION ${revision})
      execute_process(COMMAND ${git} status --porcelain OUTPUT_VARIABLE changes ERROR_QUIET)
      if(NOT changes STREQUAL "")
        string(APPEND LANEWISE_REVISION "-dirty")
      endif()
    endif()
  endif()
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
