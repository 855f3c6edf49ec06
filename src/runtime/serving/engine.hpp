#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vramcalc/demand.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/serving/parallel.hpp"

// What every serving engine is: ranks that load a model and fill the rest of their memory with cache.
namespace vramcalc::serving {

// How an engine divides the bytes that each pipeline stage has for its cache. All bytes are of one rank.
class Cache {
 public:
  virtual ~Cache() = default;
  virtual Bytes needed(const Demand& demand, std::size_t stage) const = 0;
  virtual std::uint64_t tokens(
      std::span<const Bytes> available) const = 0;  // as the engine's log counts them
  virtual double concurrency(std::span<const Bytes> available, std::uint64_t length) const = 0;
  virtual std::uint64_t requests(std::span<const Bytes> available, std::uint64_t length) const = 0;
  virtual std::uint64_t longest(std::span<const Bytes> available, std::uint64_t most) const = 0;  // 0: none
  virtual std::uint64_t blocks(std::span<const Bytes> available) const = 0;
  virtual std::uint64_t block_size() const = 0;  // tokens
  virtual Bytes bytes_per_token() const = 0;
  virtual bool is_exact() const = 0;
};

// One rank of a pipeline stage.
struct Rank {
  std::vector<Term> terms;  // of all but the cache
  Amount costs;             // of these together
  Bytes budget;             // what the engine lets itself take
  Amount available;         // for the cache
};

struct Engine {
  Parallel parallel;
  std::vector<Rank> ranks;  // one for each pipeline stage
  std::shared_ptr<const Cache> cache;
  std::uint64_t most_requests = 0;  // at once, whatever the cache holds
  std::string refusal;              // why it would not start, in its own words; empty if it would

  std::vector<Bytes> available(Bytes Amount::*bound) const;  // of each stage
};

// Whether one request of the full length, and those that were asked for, have room.
bool has_room(const Engine& engine, const Demand& demand, Bytes Amount::*bound);

// On the share of the memory that the engine lets itself take.
Verdict verdict_of(const Engine& engine, const Demand& demand);

// Every rank with its cache for the demand.
std::vector<PlaceEstimate> places_of(const Engine& engine, const Demand& demand);

Capacity capacity_of(const Engine& engine, std::uint64_t length, std::uint64_t full_length);

}  // namespace vramcalc::serving
