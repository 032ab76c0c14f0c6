#include "client/commands/watch.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/client.h"
#include "client/commands/interrupts.h"
#include "client/commands/number_range.h"
#include "client/watch/status_view.h"
#include "client/watch/styled_text.h"
#include "client/watch/terminal.h"
#include "client/watch/watch_pages.h"

namespace mlp {
namespace {

constexpr char kWatchExamples[] =
    R"(Quit with q or Ctrl-C; scroll with the arrows, j and k, space and page up. The drift is the
distance of the last window from the baseline, relative to the level that chance exceeds
once in 1,000 windows. Above 1 is drift. NO_COLOR in the environment turns the colours off.

Examples:
  mlp-client watch
  mlp-client watch digits-tanh
  mlp-client watch --once | grep '!'

--address and --timeout (mlp-client --help) also work here.)";

using WatchClock = std::chrono::steady_clock;

// The width of a page for a pipe. Its lines are not cut.
constexpr std::size_t kPipeColumns = 120;

constexpr std::chrono::milliseconds kBetweenKeys(50);

absl::StatusOr<StatusView> AskStatus(const Client& client, const std::string& model,
                                     const KeepGoing& keep_going) {
  const absl::StatusOr<std::string> text = client.StatusJson(model, keep_going);
  if (!text.ok()) return text.status();
  return ReadStatus(*text);
}

std::vector<StyledText> PageOf(const StatusView& status, const std::string& model,
                               std::size_t columns) {
  return model.empty() ? ServerPage(status, columns) : ModelPage(status, columns);
}

// https://no-color.org
bool WantsColours() {
  const char* const no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  return no_color == nullptr || *no_color == '\0';
}

// What the terminal shows, and the scroll position.
class Screen final {
 public:
  Screen(const WatchOptions& options, Interrupts& interrupts)
      : options_(options), colours_(WantsColours()), interrupts_(interrupts) {}

  void Take(absl::StatusOr<StatusView> status) {
    error_ = status.ok() ? "" : std::string(status.status().ToString());
    if (status.ok()) status_ = *std::move(status);
    Draw();
  }

  // Reads keys for at most `patience`. False if watching should end.
  bool HandleKeys(std::chrono::milliseconds patience) {
    if (interrupts_.Take()) return false;
    const std::optional<Key> key = terminal_.ReadKey(patience);
    if (key == Key::kQuit || interrupts_.Take()) return false;
    const TerminalSize size = Terminal::Size();
    const bool resized = size.columns != size_.columns || size.rows != size_.rows;
    if (key) Move(*key);
    if (key || resized) Draw();
    return true;
  }

 private:
  void Move(Key key) {
    const std::size_t page = size_.rows > 2 ? size_.rows - 2 : 1;
    const std::size_t step = key == Key::kPageUp || key == Key::kPageDown ? page : 1;
    if (key == Key::kDown || key == Key::kPageDown) first_ += step;
    if (key == Key::kUp || key == Key::kPageUp) first_ -= std::min(first_, step);
  }

  void Draw() {
    size_ = Terminal::Size();
    const std::vector<StyledText> lines = PageOf(status_, options_.model, size_.columns);
    const std::size_t room = size_.rows - 1;
    first_ = std::min(first_, lines.size() - std::min(lines.size(), room));
    StyledText footer("q quits", TextStyle::kFaint);
    if (lines.size() > room) {
      const std::size_t last = std::min(lines.size(), first_ + room);
      footer.Add(absl::StrCat("  lines ", first_ + 1, " to ", last, " of ", lines.size()),
                 TextStyle::kFaint);
    }
    if (!error_.empty()) footer.Add("  ").Add(error_, TextStyle::kBad);
    terminal_.Draw(lines, first_, footer, colours_);
  }

  const WatchOptions& options_;
  const bool colours_;
  Interrupts& interrupts_;
  Terminal terminal_;
  TerminalSize size_;
  StatusView status_;
  std::string error_;  // of the last request
  std::size_t first_ = 0;
};

// Updates the screen until the user quits.
void Watch(const Client& client, const WatchOptions& options, Interrupts& interrupts,
           StatusView first) {
  const auto interval = std::chrono::duration_cast<WatchClock::duration>(
      std::chrono::duration<double>(options.interval_seconds));
  Screen screen(options, interrupts);
  screen.Take(std::move(first));
  for (WatchClock::time_point next = WatchClock::now() + interval;;) {
    while (WatchClock::now() < next) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(next - WatchClock::now());
      const auto patience =
          std::clamp(left, std::chrono::milliseconds(1), std::chrono::milliseconds(kBetweenKeys));
      if (!screen.HandleKeys(patience)) return;
    }
    next = WatchClock::now() + interval;
    bool ends = false;
    const auto keep_going = [&] {
      return !(ends = !screen.HandleKeys(std::chrono::milliseconds(0)));
    };
    absl::StatusOr<StatusView> status = AskStatus(client, options.model, keep_going);
    if (ends) return;
    screen.Take(std::move(status));
  }
}

}  // namespace

CLI::App* AddWatchCommand(CLI::App& app, WatchOptions& options) {
  CLI::App* command =
      app.add_subcommand("watch", "Watch the models live: traffic, drift, findings");
  command
      ->add_option("MODEL", options.model,
                   "Show the layers of this model [all models, without layers]")
      ->option_text(" ");
  command->add_flag("--once", options.once, "Print one page without colours, for pipes");
  command->add_option("--interval", options.interval_seconds, "Seconds between updates")
      ->check(NumberIn(0.1, 3600.0))
      ->capture_default_str();
  command->footer(kWatchExamples);
  return command;
}

absl::Status RunWatch(const WatchOptions& options, const ConnectionOptions& connection,
                      Streams streams) {
  if (!options.once) {
    const absl::Status terminal =
        &streams.out == &std::cout
            ? Terminal::Check()
            : absl::FailedPreconditionError("standard output is not a terminal");
    if (!terminal.ok()) {
      return {terminal.code(), absl::StrCat(terminal.message(), "; expected --once")};
    }
  }
  // Must precede gRPC's threads: they would receive the signal, and the process would end
  // immediately.
  std::optional<Interrupts> interrupts;
  // SIGQUIT comes from Ctrl-\, SIGHUP from a closed terminal.
  if (!options.once) interrupts.emplace(std::initializer_list<int>{SIGQUIT, SIGHUP});
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  const auto keep_going = [&] { return !interrupts || !interrupts->Take(); };
  absl::StatusOr<StatusView> status = AskStatus(*client, options.model, keep_going);
  if (!status.ok()) return status.status();
  if (!options.once) {
    Watch(*client, options, *interrupts, *std::move(status));
    return absl::OkStatus();
  }
  for (const StyledText& line : PageOf(*status, options.model, kPipeColumns)) {
    const std::string text = line.ToString(/*most_columns=*/0, /*colours=*/false);
    streams.out << absl::StripTrailingAsciiWhitespace(text) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace mlp
