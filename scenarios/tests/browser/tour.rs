//! Every page in every state, one after the other, for what looks at all of them: the rules of accessibility, large
//! text, small screens, and pictures.

use fantoccini::Locator;
use jiff::SignedDuration;
use referral_core::catalog::{Part, Record, Tier, Tiers};
use referral_core::text::Text;
use referral_runtime::clock::{Clock, SystemClock};

use crate::browser::{Browser, Scripts};
use crate::handout::{NEEDS, town};
use crate::house::{self, House};
use crate::network::{run, run_json};
use crate::operator;
use crate::outcome;
use crate::site::{PAGES, Site};
use crate::{coverage, samples, trouble};

/// What looks at a page that a browser shows; the name is that of page and state.
pub(crate) trait Look: AsyncFn(&Browser, &str) {}
impl<T: AsyncFn(&Browser, &str)> Look for T {}

/// Pages of the directory that anybody reaches by their addresses alone, beyond those of the search.
const MORE: [(&str, &str); 9] = [
    ("travel-empty", "/travel"),
    ("pack-empty", "/pack"),
    ("pack", "/pack?near=Baltimore%2C+MD"),
    ("pack-errors", "/pack?near=Nowhere+at+all"),
    ("service-long", "/service/harbor/long"),
    ("service-arabic", "/service/harbor/arabic"),
    ("look-nothing", "/look"),
    ("sign-in", "/sign-in"),
    ("welcome-over", "/welcome?invitation=none"),
];

/// How often a page is asked for that a message is to come to.
pub(crate) const TRIES: usize = 500;

/// What anybody sees of the directory.
pub(crate) async fn of_anybody(look: &impl Look) {
    let listings = town().into_iter().chain(coverage::bond());
    let site = Site::of(&listings.collect::<Vec<_>>());
    let browser = Browser::start().await;
    for (name, path) in PAGES.into_iter().chain(MORE).chain(coverage::PAGES) {
        see(&browser, &site.url, path).await;
        look(&browser, name).await;
    }
    see(&browser, &site.url, &format!("/travel?{NEEDS}")).await;
    look(&browser, "travel").await;
    for language in ["en", "es", "ht", "ar"] {
        let path = format!("/handout?{NEEDS}&write={language}");
        see(&browser, &site.url, &path).await;
        look(&browser, &format!("handout-{language}")).await;
    }
    see(&browser, &site.url, "/travel").await;
    type_into(&browser, &[("#near", "Nowhere at all")]).await;
    click(&browser, "form.search button[type=submit]").await;
    browser.wait_for(".errors").await;
    look(&browser, "travel-errors").await;
    see(&browser, &site.url, "/service/harbor/clinic").await;
    click(&browser, "#problem button").await;
    browser.wait_for(".errors").await;
    look(&browser, "service-errors").await;
    changed_while_open(&browser, &site, look).await;
    busy(&browser, &site, look).await;
}

/// A state changes while its page is open.
async fn changed_while_open(browser: &Browser, site: &Site, look: &impl Look) {
    see(browser, &site.url, "/service/harbor/waiting").await;
    browser.wait_for("#live:not([hidden])").await;
    let waiting = samples::varied().into_iter();
    let waiting = waiting.filter(|listing| listing.is_called("waiting"));
    for listing in waiting {
        site.report(&listing.reported(referral_core::capacity::Stated::Open, Some((2, 9)), 0));
    }
    browser
        .wait_for(".service .state.limited, .service .state.open")
        .await;
    look(browser, "service-live").await;
}

/// Too much to do: the page itself, in the place of another, since nobody can be sure to meet it.
async fn busy(browser: &Browser, site: &Site, look: &impl Look) {
    see(browser, &site.url, "/nothing-here").await;
    let page = directory_server::web::busy_page().expect("the page");
    let put = "const page = new DOMParser().parseFromString(arguments[0], 'text/html'); \
               document.title = page.title; document.body.innerHTML = page.body.innerHTML";
    let done = browser.page.execute(put, vec![page.into()]).await;
    done.expect("the page");
    browser.wait_for("main a[href='/']").await;
    look(browser, "busy").await;
}

/// What caseworkers are asked, and see of what they said.
pub(crate) async fn of_caseworkers(look: &impl Look) {
    let site = Site::of(&samples::varied());
    let ana = outcome::caseworker(&site, Scripts::On).await;
    look(&ana, "results-caseworker").await;
    see(&ana, &site.url, "/service/harbor/clinic").await;
    look(&ana, "service-question").await;
    click(&ana, "#outcome button[value=full]").await;
    ana.wait_for("#outcome [role=status]").await;
    look(&ana, "service-said").await;
    let full = samples::varied().into_iter();
    for listing in full.filter(|listing| listing.is_called("bed")) {
        site.report(&listing.reported(referral_core::capacity::Stated::Paused, None, 0));
    }
    see(&ana, &site.url, "/service/harbor/bed").await;
    ana.wait_for("#outcome button[value=accepted]").await;
    look(&ana, "service-late").await;
    see(&ana, &site.url, "/coverage/outcomes").await;
    look(&ana, "coverage-outcomes-caseworker").await;
    of_specialists(look).await;
}

