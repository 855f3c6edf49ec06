#pragma once

#include <filesystem>

// Per-user folders (XDG Base Directory 0.8, and each program's own variable).
namespace vramcalc::source {

std::filesystem::path home_folder();
std::filesystem::path cache_folder();        // $XDG_CACHE_HOME/vramcalc or ~/.cache/vramcalc
std::filesystem::path hugging_face_cache();  // $HF_HUB_CACHE, $HF_HOME/hub or ~/.cache/huggingface/hub

}  // namespace vramcalc::source
