//! Who gets in, and what their browser is given.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use referral_runtime::accounts::SignInName;

use super::visit::{House, Visit};

#[tokio::test]
async fn nobody_sees_or_changes_anything_who_is_not_signed_in() {
    let house = House::with_beds().await;
    let mut visit = Visit::new(&house.node, Some(7080));
    for path in [
        "/",
        "/messages",
        "/ageing",
        "/shown",
        "/import",
        "/account",
        "/import/1",
    ] {
        visit.get(path).await;
        assert_eq!(visit.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(visit.headers[header::LOCATION], "/sign-in", "{path}");
    }
    for path in [
        "/change",
        "/same",
        "/undo",
        "/ageing",
        "/shown/ask",
        "/import/1/apply",
    ] {
        visit.post(path, &[].into()).await;
        assert_eq!(
            visit.headers[header::LOCATION],
            "/sign-in?late=yes",
            "{path}"
        );
    }

    assert!(visit.follow().await.contains("Nothing was changed"));
}

#[tokio::test]
async fn every_page_is_guarded_and_kept_by_nobody() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    for path in [
        "/",
        "/messages",
        "/ageing",
        "/shown",
        "/import",
        "/account",
        "/nowhere",
    ] {
        visit.get(path).await;
        let policy = visit.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert_eq!(visit.headers[header::CACHE_CONTROL], "no-store", "{path}");
        assert!(
            !visit.text.contains("<script") && !visit.text.contains("style="),
            "{path}"
        );
    }
}

#[tokio::test]
async fn over_tls_the_cookie_belongs_to_this_host_alone() {
    let house = House::with_beds().await;
    let mut visit = Visit::new(&house.node, None);

    visit.get("/sign-in").await;

    let cookie = visit.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-form="), "{cookie}");
    assert!(
        cookie.contains("; Secure; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_form_of_another_site_or_without_its_token_is_refused() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    let foreign = Request::post("/same")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from("seen=1"));
    visit.send(foreign.unwrap()).await;
    assert_eq!(visit.status, StatusCode::FORBIDDEN);

    let seen = [("seen".to_owned(), "1".to_owned())];
    visit.post("/same", &seen.into()).await;

    assert_eq!(visit.status, StatusCode::FORBIDDEN);
    assert!(visit.text.contains("Nothing was changed"));
}

#[tokio::test]
async fn who_signs_out_is_out() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/account").await;
    let form = visit.form("/sign-out", "");

    visit.post("/sign-out", &form).await;
    visit.get("/").await;

    assert_eq!(visit.headers[header::LOCATION], "/sign-in");
}

#[tokio::test]
async fn a_wrong_password_keeps_the_name_that_was_typed() {
    let house = House::with_beds().await;
    let mut visit = Visit::new(&house.node, Some(7080));
    visit.get("/sign-in").await;
    let mut form = visit.form("/sign-in", "");
    form.insert("name".to_owned(), "ana@harbor.example".to_owned());
    form.insert("password".to_owned(), "wrong".to_owned());

    visit.post("/sign-in", &form).await;

    assert_eq!(visit.status, StatusCode::FORBIDDEN);
    assert!(visit.text.contains("value=\"ana@harbor.example\""));
    assert!(!visit.text.contains("wrong\""));
}

/// Signs in on the page that is shown, with this password.
async fn sign_in_again(visit: &mut Visit, password: &str) {
    let mut form = visit.form("/sign-in", "");
    form.insert("name".to_owned(), "everything".to_owned());
    form.insert("password".to_owned(), password.to_owned());
    visit.post("/sign-in", &form).await;
}

#[tokio::test]
async fn a_number_typed_before_the_session_ended_is_there_after_signing_in_and_not_saved() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/").await;
    let mut form = visit.form("/change", "value=\"beds\"");
    form.insert("tap".to_owned(), "places".to_owned());
    form.insert("places".to_owned(), "7".to_owned());
    let name = SignInName::parse("everything").unwrap();
    house.node.people().sign_out_everywhere(&name);
    let before = *house.node.progress().borrow();

    visit.post("/change", &form).await;
    let asked = visit.follow().await;
    assert!(
        asked.contains("The number you typed, 7, is kept"),
        "{asked}"
    );
    sign_in_again(&mut visit, "wrong").await;
    assert_eq!(visit.status, StatusCode::FORBIDDEN);
    sign_in_again(&mut visit, "correct horse battery").await;
    let list = visit.follow().await;

    assert!(list.contains("name=\"places\" value=\"7\""), "{list}");
    assert!(list.contains("before this number was saved"), "{list}");
    assert_eq!(*house.node.progress().borrow(), before, "a person does it");
}

#[tokio::test]
async fn a_tap_that_came_too_late_is_named_after_signing_in() {
    let house = House::with_beds().await;
    let mut visit = Visit::new(&house.node, Some(7080));
    let fields = [("service", "beds"), ("location", ""), ("tap", "full")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    house.visit(None).await;
    visit.post("/change", &fields.into()).await;
    visit.follow().await;
    sign_in_again(&mut visit, "correct horse battery").await;

    let list = visit.follow().await;

    assert!(list.contains("before “Full” was saved"), "{list}");
}