/// What a specialist is asked before a part of a listing is shown to them, and what they see then.
async fn of_specialists(look: &impl Look) {
    let few = |record: &mut Record| {
        if let Record::Service(service) = record
            && service.name.as_str() == "Asylum clinic"
        {
            service.description = Text::parse("Ring twice at the side door.").ok();
            service.tiers = Tiers::of([(Part::Description, Tier::Ask)]);
        }
    };
    let site = Site::of_changed(&samples::varied(), few);
    let ana = outcome::person(&site, "specialist", Scripts::On).await;
    let part = "/look?agency=harbor&service=clinic&part=description";
    see(&ana, &site.url, part).await;
    look(&ana, "look").await;
    type_into(&ana, &[("#reason", " ")]).await;
    click(&ana, "main button[type=submit]").await;
    ana.wait_for("#reason-fault").await;
    look(&ana, "look-errors").await;
    type_into(&ana, &[("#reason", "hotline call 12")]).await;
    click(&ana, "main button[type=submit]").await;
    ana.wait_for("main ul li").await;
    look(&ana, "look-seen").await;
}

/// Signing in, and what operators see.
pub(crate) async fn of_operators(look: &impl Look) {
    let site = Site::of(&samples::varied());
    let nobody = Browser::start().await;
    see(&nobody, &site.url, "/operator").await;
    look(&nobody, "operator-denied").await;
    see(&nobody, &site.url, "/sign-in").await;
    type_into(
        &nobody,
        &[("#name", "ana@example.org"), ("#password", "not this one")],
    )
    .await;
    click(&nobody, "main button[type=submit]").await;
    nobody.wait_for(".errors").await;
    look(&nobody, "sign-in-errors").await;

    let invited =
        run_json(&mut site.command("person invite ana@example.org --role operator --json"));
    let invitation = invited["invitation"].as_str().expect("an invitation");
    let ana = Browser::start().await;
    see(
        &ana,
        &site.url,
        &format!("/welcome?invitation={invitation}"),
    )
    .await;
    look(&ana, "welcome").await;
    type_into(
        &ana,
        &[
            ("#password", house::PASSWORD),
            ("#again", "another one, typed"),
        ],
    )
    .await;
    click(&ana, "main button[type=submit]").await;
    ana.wait_for(".errors").await;
    look(&ana, "welcome-errors").await;
    type_into(
        &ana,
        &[("#password", house::PASSWORD), ("#again", house::PASSWORD)],
    )
    .await;
    click(&ana, "main button[type=submit]").await;
    ana.wait_for(".search").await;
    see(&ana, &site.url, "/account").await;
    look(&ana, "account").await;
    of_agencies(&ana, &site, look).await;
}

/// What an operator decides about agencies.
async fn of_agencies(ana: &Browser, site: &Site, look: &impl Look) {
    see(ana, &site.url, "/operator").await;
    look(ana, "operator").await;
    type_into(
        ana,
        &[("#agency", "Not An Id"), ("#name", "Río Grande Shelter")],
    )
    .await;
    click(ana, "main form.search button[type=submit]").await;
    ana.wait_for(".fault").await;
    look(ana, "operator-errors").await;
    type_into(
        ana,
        &[("#agency", "rio-grande"), ("#name", "Rio Grande Shelter")],
    )
    .await;
    click(ana, "main form.search button[type=submit]").await;
    ana.wait_for("#told").await;
    look(ana, "operator-invited").await;

    see(ana, &site.url, "/operator/agency/harbor").await;
    look(ana, "operator-agency").await;
    open_folds(ana).await;
    look(ana, "operator-agency-forms").await;
    see(ana, &site.url, "/operator/agency/harbor").await;
    operator::open_grant(ana).await;
    click(ana, "details[open] button[type=submit]").await;
    ana.wait_for("main .fault").await;
    look(ana, "operator-agency-errors").await;
    operator::propose(ana).await;
    ana.wait_for("#told .notice").await;
    look(ana, "operator-agency-proposed").await;
    see(ana, &site.url, "/operator").await;
    look(ana, "operator-waiting").await;
    troubled(ana, site, look).await;
}

