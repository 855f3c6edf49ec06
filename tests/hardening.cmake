# cmake -DREADELF=… -DPROGRAM=… -P hardening.cmake: fails unless the program lies anywhere in memory, has no stack that can
# be executed, and has its tables of addresses read-only once it has started.
execute_process(COMMAND ${READELF} --wide --file-header --program-headers --dynamic ${PROGRAM}
  OUTPUT_VARIABLE shown COMMAND_ERROR_IS_FATAL ANY)
foreach(wanted IN ITEMS "Type: +DYN" "GNU_RELRO" "GNU_STACK[^\n]* RW " "BIND_NOW|Flags: NOW|FLAGS_1[^\n]* NOW")
  if(NOT shown MATCHES "${wanted}")
    message(FATAL_ERROR "${PROGRAM}: readelf shows no \"${wanted}\"")
  endif()
endforeach()
