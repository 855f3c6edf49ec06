#pragma once

#include "runtime/serving/sglang/budget.hpp"
#include "runtime/serving/sglang/kv_pools.hpp"
#include "vramcalc/capacity.hpp"

namespace vramcalc::sglang {

// What the engine has room for, over all its copies of attention and of itself. The bytes are those of one
// rank, and its page is the block.
Capacity capacity(const Budget& budget, const KvPools& pools, const Settings& settings);

}  // namespace vramcalc::sglang
