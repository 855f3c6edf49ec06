#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "render/json_writer.hpp"
#include "render/render.hpp"

// The values of the schema, each as the members of an object. Keys may be added but never changed or removed.
// Unknown values are null.
namespace vramcalc::render {

// 0 and "" stand for unknown in the catalog.
template <typename T>
std::optional<T> known(T value) {
  return value == T{} ? std::nullopt : std::optional<T>(value);
}
inline std::optional<std::string_view> known(const std::string& text) {
  return known(std::string_view(text));
}

// Four decimals are enough for bits per weight and KLD and show no rounding noise.
inline double rounded(double value) { return std::round(value * 1e4) / 1e4; }

inline void write_amount(JsonWriter& to, std::string_view best, const Amount& amount) {
  to.member(best, amount.best.count());
  to.member("low_bytes", amount.low.count());
  to.member("high_bytes", amount.high.count());
}

inline void write_range(JsonWriter& to, std::string_view key, const std::optional<Range>& range) {
  if (!range) return to.member(key, std::nullopt);
  to.object(key, [&] {
    to.member("low", rounded(range->low));
    to.member("high", rounded(range->high));
  });
}

// "decode_tokens_per_second" and "decode_basis".
void write_speed(JsonWriter& to, std::string_view test, const std::optional<SpeedEstimate>& estimate);

void write(JsonWriter& to, const ModelSummary& summary);
void write(JsonWriter& to, const StoredWeights& stored);
void write(JsonWriter& to, const StoredCheckpoint& checkpoint);
void write(JsonWriter& to, const PackedCheckpoint& packed);
void write(JsonWriter& to, const Settings& settings);
void write(JsonWriter& to, const Speed& speed);
void write(JsonWriter& to, const Estimate& estimate);
void write(JsonWriter& to, const ExplanationReport& explanation);
void write(JsonWriter& to, const Machine& machine);
void write(JsonWriter& to, const Placement& placement);
void write(JsonWriter& to, const PlaceFit& device);
void write(JsonWriter& to, const Room& room);
void write(JsonWriter& to, const OwnChoice& own);
void write(JsonWriter& to, const Answer& answer);

void write(JsonWriter& to, const QuantizationRow& row);
void write(JsonWriter& to, const HardwareRow& row);
void write(JsonWriter& to, const MemoryCurves& curves);
void write(JsonWriter& to, const RuleOfThumb& rule);
void write(JsonWriter& to, const RelatedModel& model);
void write(JsonWriter& to, const OtherQuantizer& other);

void write(JsonWriter& to, const PlannedLoad& load);
void write(JsonWriter& to, const RecommendReport::Row& row);
void write(JsonWriter& to, const CompareReport::Row& row);
void write(JsonWriter& to, const DeploymentReport& report);

void write(JsonWriter& to, const ModelListing::Row& row);
void write(JsonWriter& to, const LocalModel& model);
void write(JsonWriter& to, const Gpu& gpu);
void write(JsonWriter& to, const System& system);
void write(JsonWriter& to, const FileType& type);
void write(JsonWriter& to, const CheckpointFormatRow& format);

// A member that is such an object.
template <typename T>
void part(JsonWriter& to, std::string_view key, const T& value) {
  to.object(key, [&] { write(to, value); });
}
template <typename T>
void part(JsonWriter& to, std::string_view key, const std::optional<T>& value) {
  if (value) {
    part(to, key, *value);
  } else {
    to.member(key, std::nullopt);
  }
}

// A member that is an array of them.
template <typename T>
void rows(JsonWriter& to, std::string_view key, const std::vector<T>& values) {
  to.objects(key, values, [&](const T& value) { write(to, value); });
}

}  // namespace vramcalc::render
