#include "fuzz/target.hpp"

// A user's catalog file: it is read and every model in it loaded.

using namespace vramcalc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run([&] {
    static const std::size_t embedded = Catalog().models().size();
    Catalog catalog;
    catalog.add(fuzz::text(data, size), "fuzz.json");
    const auto rows = catalog.models();
    for (std::size_t i = embedded; i < rows.size(); ++i) catalog.model(rows[i]->id);
  });
}
