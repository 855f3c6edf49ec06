#pragma once

// Catch2 3 splits what Catch2 2 (Debian 12) has in one header; a test needs not know which one is there.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
