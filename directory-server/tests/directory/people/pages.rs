//! Signing in and out in the pages.

use referral_core::policy::{Role, Viewer};

use super::{PASSWORD, person};
use crate::support::House;
use crate::support::http::{Answer, get, request};
use crate::support::routes::routes;

/// The only answers that a browser may keep: the same for everybody.
const ASSETS: [&str; 5] = [
    "/style.css",
    "/coverage.css",
    "/handout.css",
    "/icon.svg",
    "/page.js",
];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The value of a cookie that an answer sets.
pub(super) fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let lines = answer.all("set-cookie").into_iter();
    let mut values = lines.filter_map(|line| {
        let (known, rest) = line.split_once('=')?;
        let value = rest.split(';').next()?;
        (known == name && !value.is_empty()).then(|| value.to_owned())
    });
    values.next()
}

pub(super) fn hidden(answer: &Answer, name: &str) -> String {
    let page = answer.text();
    let from = page.find(&format!("name=\"{name}\" value=\"")).unwrap();
    let value = page[from..].split('"').nth(3).unwrap();
    value.to_owned()
}

pub(super) async fn send(
    house: &House,
    path: &str,
    cookies: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let body = form.finish();
    request(
        house.public,
        "POST",
        path,
        &[FORM, ("cookie", cookies)],
        body.as_bytes(),
    )
    .await
}

pub(super) async fn look(house: &House, path: &str, cookies: &str) -> Answer {
    request(house.public, "GET", path, &[("cookie", cookies)], b"").await
}

/// Signs in as a browser does; the session's cookie.
pub(super) async fn sign_in(house: &House, name: &str, password: &str) -> (Answer, Option<String>) {
    let form = get(house.public, "/sign-in").await;
    let own = cookie(&form, "__Host-form").unwrap();
    let token = hidden(&form, "token");
    let cookies = format!("__Host-form={own}");
    let fields = [
        ("token", token.as_str()),
        ("name", name),
        ("password", password),
    ];
    let answer = send(house, "/sign-in", &cookies, &fields).await;
    let session = cookie(&answer, "__Host-session");
    (answer, session)
}

#[tokio::test]
async fn who_knows_their_password_is_signed_in_until_they_sign_out() {
    let house = House::new().await;
    person(&house, "ana@example.org", Role::Caseworker).await;

    let (answer, session) = sign_in(&house, "Ana@Example.org ", PASSWORD).await;
    let session = session.unwrap();
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    let set = answer.all("set-cookie");
    let set = set
        .iter()
        .find(|line| line.starts_with("__Host-session="))
        .unwrap();
    for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(set.contains(part), "{part}");
    }
    assert!(
        !set.contains("Domain") && !set.contains("Max-Age"),
        "this browser's session alone"
    );

    let cookies = format!("other=1; __Host-session={session}");
    let page = look(&house, "/", &cookies).await;
    assert!(page.text().contains("Signed in: caseworker"));
    let account = look(&house, "/account", &cookies).await;
    let token = hidden(&account, "token");
    let out = send(&house, "/sign-out", &cookies, &[("token", &token)]).await;

    assert_eq!(out.status, 303);
    let cleared = out.header("clear-site-data").unwrap();
    assert!(cleared.contains("\"cookies\"") && cleared.contains("\"cache\""));
    let page = look(&house, "/", &cookies).await;
    assert!(
        !page.text().contains("Signed in"),
        "the session is worthless"
    );
}

#[tokio::test]
async fn nothing_tells_which_accounts_there_are() {
    let house = House::new().await;
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    let gone = person(&house, "gone@example.org", Role::Caseworker).await;
    let operator = Viewer::at_the_machine();
    house
        .directory
        .revoke_person(&operator, &gone.id)
        .await
        .unwrap();
    let without_tokens = |answer: &Answer, name: &str| {
        let token = hidden(answer, "token");
        answer.text().replace(&token, "").replace(name, "")
    };
    let mut answers = Vec::new();
    for name in [
        ana.sign_in.as_str(),
        "gone@example.org",
        "nobody@example.org",
        "\" or 1=1",
    ] {
        let (answer, session) = sign_in(&house, name, "wrong horse battery").await;
        assert!(session.is_none());
        let escaped = name.replace('"', "&#34;");
        answers.push((answer.status, without_tokens(&answer, &escaped)));
    }
    let (answer, session) = sign_in(&house, "gone@example.org", PASSWORD).await;
    assert!(session.is_none());
    answers.push((answer.status, without_tokens(&answer, "gone@example.org")));

    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:#?}"
    );
    assert_eq!(answers[0].0, 403);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_right_password_with_it() {
    let house = House::new().await;
    person(&house, "ana@example.org", Role::Caseworker).await;
    for _ in 0..5 {
        let (answer, _) = sign_in(&house, "ana@example.org", "wrong horse battery").await;
        assert_eq!(answer.status, 403);
    }

    let (answer, _) = sign_in(&house, "ana@example.org", PASSWORD).await;
    assert_eq!(answer.status, 429);
    house.clock.advance(std::time::Duration::from_secs(31));
    let (answer, session) = sign_in(&house, "ana@example.org", PASSWORD).await;

    assert_eq!(answer.status, 303);
    assert!(session.is_some());
}

