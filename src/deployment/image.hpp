#pragma once

#include <string>
#include <string_view>

// Names of container images.
namespace vramcalc::deployment {

// Without tag and digest: "registry:5000/vllm/vllm-openai".
std::string_view image_name(std::string_view image);
std::string_view image_tag(std::string_view image);
// Whether `image` is `name`, from whatever registry or mirror.
bool is_image(std::string_view image, std::string_view name);

// The release that a tag tells: "v0.10.1" is 0.10.1, "v0.5.3.post1-cu126" 0.5.3.post1, "server-cuda-b6401"
// b6401; empty for "latest" and the like.
std::string release_of_image(std::string_view image);

}  // namespace vramcalc::deployment
