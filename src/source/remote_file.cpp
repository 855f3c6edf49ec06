#include "source/remote_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "model/printable.hpp"
#include "source/child_process.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_piece = std::uint64_t{4} << 20;
constexpr std::uint64_t most_read = std::uint64_t{64} << 20;  // headers of real files are 30 MB at most
constexpr std::uint64_t most_kept = most_read + largest_piece;

// A progress line that is rewritten in place and erased at the end.
class ProgressLine {
 public:
  ~ProgressLine() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }
  void show(const std::string& name, std::uint64_t bytes) {
    if (!terminal_) return;
    std::fputs(
        fmt::format("\r\033[Kreading {} ({:.1f} MB)", printable(name, 60), static_cast<double>(bytes) / 1e6)
            .c_str(),
        stderr);
    shown_ = true;
  }

 private:
  bool terminal_ = messages_go_to_a_terminal();
  bool shown_ = false;
};

class Beginning {
 public:
  Beginning(std::shared_ptr<HttpClient> client, RemoteFile file)
      : client_(std::move(client)), file_(std::move(file)) {
    read_kept();
    if (!file_.size && bytes_.empty()) extend(1);
  }
  Beginning(const Beginning&) = delete;
  Beginning& operator=(const Beginning&) = delete;
  ~Beginning() {
    try {
      if (grown_) keep();
    } catch (const std::exception&) {
      // If it cannot be stored, it is read again next time.
    }
  }

  const std::string& name() const { return file_.name; }
  std::uint64_t size() const { return file_.size.value_or(bytes_.size()); }

  std::size_t read(std::uint64_t offset, std::span<char> into) {
    const std::uint64_t end = std::min<std::uint64_t>(offset + into.size(), size());
    if (offset >= end) return 0;
    if (end > most_read)
      throw Error(ErrorCode::bad_file,
                  fmt::format("{}: its header is longer than {} MiB", file_.name, most_read >> 20));
    while (bytes_.size() < end) extend(end);
    const auto count = static_cast<std::size_t>(end - offset);
    std::memcpy(into.data(), bytes_.data() + offset, count);
    return count;
  }

 private:
  void extend(std::uint64_t end) {
    const std::uint64_t piece = std::clamp<std::uint64_t>(bytes_.size(), file_.first_piece, largest_piece);
    std::uint64_t length = std::max(piece, end - bytes_.size());
    if (file_.size) length = std::min(length, *file_.size - bytes_.size());
    progress_.show(file_.name, bytes_.size());
    const auto answer = client_->get({file_.url, bytes_.size(), length, file_.with_token});
    if (!answer) fail_unreachable(file_.name, client_->why_not());
    take(*answer, length);
  }

  void take(const HttpAnswer& answer, std::uint64_t length) {
    if (answer.status != 200 && answer.status != 206) fail_status(file_.name, answer.status);
    if (answer.size && file_.size && *answer.size != *file_.size)
      throw Error(ErrorCode::bad_file, fmt::format("{}: the server has {} bytes where {} were announced",
                                                   file_.name, *answer.size, *file_.size));
    if (!file_.size) file_.size = answer.size ? *answer.size : answer.body.size();
    const std::uint64_t expected =
        std::min<std::uint64_t>(length, *file_.size - std::min<std::uint64_t>(*file_.size, bytes_.size()));
    if (answer.body.size() < expected || answer.body.empty())
      throw Error(ErrorCode::bad_file, fmt::format("{}: the server sent {} bytes where {} were asked for",
                                                   file_.name, answer.body.size(), expected));
    bytes_ += answer.body;
    grown_ = true;
  }

  // SIZE and a line break, then the beginning of the file.
  void read_kept() {
    if (file_.kept_as.empty()) return;
    std::error_code code;
    if (!fs::is_regular_file(file_.kept_as, code) || fs::file_size(file_.kept_as, code) > most_kept) return;
    std::ifstream in(file_.kept_as, std::ios::binary);
    std::uint64_t size = 0;
    if (!(in >> size) || in.get() != '\n' || (file_.size && *file_.size != size)) return;
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    if (bytes.size() > size || bytes.empty()) return;
    file_.size = size;
    bytes_ = std::move(bytes);
  }

  void keep() const {
    if (file_.kept_as.empty()) return;
    fs::create_directories(file_.kept_as.parent_path());
    const fs::path unfinished = file_.kept_as.string() + ".part";
    {
      std::ofstream out(unfinished, std::ios::binary);
      out << size() << '\n' << bytes_;
      if (!out.flush()) return;
    }
    fs::rename(unfinished, file_.kept_as);
  }

  std::shared_ptr<HttpClient> client_;
  RemoteFile file_;
  std::string bytes_;
  bool grown_ = false;
  ProgressLine progress_;
};

std::string meaning_of(int status) {
  switch (status) {
    case 401: return "not found or not public; if you have access, set HF_TOKEN";
    case 403: return "the server refuses it; accept its terms on its page and set HF_TOKEN";
    case 404: return "the server has no such file or repository";
    case 416: return "the file on the server is shorter than announced";
    case 429: return "the server received too many requests; wait a little or set HF_TOKEN";
    default: return fmt::format("the server answers with status {}", status);
  }
}

}  // namespace

ByteSource remote_source(std::shared_ptr<HttpClient> client, RemoteFile file) {
  auto beginning = std::make_shared<Beginning>(std::move(client), std::move(file));
  return {beginning->name(), beginning->size(),
          [beginning](std::uint64_t offset, std::span<char> into) { return beginning->read(offset, into); }};
}

void fail_status(const std::string& name, int status) {
  throw Error(ErrorCode::bad_file, fmt::format("{}: {}", name, meaning_of(status)));
}

void fail_unreachable(const std::string& name, const std::string& why) {
  throw Error(ErrorCode::bad_file, fmt::format("{}: {}", name, why));
}

}  // namespace vramcalc::source
