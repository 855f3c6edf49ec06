#!/usr/bin/env python3
"""pages_test.py PROGRAM basics|browser: makes pages with PROGRAM and checks them.

`basics` needs nothing else, and runs tidy where it is installed. `browser` drives each page in headless Chromium:
it chooses every quantization, sorts by every column, searches, and changes the theme. Without Chromium it is skipped
(exit status 77). VRAMCALC_PICTURES=DIR keeps pictures, at 1280 and 390 pixels, light and dark.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"]

QUESTIONS = {
    "llama": ["llama-3.1-8b"],
    "deepseek": ["deepseek-r1", "--gpu", "rtx-5090"],
    "mamba": ["mamba-codestral-7b"],
    "short": ["bloom-560m"],
    "engine": ["qwen3-8b", "-q", "FP8"],
    "all": ["gemma-3-27b", "--all", "--units", "GiB"],
    "check": ["check", "llama-3.3-70b", "--gpu", "2x rtx-4090", "-c", "32K"],
    "plan": ["plan", "gpt-oss-120b", "--gpu", "rtx-4090", "--ram", "128GiB"],
    "recommend": ["recommend", "--gpu", "rtx-3060-12gb"],
    "compare": ["compare", "qwen3-8b", "gemma-3-12b", "-q", "Q4_K_M,Q8_0", "--gpu", "16GiB"],
    "models": ["models", "qwen3"],
    "gpus": ["gpus"],
    "systems": ["systems", "mac"],
    "quants": ["quants"],
}
MODEL_PAGES = ["llama", "deepseek", "mamba", "short", "engine", "all"]

# Uses a page as a reader does, and writes down what went wrong.
DRIVER = """
<script>
(() => {
  const wrong = [], all = (css) => [...document.querySelectorAll(css)];
  const expect = (is, what) => { if (!is) wrong.push(what); };
  addEventListener('error', (event) => wrong.push(event.message));
  const shown = (name) => document.querySelector(`[data-show="${name}"]`)?.textContent;
  const data = JSON.parse(document.getElementById('figures').textContent);
  const rows = all('.devices tr[data-i]').length;
  for (const choice of data.choices) {
    const radio = all('#quantizations input')[data.choices.indexOf(choice)];
    radio.click();
    expect(shown('need') === choice.need, `${choice.name}: ${shown('need')} is shown instead of ${choice.need}`);
    expect(shown('name') === choice.name, `${choice.name}: the name`);
    expect(all('#quantizations tr.chosen').length === 1, `${choice.name}: one row is chosen`);
    expect(all('.devices tr[data-i]').length === rows, `${choice.name}: every device is there`);
    for (const body of all('.devices tbody'))
      for (const row of body.querySelectorAll('tr[data-i]'))
        expect(choice.verdicts[row.dataset.i] === body.dataset.v, `${choice.name}: a device with a wrong verdict`);
    expect(!all('svg.chart polyline.chosen').some((line) => /NaN|undefined/.test(line.getAttribute('points'))),
           `${choice.name}: the chart`);
    const cell = all('#quantizations tr.chosen td[data-sort]')[1];
    expect(cell.textContent.trim() === choice.need, `${choice.name}: ${cell.textContent} in its row`);
  }
  for (const button of all('#quantizations thead button')) {
    for (const order of ['ascending', 'descending']) {
      button.click();
      const head = button.parentElement;
      expect(head.getAttribute('aria-sort') === order, `sorted by ${button.textContent}`);
      const keys = all('#quantizations tbody tr').map((row) => row.cells[head.cellIndex].dataset.sort);
      if (keys[0] === undefined) continue;
      const sorted = [...keys].sort((a, b) => order === 'ascending' ? a - b : b - a);
      expect(String(keys) === String(sorted), `sorted by ${button.textContent}: ${keys}`);
    }
  }
  all('.devices .foot button').forEach((button) => { button.click(); button.click(); });
  const search = document.getElementById('find'), look = (text) => {
    search.value = text; search.dispatchEvent(new Event('input'));
    return all('.devices tr[data-i]').filter((row) => row.getClientRects().length).length;
  };
  expect(look('rtx 4090') >= 1, 'the search finds a GPU');
  expect(look('no such thing') === 0, 'the search finds nothing');
  expect(look('') > 8, 'an empty search shows the usual rows');
  const theme = document.getElementById('theme'), before = getComputedStyle(document.body).backgroundColor;
  theme.click();
  expect(getComputedStyle(document.body).backgroundColor !== before, 'the theme changes');
  theme.click();
  expect(document.documentElement.scrollWidth <= innerWidth,
         `the page is ${document.documentElement.scrollWidth} wide on a screen of ${innerWidth}`);
  const out = document.createElement('pre');
  out.id = 'driven';
  out.textContent = JSON.stringify(wrong);
  document.body.append(out);
})();
</script>
"""


def write_pages(program, folder):
    pages = {}
    for name, words in QUESTIONS.items():
        answer = subprocess.run([program, *words, "--format", "html"], capture_output=True, check=False)
        if answer.returncode > 1:
            raise SystemExit(f"{' '.join(words)}: {answer.stderr.decode()}")
        pages[name] = folder / f"{name}.html"
        pages[name].write_bytes(answer.stdout)
    return pages


def tidy_problems(paths):
    if shutil.which("tidy") is None:
        print("tidy is not installed, so the markup is checked by check_page.py alone")
        return []
    problems = []
    for path in paths:
        command = ["tidy", "-q", "-e", "-utf8", "--drop-empty-elements", "no", str(path)]
        problems += subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()
    return problems


# A small site: all kinds of its pages.
def write_site(program, folder):
    command = [program, "site", str(folder / "site"), "--family", "llama 3.1", "--base-url", "https://example.org/x"]
    subprocess.run(command, check=True, capture_output=True)
    return sorted((folder / "site").rglob("*.html"))


def broken_links(paths):
    for path in paths:
        for link in re.findall(r'href="([^"]*)"', path.read_text(encoding="utf-8")):
            target = link.partition("#")[0]
            if link.startswith(("https://", "#")):
                continue
            if not (path.parent / target).is_file():
                yield f"{path}: {link} leads nowhere"


def basics(program, folder):
    site = write_site(program, folder)
    paths = [*write_pages(program, folder).values(), *site[:12], *site[-12:]]
    status = subprocess.run([sys.executable, str(HERE / "check_page.py"), *map(str, paths)], check=False).returncode
    for problem in [*tidy_problems(paths), *broken_links(site)]:
        status = 1
        print(problem)
    return status


def browse(browser, folder, width, *words):
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
               f"--user-data-dir={folder}/profile{width}", f"--window-size={width},1400", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def drive(browser, folder, path, width):
    driven = folder / f"driven-{path.name}"
    driven.write_text(path.read_text(encoding="utf-8").replace("</body>", DRIVER + "</body>"), encoding="utf-8")
    result = browse(browser, folder, width, "--dump-dom", driven.as_uri())
    found = re.search(r'<pre id="driven">(.*?)</pre>', result.stdout, re.S)
    wrong = json.loads(found.group(1).replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")) if found else ["the page was not driven to its end"]
    wrong += [line for line in result.stderr.splitlines() if "CONSOLE" in line]
    return [f"{path.stem} at {width}: {each}" for each in wrong]


def take_pictures(browser, folder, paths, into):
    for path in paths:
        for width in (1280, 390):
            for theme, words in (("light", []), ("dark", ["--blink-settings=preferredColorScheme=0"])):
                picture = pathlib.Path(into).resolve() / f"{path.stem}-{width}-{theme}.png"
                browse(browser, folder / "pictures", width, *words, f"--screenshot={picture}", path.as_uri())


def in_browser(program, folder):
    browser = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if browser is None:
        print("skipped: there is no Chromium (Debian: apt install chromium)")
        return SKIPPED
    pages = write_pages(program, folder)
    wrong = []
    for name in MODEL_PAGES:
        for width in (1280, 390):
            wrong += drive(browser, folder, pages[name], width)
    print("\n".join(wrong))
    if os.environ.get("VRAMCALC_PICTURES"):
        take_pictures(browser, folder, pages.values(), os.environ["VRAMCALC_PICTURES"])
    return 1 if wrong else 0


def main():
    program, what = sys.argv[1:]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        check = {"basics": basics, "browser": in_browser}[what]
        return check(os.path.abspath(program), pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