#[tokio::test]
async fn a_session_without_requests_ends_and_the_page_says_so() {
    let house = House::new().await;
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    let cookies = format!("__Host-session={}", ana.session.reveal());
    assert!(
        look(&house, "/", &cookies)
            .await
            .text()
            .contains("Signed in")
    );

    house.clock.advance(std::time::Duration::from_mins(15));
    let page = look(&house, "/", &cookies).await;

    assert!(page.text().contains("You were signed out"));
    assert!(!page.text().contains("Signed in"));
}

#[tokio::test]
async fn a_revoked_person_is_out_at_once_and_a_changed_role_holds_at_once() {
    let house = House::new().await;
    let operator = Viewer::at_the_machine();
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    let cookies = format!("__Host-session={}", ana.session.reveal());

    house
        .directory
        .change_role(&operator, &ana.id, Role::TaskForce)
        .await
        .unwrap();
    let changed = look(&house, "/", &cookies).await;
    house
        .directory
        .revoke_person(&operator, &ana.id)
        .await
        .unwrap();
    let revoked = look(&house, "/", &cookies).await;

    assert!(changed.text().contains("Signed in: task force"));
    assert!(!revoked.text().contains("Signed in"));
}

#[tokio::test]
async fn an_invitation_is_good_once_and_for_three_days() {
    let house = House::new().await;
    let operator = Viewer::at_the_machine();
    let invite = async |name: &str| {
        let name = directory_server::people::SignInName::parse(name).unwrap();
        let invited = house
            .directory
            .invite_person(&operator, name, Role::Caseworker, None);
        invited.await.unwrap().1.reveal()
    };
    let take_up = async |invitation: &str, password: &str, again: &str| {
        let path = format!("/welcome?invitation={invitation}");
        let form = get(house.public, &path).await;
        let Some(own) = cookie(&form, "__Host-form").filter(|_| form.status == 200) else {
            return form;
        };
        let token = hidden(&form, "token");
        let fields = [
            ("token", token.as_str()),
            ("invitation", invitation),
            ("password", password),
            ("again", again),
        ];
        send(&house, "/welcome", &format!("__Host-form={own}"), &fields).await
    };
    let (first, second) = (invite("ana").await, invite("ben").await);

    for (password, again) in [("too short", "too short"), (PASSWORD, "another horse")] {
        let refused = take_up(&first, password, again).await;
        assert_eq!(refused.status, 400);
        assert!(!refused.text().contains(password), "echoed");
    }
    let taken = take_up(&first, PASSWORD, PASSWORD).await;
    let again = take_up(&first, PASSWORD, PASSWORD).await;
    house.clock.advance(std::time::Duration::from_hours(72));
    let late = take_up(&second, PASSWORD, PASSWORD).await;

    assert_eq!(taken.status, 303);
    assert!(cookie(&taken, "__Host-session").is_some());
    assert_eq!((again.status, late.status), (404, 404));
}

#[tokio::test]
async fn a_form_that_was_not_given_to_this_browser_changes_nothing() {
    let house = House::new().await;
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    let form = get(house.public, "/sign-in").await;
    let token = hidden(&form, "token");
    let fields = [
        ("token", token.as_str()),
        ("name", "ana@example.org"),
        ("password", PASSWORD),
    ];
    for cookies in ["", "__Host-form=", "__Host-form=other"] {
        let answer = send(&house, "/sign-in", cookies, &fields).await;
        assert_eq!(answer.status, 400, "{cookies}");
        assert_eq!(cookie(&answer, "__Host-session"), None);
    }
    let cookies = format!("__Host-session={}", ana.session.reveal());
    for token in ["", "wrong"] {
        send(&house, "/sign-out", &cookies, &[("token", token)]).await;
        assert!(
            look(&house, "/", &cookies)
                .await
                .text()
                .contains("Signed in")
        );
    }
    let cross = [
        FORM,
        ("cookie", cookies.as_str()),
        ("sec-fetch-site", "cross-site"),
    ];
    let answer = request(house.public, "POST", "/sign-out", &cross, b"").await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn every_page_is_guarded_against_caches_frames_and_referrers() {
    let house = House::new().await;
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    let cookies = format!("__Host-session={}", ana.session.reveal());
    let mut paths = routes("directory-server/src/web");
    let more = [
        "/?near=78017",
        "/sign-in/back?code=x&state=y",
        "/no-such-page",
    ];
    paths.extend(more.map(str::to_owned));
    for path in paths {
        for cookies in ["", &cookies] {
            let answer = look(&house, &path, cookies).await;
            let header = |name| {
                answer
                    .header(name)
                    .unwrap_or_else(|| panic!("{path}: {name}"))
            };
            assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("x-frame-options"), "DENY", "{path}");
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'"), "{path}");
            assert!(!policy.contains("unsafe"), "{path}");
            let kept = header("cache-control");
            assert_eq!(
                kept == "no-store",
                !ASSETS.contains(&path.as_str()),
                "{path}: {kept}"
            );
            let html = answer
                .header("content-type")
                .is_some_and(|k| k.contains("html"));
            assert!(!html || answer.text().contains("Quick exit"), "{path}");
        }
    }
}
