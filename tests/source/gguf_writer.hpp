#pragma once

#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// Writes valid and invalid GGUF headers for tests.
class GgufWriter {
 public:
  explicit GgufWriter(std::uint32_t version = 3) : version_(version) {}

  enum : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, list, u64, i64, f64 };

  GgufWriter& key(std::string_view name, std::uint32_t type, std::string_view raw_value) {
    string(keys_, name);
    number<std::uint32_t>(keys_, type);
    keys_ += raw_value;
    ++key_count_;
    return *this;
  }
  GgufWriter& key(std::string_view name, std::uint32_t value) {
    return key(name, u32, raw<std::uint32_t>(value));
  }
  GgufWriter& key(std::string_view name, std::string_view value) {
    std::string bytes;
    string(bytes, value);
    return key(name, text, bytes);
  }
  GgufWriter& flag(std::string_view name, bool value) {
    return key(name, boolean, std::string(1, value ? '\1' : '\0'));
  }
  GgufWriter& real(std::string_view name, float value) {
    return key(name, f32, raw<std::uint32_t>(std::bit_cast<std::uint32_t>(value)));
  }
  GgufWriter& numbers(std::string_view name, const std::vector<std::int64_t>& values) {
    std::string bytes = raw<std::uint32_t>(i32) + raw<std::uint64_t>(values.size());
    for (std::int64_t value : values) number<std::uint32_t>(bytes, static_cast<std::uint32_t>(value));
    return key(name, list, bytes);
  }
  GgufWriter& flags(std::string_view name, const std::vector<bool>& values) {
    std::string bytes = raw<std::uint32_t>(boolean) + raw<std::uint64_t>(values.size());
    for (bool value : values) bytes += value ? '\1' : '\0';
    return key(name, list, bytes);
  }
  GgufWriter& texts(std::string_view name, const std::vector<std::string>& values) {
    std::string bytes = raw<std::uint32_t>(text) + raw<std::uint64_t>(values.size());
    for (const std::string& value : values) string(bytes, value);
    return key(name, list, bytes);
  }

  GgufWriter& tensor(std::string_view name, const std::vector<std::uint64_t>& shape, std::uint32_t type,
                     std::uint64_t offset) {
    string(tensors_, name);
    number<std::uint32_t>(tensors_, static_cast<std::uint32_t>(shape.size()));
    for (std::uint64_t dimension : shape) number<std::uint64_t>(tensors_, dimension);
    number<std::uint32_t>(tensors_, type);
    number<std::uint64_t>(tensors_, offset);
    ++tensor_count_;
    return *this;
  }

  // The header, padded to the start of the data, and that many bytes of data.
  std::string bytes(std::uint64_t data = 0, std::uint64_t alignment = 32) const {
    std::string result = "GGUF" + raw<std::uint32_t>(version_) + raw<std::uint64_t>(tensor_count_) +
                         raw<std::uint64_t>(key_count_) + keys_ + tensors_;
    if (tensor_count_ > 0) result.resize((result.size() + alignment - 1) / alignment * alignment);
    result.resize(result.size() + data);
    return result;
  }

  void claim_tensors(std::uint64_t count) { tensor_count_ = count; }
  void claim_keys(std::uint64_t count) { key_count_ = count; }

  template <class T>
  static std::string raw(T value) {
    std::string bytes;
    number<T>(bytes, value);
    return bytes;
  }
  template <class T>
  static void number(std::string& bytes, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
  }
  static void string(std::string& bytes, std::string_view value) {
    number<std::uint64_t>(bytes, value.size());
    bytes += value;
  }

 private:
  std::uint32_t version_;
  std::uint64_t key_count_ = 0, tensor_count_ = 0;
  std::string keys_, tensors_;
};

// A temporary folder for one test.
class ScratchFolder {
 public:
  ScratchFolder() {
    static int next = 0;
    do
      path_ = std::filesystem::temp_directory_path() /
              ("vramcalc-test-" + std::to_string(std::random_device{}()) + "-" + std::to_string(next++));
    while (!std::filesystem::create_directory(path_));
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path(std::string_view name = {}) const { return (path_ / name).string(); }

  // Writes a file, extended by a hole to `size` if given.
  std::string write(std::string_view name, std::string_view bytes, std::uint64_t size = 0) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    if (size > bytes.size()) std::filesystem::resize_file(file, size);
    return file.string();
  }

 private:
  std::filesystem::path path_;
};
