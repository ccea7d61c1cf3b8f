//! The page in headless Chromium: no complaint in its console, tables that sort, a print, no sideways scroll on a phone, text
//! that stands out in light and dark.
//!
//! Chromium is Debian's package `chromium`, or what the variable `LBSIM_CHROMIUM` names. Where there is none the tests say so and
//! pass, unless `LBSIM_NEEDS_CHROMIUM` is set, as it is where changes are let in.

use super::sample_page;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// A browser, with a folder of its own that goes when it goes.
struct Browser {
    program: String,
    folder: PathBuf,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Browser {
    /// The browser, for the test called `name`.
    fn open(name: &str) -> Option<Self> {
        let named = std::env::var("LBSIM_CHROMIUM").ok();
        let programs = named.into_iter().chain(["chromium", "chromium-browser", "google-chrome"].map(String::from));
        let works =
            |program: &String| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
        let Some(program) = programs.into_iter().find(works) else {
            assert!(std::env::var_os("LBSIM_NEEDS_CHROMIUM").is_none(), "there is no Chromium, and LBSIM_NEEDS_CHROMIUM is set");
            println!("skipped: there is no Chromium (apt-get install chromium), so no browser opened the page");
            return None;
        };
        let folder = std::env::temp_dir().join(format!("lbsim-page-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Some(Self { program, folder })
    }

    /// Opens a document: what it printed, and what the document's console said.
    fn show(&self, document: &str, arguments: &[&str]) -> (String, Vec<String>) {
        let file = self.folder.join("document.html");
        std::fs::write(&file, document).unwrap();
        let mut command = Command::new(&self.program);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr"]);
        command.arg(format!("--user-data-dir={}", self.folder.join("profile").display()));
        let output = command.args(arguments).arg(format!("file://{}", file.display())).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "Chromium fails:\n{said}");
        let console = said.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect();
        (String::from_utf8_lossy(&output.stdout).into_owned(), console)
    }

    /// The page in frames as wide as a phone and as wide as a screen; what the probe found in each.
    fn probe(&self, scheme: &str) -> [Value; 2] {
        let page = sample_page().replace('&', "&amp;").replace('"', "&quot;");
        let frame = |width: u32| format!("<iframe srcdoc=\"{page}\" style=\"width:{width}px;height:800px;border:0\"></iframe>");
        let document = format!(
            "<!DOCTYPE html><meta charset=\"utf-8\">{}{}<pre id=\"found\"></pre><script>{PROBE}</script>",
            frame(320),
            frame(1280)
        );
        let (dom, console) = self.show(&document, &["--dump-dom", &format!("--blink-settings=preferredColorScheme={scheme}")]);
        assert!(console.is_empty(), "{console:#?}");
        let found = dom.split("<pre id=\"found\">").nth(1).and_then(|rest| rest.split("</pre>").next()).unwrap();
        serde_json::from_str(found).unwrap_or_else(|error| panic!("{error}: {found}"))
    }
}

const LIGHT: &str = "1";
const DARK: &str = "0";
/// Contrast of text against its ground that everyone can read (WCAG 2.2, success criterion 1.4.3).
const LEAST_CONTRAST: f64 = 4.5;

/// Looks into each frame, and clicks: what it finds, without the letters that mean something in HTML.
const PROBE: &str = r#"
addEventListener("load", () => {
  const channel = (c) => (c /= 255, c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const found = Array.from(document.querySelectorAll("iframe"), (frame) => {
    const page = frame.contentDocument, root = page.documentElement, style = frame.contentWindow.getComputedStyle;
    const ground = (node) => {
      for (; node; node = node.parentElement) {
        const colour = parts(style(node).backgroundColor);
        if (colour.length === 3 || colour[3] > 0) return colour;
      }
      return [255, 255, 255];
    };
    // What lies under a text of a picture: every shape drawn before it that holds its middle or its ends, one upon the other.
    const under = (text) => {
      const box = text.getBoundingClientRect(), y = box.top + box.height / 2;
      const shapes = Array.from(text.ownerSVGElement.querySelectorAll("rect, polygon, circle, path"));
      const before = shapes.filter((shape) => shape.compareDocumentPosition(text) & 4 && style(shape).fill !== "none");
      return [0.02, 0.5, 0.98].map((part) => {
        const at = new DOMPoint(box.left + box.width * part, y);
        let colour = ground(text).slice(0, 3);
        for (const shape of before) {
          if (!shape.isPointInFill(at.matrixTransform(shape.getScreenCTM().inverse()))) continue;
          const look = style(shape), [r, g, b, own = 1] = parts(look.fill), over = own * look.opacity * look.fillOpacity;
          colour = colour.map((old, index) => old * (1 - over) + [r, g, b][index] * over);
        }
        return colour;
      });
    };
    const overflow = root.scrollWidth - root.clientWidth;
    page.querySelectorAll("details").forEach((details) => (details.open = true));
    const overflow_open = root.scrollWidth - root.clientWidth;
    let least = 99, worst = "", texts = 0;
    for (const node of page.body.querySelectorAll("*")) {
      const says = Array.from(node.childNodes).some((child) => child.nodeType === 3 && child.data.trim());
      if (!says || node.closest("script, .hidden")) continue;
      const colour = style(node)[node.closest("svg") ? "fill" : "color"];
      const grounds = node.closest("svg") ? under(node) : [ground(node)];
      const ratio = Math.min(...grounds.map((under) => contrast(light(parts(colour)), light(under))));
      texts += 1;
      if (ratio < least) [least, worst] = [ratio, node.tagName + " " + colour + " " + node.textContent.slice(0, 40)];
    }
    const column = (table, name) => {
      const heads = Array.from(table.tHead.rows[0].cells);
      const at = heads.findIndex((head) => head.textContent.trim().startsWith(name));
      const click = () => {
        heads[at].querySelector("button").click();
        const keys = Array.from(table.tBodies[0].rows, (row) => row.cells[at].dataset.key ?? row.cells[at].textContent);
        return { keys, sorted: heads.map((head) => head.getAttribute("aria-sort")).filter((sort) => sort) };
      };
      return [click(), click()];
    };
    const points = page.getElementById("table-points");
    const number = column(points, "mean response time"), words = column(points, "strategy");
    const tabbed = Array.from(points.querySelectorAll("thead button"), (button) => button.tabIndex);
    const svg = page.querySelector("svg").getBoundingClientRect().width;
    const scrolls = Array.from(page.querySelectorAll(".scroll"), (box) => ({
      scrolls: box.scrollWidth > box.clientWidth,
      reached: box.tabIndex === 0 && box.hasAttribute("role"),
      shaded: style(box).backgroundImage.split("linear-gradient").length === 5,
      covered: box.firstElementChild.matches("svg") && style(box.querySelector("svg > rect")).fill !== "none",
    }));
    const dark = style(page.body).backgroundColor;
    return { overflow, overflow_open, least, worst, texts, number, words, tabbed, svg, scrolls, dark };
  });
  document.getElementById("found").textContent = JSON.stringify(found).replace(/[<>&]/g, " ");
});
"#;

fn keys(click: &Value) -> Vec<&str> {
    click["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect()
}

/// The numbers of a sorted column, and what stands after them.
fn numbers(click: &Value) -> (Vec<f64>, usize) {
    let keys = keys(click);
    let numbers: Vec<f64> = keys.iter().map_while(|key| key.parse().ok()).collect();
    let rest = keys.len() - numbers.len();
    (numbers, rest)
}

#[test]
fn a_click_on_a_heading_sorts_and_a_second_one_turns_the_order() {
    let Some(browser) = Browser::open("sort") else { return };
    let [_, wide] = browser.probe(LIGHT);
    let ((up, missing), (down, missing_too)) = (numbers(&wide["number"][0]), numbers(&wide["number"][1]));
    assert_eq!((up.len(), missing, missing_too), (11, 1, 1), "the point without a figure stays last");
    assert!(up.is_sorted() && down.iter().rev().is_sorted() && up[0] < up[10], "{up:?} {down:?}");
    assert_eq!([0, 1].map(|click| wide["number"][click]["sorted"].to_string()), ["[\"ascending\"]", "[\"descending\"]"]);
    let words = keys(&wide["words"][0]);
    assert_eq!((words[0], words[11]), ("JoinShortestQueue", "RoundRobin"));
    let tabbed = wide["tabbed"].as_array().unwrap();
    assert!(tabbed.len() >= 6 && tabbed.iter().all(|index| index == 0), "each heading is reached by the keyboard");
}

#[test]
fn the_page_fits_a_phone_and_its_text_stands_out_in_light_and_dark() {
    let Some(browser) = Browser::open("look") else { return };
    let grounds = [LIGHT, DARK].map(|scheme| {
        let frames = browser.probe(scheme);
        for frame in &frames {
            assert_eq!((&frame["overflow"], &frame["overflow_open"]), (&0.into(), &0.into()), "the page scrolls sideways");
            assert!(frame["texts"].as_u64().unwrap() > 300);
            assert!(frame["least"].as_f64().unwrap() >= LEAST_CONTRAST, "{} : 1 for {}", frame["least"], frame["worst"]);
        }
        let scrolls = frames[0]["scrolls"].as_array().unwrap();
        assert!(scrolls.iter().filter(|one| one["scrolls"] == true).count() >= 9, "charts and tables wider than a phone");
        for one in scrolls {
            assert!(one["reached"] == true, "what scrolls is reached by the keyboard");
            assert!(one["shaded"] == true && one["covered"] == false, "its edge shows that it goes on");
        }
        assert!(frames[1]["svg"].as_f64().unwrap() > 1000.0, "charts are as wide as the page");
        frames[1]["dark"].clone()
    });
    assert_eq!(grounds, ["rgb(255, 255, 255)", "rgb(21, 24, 28)"]);
}

#[test]
fn the_page_prints_and_its_console_stays_empty() {
    let Some(browser) = Browser::open("print") else { return };
    let pdf = browser.folder.join("page.pdf");
    let print = format!("--print-to-pdf={}", pdf.display());
    let (_, console) = browser.show(&sample_page(), &[&print, "--no-pdf-header-footer"]);
    assert!(console.is_empty(), "{console:#?}");
    let bytes = std::fs::read(&pdf).unwrap();
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 20_000, "{} bytes", bytes.len());

    // A page that does complain is heard: its script is not the one that the policy lets run.
    let (_, console) = browser.show(&sample_page().replace("\"use strict\";", "\"use strict\"; 1;"), &["--dump-dom"]);
    assert!(console.len() == 1 && console[0].contains("Content Security Policy"), "{console:#?}");
}
