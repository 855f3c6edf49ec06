#pragma once

#include "catalog/table.hpp"

namespace vramcalc::catalog {

// A GPU by one of its names, also with a brand before it ("NVIDIA GeForce RTX 3060"), without its series
// ("4090", "7900 xtx", "b580"), and with its memory after it ("rtx 3090 24gb"); null if there is none.
const Gpu* find_gpu(const Table<Gpu>& gpus, std::string_view name);

}  // namespace vramcalc::catalog
