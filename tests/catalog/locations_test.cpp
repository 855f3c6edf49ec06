#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "catch.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {
namespace {

namespace fs = std::filesystem;

// A temporary folder; restores the environment at the end of the test.
class Place {
 public:
  Place()
      : root_(fs::temp_directory_path() / ("vramcalc-locations-" + std::to_string(std::random_device{}()))) {
    fs::create_directories(root_);
    for (const char* name : {"XDG_CONFIG_HOME", "HOME", "VRAMCALC_CATALOG"}) {
      const char* value = std::getenv(name);
      before_.emplace_back(name, value == nullptr ? "" : value);
      unsetenv(name);
    }
  }
  ~Place() {
    for (const auto& [name, value] : before_)
      value.empty() ? unsetenv(name.c_str()) : setenv(name.c_str(), value.c_str(), 1);
    fs::remove_all(root_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::string file(const std::string& path) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << "{}";
    return (root_ / path).string();
  }
  std::string path(const std::string& path) const { return (root_ / path).string(); }
  static void set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }

 private:
  fs::path root_;
  std::vector<std::pair<std::string, std::string>> before_;
};

using Files = std::vector<std::string>;

}  // namespace

TEST_CASE("without user files the list is empty") {
  const Place place;
  CHECK(catalog_files({}).empty());
  place.set("HOME", place.path("nowhere"));
  CHECK(catalog_files({}).empty());
}

TEST_CASE("only JSON files of the configuration folder are read, in order") {
  const Place place;
  const std::string b = place.file("home/.config/vramcalc/b.json"),
                    a = place.file("home/.config/vramcalc/a.json");
  place.file("home/.config/vramcalc/notes.txt");
  place.set("HOME", place.path("home"));
  CHECK(catalog_files({}) == Files{a, b});

  const std::string c = place.file("xdg/vramcalc/c.json");
  place.set("XDG_CONFIG_HOME", place.path("xdg"));
  CHECK(catalog_files({}) == Files{c});
}

TEST_CASE("VRAMCALC_CATALOG follows, then --catalog") {
  const Place place;
  const std::string config = place.file("xdg/vramcalc/c.json"), one = place.file("one.json");
  const std::string two = place.file("folder/two.json"), three = place.file("folder/three.json");
  place.set("XDG_CONFIG_HOME", place.path("xdg"));
  place.set("VRAMCALC_CATALOG", one + "::" + place.path("folder"));
  const std::string asked = place.file("asked.json");
  CHECK(catalog_files({asked}) == Files{config, one, three, two, asked});
}

TEST_CASE("a named path must exist") {
  const Place place;
  CHECK_THROWS_WITH(catalog_files({place.path("nowhere.json")}),
                    place.path("nowhere.json") + ": no such catalog file or folder (from --catalog)");
  place.set("VRAMCALC_CATALOG", place.path("gone"));
  CHECK_THROWS_WITH(catalog_files({}),
                    place.path("gone") + ": no such catalog file or folder (from VRAMCALC_CATALOG)");
}

TEST_CASE("a catalog is the embedded one plus files, and later files win") {
  const Place place;
  const auto write = [&](const char* name, int usable) {
    const std::string path = place.path(name);
    std::ofstream(path) << R"({"gpus": [{"id": "mine", "name": "Mine", "vendor": "Me", "segment": "consumer",
      "memory_gb": 8, "usable_mib": )"
                        << usable << "}]}";
    return path;
  };
  const Files files = {write("a.json", 7000), write("b.json", 8000)};
  CHECK(Catalog(files).gpu("mine").usable_mib == 8000);
  CHECK(Catalog(files).gpu("rtx-4090").id == "rtx-4090");
  CHECK_THROWS_AS(Catalog(Files{place.path("missing.json")}), Error);
}

}  // namespace vramcalc::test
