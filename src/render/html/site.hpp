#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "render/render.hpp"

// The pages of a site besides those of models. Links are relative, so that it may lie anywhere.
namespace vramcalc::render::html {

// What lists of models say of one that has a page.
struct ModelEntry {
  std::string id, name, publisher, family, released, quantization;
  std::uint64_t parameters = 0, context_length = 0;
  Amount needed;  // in that quantization, at the context of an overview
};
ModelEntry entry_of(const OverviewReport& report);

using Ids = std::set<std::string, std::less<>>;

// The page of a model, in the folder "models"; it links to other models but those without a page.
std::string site_model_page(const OverviewReport& report, const Ids& without_page, const Style& style);
// Which models run on a device, in the folder "gpus".
std::string device_page(const RecommendReport& report, const PageFigures::Device& device, const Style& style);
// In the folder "families".
std::string family_page(std::string_view family, const std::vector<ModelEntry>& models, const Style& style);
std::string family_file(std::string_view family);

std::string index_page(const std::vector<ModelEntry>& models, const std::vector<PageFigures::Device>& devices,
                       const Style& style);
// sitemaps.org, 0.9; `paths` are relative to `base_url`.
std::string sitemap(std::string_view base_url, const std::vector<std::string>& paths);

}  // namespace vramcalc::render::html
