#pragma once

#include <filesystem>

// Where programs keep what is a user's own (XDG Base Directory 0.8, and each program's variable).
namespace vramcalc::source {

std::filesystem::path home_folder();
std::filesystem::path cache_folder();        // $XDG_CACHE_HOME/vramcalc or ~/.cache/vramcalc
std::filesystem::path hugging_face_cache();  // $HF_HUB_CACHE, $HF_HOME/hub or ~/.cache/huggingface/hub

}  // namespace vramcalc::source
