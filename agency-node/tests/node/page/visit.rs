//! Somebody with a browser: keeps cookies, fills in forms, and sends them as the page has them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use agency_node::operations::Node;
use agency_node::page::pages;
use agency_node::people::Person;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use referral_core::id::LocalId;
use referral_runtime::accounts::SignInName;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::fake::Fake;
use crate::sample::{beds, import, open, organization, service};

/// A node that has joined and does not run: the directory cannot be reached.
pub(crate) struct House {
    pub(crate) node: Arc<Node>,
    data: TempDir,
    directory: Fake,
}

impl House {
    /// With these services of `org`, and one of `other`.
    pub(crate) async fn of(services: &[(&str, &str)]) -> Self {
        let directory = Fake::start().await;
        let data = directory.join().await;
        let node = Arc::new(open(data.path()));
        let mut records = vec![
            organization("org", "Harbor"),
            organization("other", "Other"),
        ];
        records.extend(
            services
                .iter()
                .map(|(id, name)| service(id, name, "org", &[])),
        );
        records.push(service("foreign", "Foreign pantry", "other", &[]));
        node.import(&import(records)).unwrap();
        Self {
            node,
            data,
            directory,
        }
    }

    /// With one shelter of 4 free beds.
    pub(crate) async fn with_beds() -> Self {
        let house = Self::of(&[("beds", "Family shelter")]).await;
        house.node.set_capacity(vec![beds("beds", 4)]).unwrap();
        house
    }

    /// Where its data is.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// The same after a restart of its process.
    pub(crate) fn restarted(self) -> Self {
        let Self {
            node,
            data,
            directory,
        } = self;
        let node = Arc::into_inner(node);
        assert!(node.is_some(), "somebody else holds the node");
        drop(node);
        Self {
            node: Arc::new(open(data.path())),
            data,
            directory,
        }
    }

    /// Somebody who is signed in; limited to an organization or not.
    pub(crate) async fn visit(&self, organization: Option<&str>) -> Visit {
        sign_in(&self.node, organization).await
    }
}

/// Somebody who is signed in at a node.
pub(crate) async fn sign_in(node: &Arc<Node>, organization: Option<&str>) -> Visit {
    let person = Person {
        name: SignInName::parse(organization.unwrap_or("everything")).unwrap(),
        organization: organization.map(|id| LocalId::parse(id).unwrap()),
    };
    let invitation = node.invite(&person).unwrap().secret.reveal();
    let mut visit = Visit::new(node, Some(7080));
    visit
        .get(&format!("/welcome?invitation={invitation}"))
        .await;
    let mut fields = visit.form("/welcome", "");
    for name in ["password", "again"] {
        fields.insert(name.to_owned(), "correct horse battery".to_owned());
    }
    visit.post("/welcome", &fields).await;
    assert_eq!(visit.status, StatusCode::SEE_OTHER, "{}", visit.text);
    visit
}

/// A browser and the page it shows.
pub(crate) struct Visit {
    router: Router,
    cookies: BTreeMap<String, String>,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Visit {
    /// Nobody yet. `port`: where the page is without TLS.
    pub(crate) fn new(node: &Arc<Node>, port: Option<u16>) -> Self {
        Self {
            router: pages(Arc::clone(node), port),
            cookies: BTreeMap::new(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            text: String::new(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> &str {
        let request = Request::get(path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// Sends a form.
    pub(crate) async fn post(&mut self, path: &str, fields: &BTreeMap<String, String>) -> &str {
        let pairs: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
        self.post_pairs(path, &pairs).await
    }

    /// The same; a field may be there several times.
    pub(crate) async fn post_pairs(&mut self, path: &str, fields: &[(&str, &str)]) -> &str {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.finish()))
            .unwrap();
        self.send(request).await
    }

    /// Sends a form with a file.
    pub(crate) async fn upload(&mut self, token: &str, name: &str, content: &str) -> &str {
        let part = |head: &str, text: &str| {
            format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n")
        };
        let body = [
            part("name=\"token\"", token),
            part(&format!("name=\"file\"; filename=\"{name}\""), content),
            part("name=\"map\"; filename=\"\"", ""),
            "--edge--\r\n".to_owned(),
        ];
        let request = Request::post("/import")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(body.concat()))
            .unwrap();
        self.send(request).await
    }

    /// Goes where the answer says.
    pub(crate) async fn follow(&mut self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        let to = self.headers[header::LOCATION].to_str().unwrap().to_owned();
        let path = to.split('#').next().unwrap_or_default().to_owned();
        self.get(&path).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> &str {
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let pairs: Vec<String> = pairs.collect();
        if !pairs.is_empty() {
            let cookies = pairs.join("; ").parse().unwrap();
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        let answer = self.router.clone().oneshot(request).await.unwrap();
        self.status = answer.status();
        self.headers = answer.headers().clone();
        for cookie in self.headers.get_all(header::SET_COOKIE) {
            let pair = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let body = to_bytes(answer.into_body(), 10 << 20).await.unwrap();
        self.text = String::from_utf8(body.to_vec()).unwrap();
        &self.text
    }

    /// The hidden fields of the page's form that goes to `action` and holds `with`.
    pub(crate) fn form(&self, action: &str, with: &str) -> BTreeMap<String, String> {
        let forms = self.text.split("<form").skip(1);
        let mut forms = forms.filter_map(|form| form.split_once("</form>").map(|(form, _)| form));
        let is_it =
            |form: &&str| form.contains(&format!("action=\"{action}\"")) && form.contains(with);
        let form = forms
            .find(is_it)
            .unwrap_or_else(|| panic!("no form {action} with {with}"));
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        let fields = inputs.filter_map(|input| {
            let (name, rest) = input.split_once("\" value=\"")?;
            let (value, _) = rest.split_once('"')?;
            Some((name.to_owned(), value.to_owned()))
        });
        fields.collect()
    }

    /// Taps a button of a service, from the page that is shown.
    pub(crate) async fn tap(&mut self, service: &str, tap: &str) -> &str {
        let mut fields = self.form("/change", &format!("value=\"{service}\""));
        fields.insert("tap".to_owned(), tap.to_owned());
        self.post("/change", &fields).await
    }

    /// The token of the page's forms.
    pub(crate) fn token(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"token\" value=\"").unwrap();
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}
