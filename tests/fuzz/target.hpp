#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

// Shared by the fuzz targets: every input is either read or refused with an Error of one line.
namespace vramcalc::fuzz {

inline std::string text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline const nlohmann::json& architectures() {
  static const nlohmann::json rows = nlohmann::json::parse(Catalog().architectures());
  return rows;
}

template <class Read>
int run(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    for (const char* c = error.what(); *c != '\0'; ++c)
      if (*c == '\n' || *c == '\x1b') __builtin_trap();
  }
  return 0;
}

}  // namespace vramcalc::fuzz
