//! A file from the browser: the plan first, and nothing without a second tap.

use axum::http::StatusCode;

use super::visit::House;

const FILE: &str = r#"[{"id": "org", "name": "Harbor", "services": [
    {"id": "beds", "name": "Family shelter, renamed", "status": "active"},
    {"id": "new", "name": "New clinic", "status": "active"},
    {"id": "nameless", "status": "active"}
]}]"#;

#[tokio::test]
async fn the_plan_is_shown_before_anything_is_queued_and_a_second_tap_applies_it() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/import").await;
    let queued = house.node.progress().borrow().queued;
    let token = visit.token();
    visit.upload(&token, "organizations.json", FILE).await;
    let plan = visit.follow().await.to_owned();

    for words in [
        "What this file would change",
        "New clinic",
        "Family shelter, renamed",
        "What changes: attributes, name.",
        "Rows that cannot be taken: 1",
        "Without a name it cannot be shown",
    ] {
        assert!(plan.contains(words), "{words}\n{plan}");
    }
    assert_eq!(house.node.progress().borrow().queued, queued, "nothing yet");
    let (_, action) = plan.split_once("action=\"/import/").unwrap();
    let apply = format!("/import/{}", action.split('"').next().unwrap());
    let form = visit.form(&apply, "");

    visit.post(&apply, &form).await;
    let done = visit.follow().await;

    assert!(done.contains("saved here and go"), "{done}");
    assert!(house.node.progress().borrow().queued > queued);
    visit.post(&apply, &form).await;
    assert!(
        visit.follow().await.contains("The file is taken in"),
        "once"
    );
    let left = std::fs::read_dir(house.node.data_dir().path().join("uploads"));
    assert_eq!(left.map_or(0, Iterator::count), 0, "no file is left");
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_with_what_to_do() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/import").await;
    let token = visit.token();
    visit
        .upload(&token, "services.csv", "<html><body>Log in</body></html>")
        .await;

    let page = visit.follow().await;

    assert!(page.contains("Nothing of this file was taken"), "{page}");
    assert!(page.contains("is a web page, not data"), "{page}");
}

#[tokio::test]
async fn a_table_without_a_map_is_said_to_need_one_and_leads_back_to_the_form() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/import").await;
    let token = visit.token();
    visit
        .upload(&token, "clinics.csv", "Clinic,Street\nNorth,Main\n")
        .await;

    let page = visit.follow().await;

    assert!(page.contains("together with a map"), "{page}");
    assert!(page.contains("href=\"/import\">Choose a file"), "{page}");
}

#[tokio::test]
async fn an_upload_without_a_file_or_without_its_token_is_refused() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/import").await;
    let token = visit.token();
    visit.upload(&token, "", "").await;
    assert_eq!(visit.status, StatusCode::BAD_REQUEST);
    assert!(visit.text.contains("Choose a file."));

    visit.upload("another", "organizations.json", FILE).await;

    assert_eq!(visit.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_import_of_somebody_else_is_not_there() {
    let house = House::with_beds().await;
    let (mut ana, mut ben) = (house.visit(None).await, house.visit(Some("other")).await);
    ana.get("/import").await;
    let token = ana.token();
    ana.upload(&token, "organizations.json", FILE).await;
    let path = ana.headers["location"].to_str().unwrap().to_owned();

    ben.get(&path).await;

    assert_eq!(ben.status, StatusCode::NOT_FOUND);
    assert!(!ben.text.contains("New clinic"));
}

/// Bad input 114: back in the browser after a file was dropped, and the button of the page from before.
#[tokio::test]
async fn what_was_dropped_is_said_to_be_gone_when_somebody_goes_back_to_it() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    visit.get("/import").await;
    let queued = house.node.progress().borrow().queued;
    let token = visit.token();
    visit.upload(&token, "organizations.json", FILE).await;
    let job = visit.headers["location"].to_str().unwrap().to_owned();
    visit.follow().await;
    let (apply, drop) = (format!("{job}/apply"), format!("{job}/drop"));
    let (applied, dropped) = (visit.form(&apply, ""), visit.form(&drop, ""));
    visit.post(&drop, &dropped).await;
    assert!(visit.follow().await.contains("action=\"/import\""));

    for (path, form) in [(&apply, &applied), (&drop, &dropped)] {
        visit.get(&job).await;
        assert_eq!(visit.status, StatusCode::NOT_FOUND);
        assert!(
            visit.text.contains("is not here any more"),
            "{}",
            visit.text
        );
        visit.post(path, form).await;
    }

    assert_eq!(house.node.progress().borrow().queued, queued);
}

/// Bad input 116.
#[tokio::test]
async fn a_files_name_that_is_markup_is_shown_as_a_name() {
    let house = House::with_beds().await;
    let mut visit = house.visit(None).await;
    for name in [
        "><img src=x onerror=alert(1)>.json",
        "x\\\"><img src=x onerror=alert(1)>.json",
        "%22><img src=x onerror=alert(1)>.json",
        "<script>alert(1)<script>.json",
    ] {
        visit.get("/import").await;
        let token = visit.token();
        visit.upload(&token, name, FILE).await;
        let plan = visit.follow().await.to_owned();
        let form = visit.get("/import").await;

        assert!(plan.contains("New clinic"), "it is taken: {plan}");
        for page in [plan.as_str(), form] {
            assert!(
                !page.contains("<img") && !page.contains("<script>a"),
                "{page}"
            );
        }
    }
}
