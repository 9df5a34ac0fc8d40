//! From several needs to a hand-out in the client's language and a file for the road: by mouse, by keyboard,
//! without script, on small screens, on paper, without network.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use fantoccini::Locator;
use fantoccini::key::Key;
use referral_core::capacity::Stated;
use serde_json::json;
use tempfile::TempDir;

use crate::axe;
use crate::browser::{Browser, Scripts};
use crate::listing::Listing;
use crate::samples::varied;
use crate::searching::{choose, fill, submit};
use crate::site::Site;

/// The languages of hand-outs, with what the first heading says.
const TITLES: [(&str, &str); 4] = [
    ("en", "Places that can help you"),
    ("es", "Lugares que pueden ayudarle"),
    ("ht", "Kote ki ka ede w"),
    ("ar", "أماكن يمكنها مساعدتك"),
];

/// Three needs near a place, as a link holds them.
pub(crate) const NEEDS: &str = "need=dom:leg&need=ho:es&need=dom:med&near=Baltimore%2C+MD";

/// Sizes of paper: Letter and A4. Unit: inches.
const PAPERS: [(f64, f64); 2] = [(8.5, 11.0), (8.27, 11.69)];

/// Listings of which one organization answers two needs, and many whose texts are long.
pub(crate) fn town() -> Vec<Listing> {
    let both = Listing::new("both", "Family center")
        .of("name", "Inner Harbor Families")
        .at("300 Light St", "21202")
        .offers("ho:es")
        .offers("dom:leg")
        .speaks("es")
        .speaks("ar")
        .with("application_process", "Call between nine and noon")
        .phone("(410) 555-0120", "", "intake")
        .reported(Stated::Open, Some((4, 12)), 1);
    let long = (0..8).map(|n| {
        Listing::new(&format!("clinic{n}"), &format!("Walk-in clinic number {n}"))
            .at("100 Light St", "21202")
            .offers("dom:med")
            .with(
                "application_process",
                &"Bring a paper with your name on it. ".repeat(9),
            )
            .with("fees_description", &"Pay what you can. ".repeat(9))
            .phone("(410) 555-0130", "12", "front desk, in the morning")
            .phone("(410) 555-0131", "", "in the evening")
            .speaks("es")
            .speaks("ht")
            .reported(Stated::Open, None, 1)
    });
    varied().into_iter().chain([both]).chain(long).collect()
}

#[tokio::test]
async fn several_needs_become_a_hand_out_by_mouse() {
    let site = Site::of(&town());
    let browser = Browser::start().await;

    by_mouse(&browser, &site).await;

    let address = browser.page.current_url().await.expect("an address");
    assert_eq!(address.query(), None, "what is asked is in no address");
    let sheets = browser.texts(".sheet h2").await;
    assert_eq!(
        sheets,
        [
            "Abogado de inmigración o ayuda legal",
            "Un lugar para dormir esta noche"
        ]
    );
    let paper = browser.texts("main").await.join(" ");
    assert!(paper.contains("(410) 555-0120"), "{paper}");
    assert!(
        !paper.contains("Honduras") && !paper.contains("17"),
        "{paper}"
    );
    assert!(paper.contains("todavía no ha revisado"), "{paper}");
}

#[tokio::test]
async fn several_needs_need_no_script() {
    let site = Site::of(&town());
    let browser = Browser::start_with(Scripts::Off).await;

    by_mouse(&browser, &site).await;

    assert_eq!(browser.texts(".sheet h2").await.len(), 2);
}

#[tokio::test]
async fn several_needs_become_a_hand_out_on_a_small_screen_with_large_text() {
    let site = Site::of(&town());
    let browser = Browser::start().await;
    browser.text_size(32).await;
    browser.resize(320, 700).await;

    by_mouse(&browser, &site).await;

    assert_eq!(browser.texts(".sheet h2").await.len(), 2);
}

