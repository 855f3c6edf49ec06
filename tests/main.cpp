// The one file that compiles Catch2's own main; with Catch2 3 that comes from its library.
#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
