#include "cli/site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "cli/output.hpp"
#include "model/letters.hpp"
#include "render/html/site.hpp"

namespace vramcalc::cli {
namespace {

namespace html = render::html;

// ---- work for all cores

// Shows on a terminal how far the work is.
class Progress {
 public:
  explicit Progress(std::size_t all) : all_(all), shown_(stderr_is_terminal()) {}
  ~Progress() {
    if (shown_) write_stderr("\r\033[K");
  }
  void show(std::size_t done) const {
    constexpr std::size_t length = 30;
    const std::size_t full = all_ == 0 ? length : length * done / all_;
    if (shown_)
      write_stderr(fmt::format("\r[{}{}] {} of {} pages", std::string(full, '#'),
                               std::string(length - full, '.'), done, all_));
  }

 private:
  std::size_t all_;
  bool shown_;
};

// Calls `work` with each number below `count`, on all cores. Its first error is thrown here.
template <class Work>
void on_all_cores(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next = 0, done = 0;
  std::exception_ptr error;
  std::mutex only_one;
  const auto take_turns = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(only_one);
        if (!error) error = std::current_exception();
        next = count;
      }
      ++done;
    }
  };
  std::vector<std::thread> threads;
  std::atomic<std::size_t> running = std::max(1u, std::thread::hardware_concurrency());
  for (std::size_t i = running; i > 0; --i) threads.emplace_back([&] { take_turns(), --running; });
  {
    const Progress progress(count);
    for (; running > 0; std::this_thread::sleep_for(std::chrono::milliseconds(20))) progress.show(done);
  }
  for (std::thread& thread : threads) thread.join();
  if (error) std::rethrow_exception(error);
}

// ---- the site

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw Error(ErrorCode::output,
                fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
}

class Site {
 public:
  Site(const Invocation& invocation, Answer answer)
      : invocation_(invocation), answer_(answer), folder_(invocation.folder) {
    style_.units = invocation.units;
    for (const char* each : {"models", "gpus", "families"}) make_folder(folder_ / each);
  }

  std::size_t write() {
    write_models();
    write_devices();
    write_families();
    write("index.html", html::index_page(models_, devices_, style_));
    if (!invocation_.base_url.empty()) {
      write("sitemap.xml", html::sitemap(invocation_.base_url, {paths_.begin(), paths_.end()}));
    }
    return paths_.size();
  }

 private:
  Question question(Command command) const {
    Question question = invocation_.question;
    question.command = command;
    return question;
  }

  void write(const std::string& path, const std::string& text) {
    write_file((folder_ / path).string(), text);
    const std::lock_guard lock(only_one_);
    paths_.insert(path);
  }

  // No runtime runs all models of the catalog.
  std::optional<OverviewReport> overview(const std::string& id) const {
    Question asked = question(Command::overview);
    asked.model = id;
    asked.page = true;
    try {
      Report report = answer_.of_model(asked);
      if (auto* overview = std::get_if<OverviewReport>(&report); overview->page) return std::move(*overview);
    } catch (const Error& refusal) {
      if (refusal.code() != ErrorCode::unsupported && refusal.code() != ErrorCode::bad_value) throw;
    }
    return std::nullopt;
  }

  // With those that need no calculation to be left out.
  void list_models() {
    const Report listing = answer_.of_model(question(Command::models));
    for (const ModelListing::Row& row : std::get<ModelListing>(listing).rows) {
      const bool is_wanted = contains_letters(row.family, invocation_.question.recommend.family);
      if (row.incomplete.empty() && is_wanted)
        ids_.push_back(row.id);
      else
        without_page_.insert(row.id);
    }
  }

  void write_model(std::size_t i) {
    const auto report = overview(ids_[i]);
    if (!report) return;
    write("models/" + ids_[i] + ".html", html::site_model_page(*report, without_page_, style_));
    entries_[i] = html::entry_of(*report);
    for (const RelatedModel& each : report->related) related_[i].push_back(each.id);
    const std::lock_guard lock(only_one_);
    if (devices_.empty()) devices_ = report->page->devices;  // the same for all
  }

  // Which models have no page is known when all are done; those that link to one of these are then written
  // again.
  void write_models() {
    list_models();
    entries_.resize(ids_.size());
    related_.resize(ids_.size());
    on_all_cores(ids_.size(), [&](std::size_t i) { write_model(i); });
    html::Ids refused;
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (!entries_[i]) refused.insert(ids_[i]);
    const auto is_refused = [&](const std::string& id) { return refused.contains(id); };
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (std::ranges::any_of(related_[i], is_refused)) again.push_back(i);
    without_page_.merge(refused);
    on_all_cores(again.size(), [&](std::size_t i) { write_model(again[i]); });
    for (const auto& entry : entries_)
      if (entry) models_.push_back(*entry);
  }

  void write_devices() {
    on_all_cores(devices_.size(), [&](std::size_t i) {
      Question asked = question(Command::recommend);
      asked.gpu = devices_[i].id;
      const Report report = answer_.of_model(asked);
      write("gpus/" + devices_[i].id + ".html",
            html::device_page(std::get<RecommendReport>(report), devices_[i], style_));
    });
  }

  void write_families() {
    std::set<std::string> families;
    for (const html::ModelEntry& model : models_)
      if (!model.family.empty()) families.insert(model.family);
    for (const std::string& family : families)
      write("families/" + html::family_file(family), html::family_page(family, models_, style_));
  }

  const Invocation& invocation_;
  Answer answer_;
  std::filesystem::path folder_;
  render::Style style_;
  std::mutex only_one_;  // of what follows
  std::set<std::string> paths_;
  std::vector<PageFigures::Device> devices_;
  std::vector<html::ModelEntry> models_;
  std::vector<std::string> ids_;
  std::vector<std::optional<html::ModelEntry>> entries_;  // empty: no runtime runs it
  std::vector<std::vector<std::string>> related_;
  html::Ids without_page_;
};

}  // namespace

Outcome write_site(const Invocation& invocation, Answer answer) {
  const std::size_t files = Site(invocation, answer).write();
  const std::string_view hint = invocation.base_url.empty() ? "; --base-url adds a sitemap.xml" : "";
  return {fmt::format("{} files in {}{}\n", files, invocation.folder, hint), "", 0};
}

}  // namespace vramcalc::cli
