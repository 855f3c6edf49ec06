# cmake -DREADELF=… -DPROGRAM=… -DKIND=… -P hardening.cmake: fails unless the program has no stack that can be executed, and
# has its tables of addresses read-only once it has started. One that is position_independent lies anywhere in memory; one
# that is static needs nothing that the machine may have in another version.
execute_process(COMMAND ${READELF} --wide --file-header --program-headers --dynamic ${PROGRAM}
  OUTPUT_VARIABLE shown COMMAND_ERROR_IS_FATAL ANY)
set(wanted_position_independent "Type: +DYN" "BIND_NOW|Flags: NOW|FLAGS_1[^\n]* NOW")
set(wanted_static "Type: +EXEC" "There is no dynamic section")
foreach(wanted IN ITEMS "GNU_RELRO" "GNU_STACK[^\n]* RW " LISTS wanted_${KIND})
  if(NOT shown MATCHES "${wanted}")
    message(FATAL_ERROR "${PROGRAM}: readelf shows no \"${wanted}\"")
  endif()
endforeach()
