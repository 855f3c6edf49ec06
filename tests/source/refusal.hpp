#pragma once

#include <functional>
#include <string>

#include "catch.hpp"
#include "vramcalc/error.hpp"

// The message of a refusal; "accepted" if there is none.
inline std::string refusal(const std::function<void()>& act,
                           vramcalc::ErrorCode code = vramcalc::ErrorCode::bad_file) {
  try {
    act();
  } catch (const vramcalc::Error& error) {
    CHECK(error.code() == code);
    return error.what();
  }
  return "accepted";
}
