#pragma once

#include <concepts>
#include <type_traits>

#include "figures/stream.hpp"
#include "runtime/llama_cpp/precomputed.hpp"
#include "vramcalc/figures.hpp"

// The members of the embedded types, in one order for writing and reading.
namespace vramcalc::figures {

template <class T, class Wanted>
concept Is = std::same_as<std::remove_const_t<T>, Wanted>;

template <class Stream>
void members(Stream& stream, Is<Parameters> auto& p) {
  stream(p.trunk, p.mtp, p.towers, p.duplicate_head, p.active);
}

template <class Stream>
void members(Stream& stream, Is<WeightBytes> auto& weights) {
  stream(weights.tensor_bytes, weights.file_bytes, weights.gpu, weights.host);
  stream(weights.bits_per_weight, weights.imatrix);
  stream(weights.experts, weights.half_experts, weights.low_bit, weights.looked_up);
}

template <class Stream>
void members(Stream& stream, Is<OtherFiles> auto& others) {
  stream(others.by_other_release, others.without_mtp);
}

template <class Stream>
void members(Stream& stream, Is<llama_cpp::GrowingTerm> auto& term) {
  stream(term.place, term.kind, term.basis, term.bytes, term.bytes_per_step);
}

template <class Stream>
void members(Stream& stream, Is<llama_cpp::EvenGrowth> auto& growth) {
  stream(growth.first, growth.last, growth.step, growth.least, growth.terms);
}

template <class Stream>
void members(Stream& stream, Is<llama_cpp::GrowingBytes> auto& growing) {
  stream(growing.bytes, growing.bytes_per_step);
}

template <class Stream>
void members(Stream& stream, Is<llama_cpp::Margin> auto& margin) {
  stream(margin.below, margin.above);
}

template <class Stream>
void members(Stream& stream, Is<llama_cpp::BoundedGrowth> auto& growth) {
  stream(growth.backend, growth.first, growth.last, growth.step, growth.least);
  stream(growth.low, growth.best, growth.high, growth.host_low, growth.host_best, growth.host_high);
  stream(growth.margin, growth.host_margin, growth.at_least, growth.cache_padding);
}

template <class Stream>
void members(Stream& stream, Is<Precomputed> auto& known) {
  stream(known.weights, known.others, known.growths, known.bounded_growths, known.flash_attention);
}

template <class Stream>
void members(Stream& stream, Is<JudgedHardware> auto& row) {
  stream(row.place, row.verdict, row.max_context, row.best_quantization, row.weight_only, row.needed);
}

template <class Stream>
void members(Stream& stream, Is<JudgedTable> auto& table) {
  stream(table.rows, table.largest, table.unlisted);
}

template <class Stream>
void members(Stream& stream, Is<JudgedTables> auto& tables) {
  stream(tables.gpus, tables.systems);
}

}  // namespace vramcalc::figures