#[tokio::test]
async fn several_needs_become_a_hand_out_by_keyboard_alone() {
    let site = Site::of(&town());
    let browser = Browser::start().await;
    browser.open(&format!("{}/travel", site.url)).await;

    tab_to(&browser, "need-1").await;
    browser.press([' ']).await;
    tab_to(&browser, "need-4").await;
    browser.press([' ']).await;
    tab_to(&browser, "near").await;
    browser.press("Baltimore, MD".chars()).await;
    browser.press([Key::Enter.into()]).await;
    browser.wait_for("#answer:focus").await;
    tab_to(&browser, "write").await;
    browser.press("Krey".chars()).await;
    browser.press([Key::Tab.into(), Key::Enter.into()]).await;

    browser.wait_for("html[lang=ht] .sheet").await;
    assert_eq!(browser.texts("h1").await, [TITLES[2].1]);
}

#[tokio::test]
async fn who_covers_several_needs_comes_first_and_the_link_holds_needs_and_place_alone() {
    let site = Site::of(&town());
    let browser = Browser::start().await;
    browser.open(&format!("{}/travel?{NEEDS}", site.url)).await;

    let several = browser.texts(".several li").await;
    assert!(
        several[0].starts_with("Inner Harbor Families: "),
        "{several:?}"
    );
    for need in ["#part-1 ~ ol", "#part-2 ~ ol"] {
        let first = browser.texts(&format!("{need} > li:first-child h3")).await;
        assert_eq!(first, ["Family center"], "{need}");
    }
    let link = browser.wait(Locator::LinkText("Link to this page")).await;
    let link = link
        .attr("href")
        .await
        .expect("an attribute")
        .expect("a link");
    assert_eq!(
        link,
        "/travel?need=dom%3Aleg&need=ho%3Aes&need=dom%3Amed&near=Baltimore%2C+MD"
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_nothing_ticked_is_lost() {
    let site = Site::empty();
    let browser = Browser::start().await;
    browser.open(&format!("{}/travel", site.url)).await;
    tick(&browser, "Medical care").await;
    fill(&browser, "near", "Nowhere at all").await;
    submit(&browser).await;

    browser.wait_for(".errors:focus").await;
    assert_eq!(browser.value("#near").await, "Nowhere at all");
    let ticked = browser
        .page
        .find_all(Locator::Css("[name=need]:checked"))
        .await;
    assert_eq!(ticked.expect("boxes").len(), 1);
    browser
        .wait_for(".errors a")
        .await
        .click()
        .await
        .expect("a click");
    browser.wait_for("#near:focus").await;
}

#[tokio::test]
async fn nothing_scrolls_sideways_on_a_small_screen_or_with_large_text() {
    let site = Site::of(&town());
    let browser = Browser::start().await;
    for text in [16, 32] {
        let sizes = json!({"fontSizes": {"standard": text}});
        browser.devtools("Page.setFontSizes", sizes).await;
        for width in [320, 1280] {
            browser.resize(width, 800).await;
            for (name, path) in pages() {
                browser.open(&format!("{}{path}", site.url)).await;

                let widest = browser.number("document.documentElement.scrollWidth").await;

                assert!(
                    widest <= width,
                    "{name} at {width}, text {text}: {widest} pixels wide"
                );
            }
        }
    }
}

#[tokio::test]
async fn arabic_is_laid_out_from_right_to_left() {
    let site = Site::of(&town());
    let browser = Browser::start().await;
    browser
        .open(&format!("{}/handout?{NEEDS}&write=ar", site.url))
        .await;

    let direction = "getComputedStyle(document.querySelector('h1')).direction === 'rtl' ? 1 : 0";
    assert_eq!(browser.number(direction).await, 1);
    // The mark of a state stands at the beginning of its line, on the right; the number is read from the left.
    let mark = browser
        .number("document.querySelector('.mark').getBoundingClientRect().left")
        .await;
    let words = "document.querySelector('.mark + span').getBoundingClientRect().right";
    assert!(mark >= browser.number(words).await);
    let number = "getComputedStyle(document.querySelector('.number')).direction === 'ltr' ? 1 : 0";
    assert_eq!(browser.number(number).await, 1);
}

#[tokio::test]
async fn every_need_is_one_sheet_of_paper_in_every_language() {
    let site = Site::of(&town());
    let browser = Browser::start().await;
    for (language, title) in TITLES {
        let url = format!("{}/handout?{NEEDS}&write={language}", site.url);
        browser.open(&url).await;
        assert_eq!(browser.texts("h1").await, [title]);
        for paper in PAPERS {
            let pdf = printed(&browser, paper).await;

            assert_eq!(sheets(&pdf), 3, "{language} on {paper:?}");
        }
    }
    browser.open(&format!("{}/travel?{NEEDS}", site.url)).await;
    let pdf = printed(&browser, PAPERS[0]).await;
    assert!(sheets(&pdf) >= 3, "each need begins a sheet of its own");
}

#[tokio::test]
async fn every_telephone_number_is_on_screen_and_on_paper() {
    let site = Site::of(&town());
    let browser = Browser::start().await;
    browser.resize(320, 800).await;
    let url = format!("{}/handout?{NEEDS}&write=ar", site.url);
    browser.open(&url).await;
    for media in ["screen", "print"] {
        let emulated = json!({"media": media});
        browser
            .devtools("Emulation.setEmulatedMedia", emulated)
            .await;

        let numbers = browser.page.find_all(Locator::Css(".numbers .number"));
        let numbers = numbers.await.expect("numbers");

        assert!(numbers.len() > 3, "{media}");
        for number in numbers {
            let shown = number.is_displayed().await.expect("a page");
            assert!(shown, "{media}");
        }
        let cut = "[...document.querySelectorAll('.entries')]\
                   .filter(list => list.scrollHeight > list.clientHeight).length";
        assert_eq!(browser.number(cut).await, 0, "{media}: a list is cut off");
    }
}

#[tokio::test]
async fn the_code_leads_to_the_newest_list_in_the_language_of_the_telephone() {
    let site = Site::of(&town());
    let browser = Browser::start().await;
    browser
        .open(&format!("{}/handout?{NEEDS}&write=ht", site.url))
        .await;

    let code = browser.wait_for(".sheet svg.qr[role=img]").await;
    let says = code.attr("aria-label").await.expect("an attribute");
    assert!(says.is_some_and(|says| says.starts_with("Kòd QR")));
    let link = browser.wait_for(".newest a").await;
    let href = link
        .attr("href")
        .await
        .expect("an attribute")
        .expect("an address");
    assert_eq!(
        href,
        format!("{}/handout?need=dom%3Aleg&near=Baltimore%2C+MD", site.url)
    );
    browser.open(&href).await;
    browser.wait_for("html[lang=en] .sheet").await;
}

#[tokio::test]
async fn a_pack_works_without_network_and_says_until_when() {
    let site = Site::of(&town());
    let browser = Browser::start().await;
    browser
        .open(&format!("{}/pack?near=Baltimore%2C+MD", site.url))
        .await;
    let save = browser.wait(Locator::LinkText("Save the pack")).await;
    let path = save
        .attr("href")
        .await
        .expect("an attribute")
        .expect("a link");
    let pack = fetched(&site.url, &path);
    drop(site);
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("pack.html");
    fs::write(&file, pack).expect("the pack");

    let before = browser.requests().await.len();
    browser.open(&format!("file://{}", file.display())).await;

    assert!(before > 0, "requests are seen");
    let asked = browser.requests().await;
    assert!(
        asked.iter().all(|url| url.starts_with("file:")),
        "{asked:?}"
    );
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    let until = browser.texts(".old").await;
    assert!(
        until[0].starts_with("Parts of this list are too old from "),
        "{until:?}"
    );
    assert_eq!(
        browser
            .number("parseFloat(getComputedStyle(document.querySelector('.old')).borderTopWidth)")
            .await,
        3
    );
    let broken = axe::violations(&browser).await;
    assert!(broken.is_empty(), "{broken:#?}");
    let names = browser.texts("article h3").await;
    assert!(
        names.iter().any(|name| name == "Asylum clinic"),
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name == "Work permit workshop"),
        "closed: {names:?}"
    );
}

/// Every page, by a name and a path.
fn pages() -> Vec<(String, String)> {
    let handouts = TITLES.map(|(language, _)| {
        let path = format!("/handout?{NEEDS}&need=dom:fme&write={language}");
        (format!("handout-{language}"), path)
    });
    let others = [
        ("travel", "/travel".to_owned()),
        ("travel-results", format!("/travel?{NEEDS}&need=dom:fme")),
        (
            "travel-errors",
            "/travel?near=Nowhere+at+all&need=lc:bond,dom:hou".to_owned(),
        ),
        ("pack", "/pack?near=Baltimore%2C+MD".to_owned()),
        (
            "pack-errors",
            "/pack?near=Nowhere+at+all&radius=far".to_owned(),
        ),
    ];
    let others = others.map(|(name, path)| (name.to_owned(), path));
    handouts.into_iter().chain(others).collect()
}

/// Two needs, with facts about one client, as far as the sheets in Spanish.
async fn by_mouse(browser: &Browser, site: &Site) {
    browser.open(&format!("{}/travel", site.url)).await;
    tick(browser, "Immigration lawyer or legal help").await;
    tick(browser, "Emergency shelter").await;
    fill(browser, "near", "Baltimore, MD").await;
    browser
        .wait_for("form.search summary")
        .await
        .click()
        .await
        .expect("a click");
    fill(browser, "age", "17").await;
    fill(browser, "nationality", "Honduras").await;
    submit(browser).await;
    browser.wait_for("#answer .need").await;
    choose(browser, "write", "Español").await;
    let make = Locator::XPath("//button[text()='Make a hand-out']");
    browser.wait(make).await.click().await.expect("a click");
    browser.wait_for("html[lang=es] .sheet").await;
}

async fn tick(browser: &Browser, label: &str) {
    let label = format!("//label[text()='{label}']");
    let label = browser.wait(Locator::XPath(&label)).await;
    label.click().await.expect("a click");
}

/// Presses the tabulator until the field has the focus.
async fn tab_to(browser: &Browser, field: &str) {
    for _ in 0..60 {
        if browser.focused().await == field {
            return;
        }
        browser.press([Key::Tab.into()]).await;
    }
    panic!("the tabulator does not reach {field}");
}

/// The page as it comes out of a printer, as PDF.
pub(crate) async fn printed(browser: &Browser, (width, height): (f64, f64)) -> Vec<u8> {
    let paper = json!({
        "paperWidth": width, "paperHeight": height, "preferCSSPageSize": false, "printBackground": false,
        "marginTop": 0.4, "marginBottom": 0.4, "marginLeft": 0.4, "marginRight": 0.4,
    });
    let pdf = browser.devtools("Page.printToPDF", paper).await;
    let pdf = pdf["data"].as_str().expect("a document");
    base64_of(pdf)
}

/// How many sheets a PDF has: each is an object of this type.
pub(crate) fn sheets(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    let pages = text.split("/Type /Page").skip(1);
    pages.filter(|rest| !rest.starts_with('s')).count()
}

fn base64_of(text: &str) -> Vec<u8> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    bytes.expect("base64")
}

/// What the server answers to a plain question, without its head.
fn fetched(site: &str, path: &str) -> Vec<u8> {
    let host = site.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("the server");
    let asked = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(asked.as_bytes()).expect("a question");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let head = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("a head");
    assert!(answer.starts_with(b"HTTP/1.0 200"), "the pack is there");
    answer.split_off(head + 4)
}