/// An agency whose services are held, whose grant ends soon, and that is stopped.
async fn troubled(ana: &Browser, site: &Site, look: &impl Look) {
    let decide = |words: &str, more: &[&str]| {
        let mut command = site.command(words);
        run(command.args(more), 0);
    };
    let soon = SystemClock::new().now() + SignedDuration::from_hours(20 * 24);
    let day = soon.strftime("%Y-%m-%d").to_string();
    let reason = ["--by", "Ana Ruiz", "--reason", "license lapsed"];
    decide("agency revoke harbor legal", &reason);
    decide("agency revoke harbor medical", &reason);
    for person in ["Ana Ruiz", "Ben Diaz"] {
        let granted = [
            "--evidence",
            "license 12",
            "--expires",
            &day,
            "--by",
            person,
        ];
        decide("agency grant harbor medical", &granted);
    }
    decide("agency suspend harbor", &reason);
    see(ana, &site.url, "/operator").await;
    look(ana, "operator-troubled").await;
    see(ana, &site.url, "/operator/agency/harbor").await;
    look(ana, "operator-agency-stopped").await;
    see(ana, &site.url, "/service/harbor/bed").await;
    look(ana, "service-caution").await;
}

/// What somebody at an agency sees, on the page that its node serves.
pub(crate) async fn of_an_agency(look: &impl Look) {
    let mut house = House::start();
    let browser = Browser::start().await;
    see(&browser, &house.url, "/sign-in").await;
    look(&browser, "agency-sign-in").await;
    type_into(&browser, &[("#name", "ana"), ("#password", "not this one")]).await;
    click(&browser, "main button[type=submit]").await;
    browser.wait_for(".errors").await;
    look(&browser, "agency-sign-in-errors").await;
    browser.open(&house.invitation).await;
    look(&browser, "agency-welcome").await;
    house::sign_in(&browser, &house).await;
    look(&browser, "agency-services").await;
    house::tap(&browser, "Family shelter", "more").await;
    browser.wait_for("#last").await;
    look(&browser, "agency-changed").await;
    house::tap(&browser, "Family shelter", "full").await;
    house::says(&browser, "#last", "0 of 12 beds free").await;
    look(&browser, "agency-full").await;
    let number = browser.wait_for("#last input[name='places']").await;
    number.send_keys(" beds").await.expect("typing");
    click(&browser, "#last button[value='places']").await;
    browser.wait_for(".errors").await;
    look(&browser, "agency-errors").await;
    for (name, path) in [
        ("agency-messages", "/messages"),
        ("agency-ageing-none", "/ageing"),
        ("agency-shown", "/shown"),
        ("agency-import", "/import"),
        ("agency-account", "/account"),
        ("agency-not-found", "/nowhere"),
        ("agency-welcome-over", "/welcome"),
    ] {
        see(&browser, &house.url, path).await;
        look(&browser, name).await;
    }
    told(&browser, &house, look).await;
    taken_in(&browser, &house, look).await;
    trouble::of_an_agency(&browser, &house, look).await;
    house.lose_the_directory();
    see(&browser, &house.url, "/").await;
    look(&browser, "agency-unreachable").await;
    see(&browser, &house.url, "/shown").await;
    look(&browser, "agency-shown-unreachable").await;
}

/// A caseworker reports a problem, and the agency asks what the directory shows.
async fn told(browser: &Browser, house: &House, look: &impl Look) {
    see(browser, &house.public_url(), "/service/harbor/beds").await;
    let code = browser.wait_for("#code").await;
    code.select_by_value("wrong_phone").await.expect("a choice");
    click(browser, "#problem button").await;
    browser.wait_for("#problem .notice").await;
    // The node hears of it over its stream.
    for _ in 0..TRIES {
        see(browser, &house.url, "/messages").await;
        if !browser.texts(".problems li").await.is_empty() {
            break;
        }
    }
    browser.wait_for(".problems li").await;
    look(browser, "agency-problems").await;
    see(browser, &house.url, "/shown").await;
    click(browser, "form[action='/shown/ask'] button").await;
    browser.wait_for("main .notice, #found .sync").await;
    look(browser, "agency-shown-asked").await;
}

/// A file, from its plan to what came of it.
async fn taken_in(browser: &Browser, house: &House, look: &impl Look) {
    house::choose(browser, house, house::NEXT_FILE).await;
    look(browser, "agency-plan").await;
    click(browser, "form[action$='/apply'] button").await;
    let done = "//h1[.='The file is taken in']";
    browser.wait(Locator::XPath(done)).await;
    look(browser, "agency-import-done").await;
    house::choose(browser, house, "<html>Log in</html>").await;
    look(browser, "agency-import-none").await;
}

async fn open_folds(browser: &Browser) {
    let folds = browser
        .page
        .find_all(Locator::Css("details:not([open]) > summary"))
        .await;
    for fold in folds.expect("folds") {
        fold.click().await.expect("a click");
    }
}

pub(crate) async fn see(browser: &Browser, site: &str, path: &str) {
    let address = format!("{site}{path}");
    browser.open(&address).await;
}

pub(crate) async fn click(browser: &Browser, css: &str) {
    let button = browser.wait_for(css).await;
    button.click().await.expect("a click");
}

pub(crate) async fn type_into(browser: &Browser, fields: &[(&str, &str)]) {
    for (css, words) in fields {
        let field = browser.wait_for(css).await;
        field.clear().await.expect("an empty field");
        field.send_keys(words).await.expect("typing");
    }
}
