//! Reads a page and refuses what no page of ours may hold: elements that do not nest, attributes without
//! quotes, references to nothing, scripts, styles and links that run something.

use std::collections::BTreeSet;

/// Elements without content.
const VOID: [&str; 6] = ["meta", "link", "input", "br", "img", "hr"];
/// What may be linked to.
const LINKS: [&str; 6] = ["http://", "https://", "tel:", "mailto:", "/", "#"];
/// The one script there is.
const SCRIPT: &str = "/page.js";

/// A page whose shape is sound.
pub(crate) struct Page {
    elements: Vec<Element>,
}

/// One element: its name, its attributes, and all text in it.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    pub(crate) text: String,
    open: bool,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn words(&self, attribute: &str) -> impl Iterator<Item = &str> {
        self.attribute(attribute).unwrap_or("").split_whitespace()
    }
}

impl Page {
    /// Reads a page.
    ///
    /// # Panics
    /// With what is wrong with it.
    pub(crate) fn read(html: &str) -> Self {
        let rest = html.strip_prefix("<!DOCTYPE html>\n").expect("a doctype");
        let page = Self {
            elements: elements(rest),
        };
        page.check_references();
        page.check_nothing_runs();
        page
    }

    /// The element with this id.
    pub(crate) fn id(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|e| e.attribute("id") == Some(id))
    }

    /// The elements of this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&Element> {
        self.elements.iter().filter(|e| e.name == name).collect()
    }

    /// The texts of the elements of this name.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        let all = self.all(name).into_iter();
        all.map(|element| element.text.trim()).collect()
    }

    /// The names of the results.
    pub(crate) fn results(&self) -> Vec<&str> {
        let headings = self.all("h3").into_iter();
        let results = headings.filter(|heading| heading.attribute("class").is_none());
        results.map(|heading| heading.text.trim()).collect()
    }

    /// The button with this text, as the form sends it: the fields hidden beside it, then its own.
    pub(crate) fn press(&self, text: &str) -> String {
        let at = self
            .elements
            .iter()
            .position(|e| e.name == "button" && e.text.trim() == text)
            .unwrap_or_else(|| panic!("no button {text:?} among {:?}", self.texts("button")));
        let form = self.elements[..at].iter().rposition(|e| e.name == "form");
        let mut sent = form_urlencoded::Serializer::new(String::new());
        for field in &self.elements[form.unwrap()..=at] {
            let own = std::ptr::eq(field, &raw const self.elements[at]);
            if own || field.attribute("type") == Some("hidden") {
                let name = field.attribute("name").unwrap();
                sent.append_pair(name, field.attribute("value").unwrap_or(""));
            }
        }
        sent.finish()
    }

    /// What is chosen in a list.
    pub(crate) fn chosen(&self, list: &str) -> Option<&str> {
        let at = self
            .elements
            .iter()
            .position(|e| e.attribute("id") == Some(list))?;
        let mut options = self.elements[at + 1..]
            .iter()
            .take_while(|e| e.name == "option");
        options
            .find(|e| e.attribute("selected").is_some())?
            .attribute("value")
    }

    fn check_references(&self) {
        let ids = self.elements.iter().filter_map(|e| e.attribute("id"));
        let mut known = BTreeSet::new();
        for id in ids {
            assert!(known.insert(id), "two elements have the id {id}");
        }
        let labelled: BTreeSet<&str> = self
            .all("label")
            .iter()
            .flat_map(|e| e.words("for"))
            .collect();
        for element in &self.elements {
            let fragment = element
                .attribute("href")
                .and_then(|href| href.strip_prefix('#'));
            let pointed_at = ["for", "aria-describedby", "aria-labelledby"]
                .into_iter()
                .flat_map(|name| element.words(name))
                .chain(fragment);
            for id in pointed_at {
                assert!(known.contains(id), "nothing has the id {id}: {element:?}");
            }
            let hidden = element.attribute("type") == Some("hidden");
            if ["input", "select"].contains(&element.name.as_str()) && !hidden {
                let id = element.attribute("id").expect("a field has an id");
                assert!(labelled.contains(id), "the field {id} has no label");
            }
        }
    }

    fn check_nothing_runs(&self) {
        for element in &self.elements {
            let runs = ["script", "style", "iframe", "object", "embed", "base"];
            let ours = element.attribute("src") == Some(SCRIPT) && element.text.is_empty();
            let is_script = element.name == "script" && ours;
            assert!(
                !runs.contains(&element.name.as_str()) || is_script,
                "{element:?}"
            );
            for (name, value) in &element.attributes {
                assert!(!name.starts_with("on") && name != "style", "{element:?}");
                if ["href", "src", "action"].contains(&name.as_str()) {
                    let safe = LINKS.iter().any(|start| value.starts_with(start));
                    assert!(safe, "{element:?}");
                }
            }
        }
    }
}

fn elements(mut rest: &str) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    while !rest.is_empty() {
        let Some(tag) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            let text = unescaped(&rest[..end]);
            for element in elements.iter_mut().filter(|e| e.open) {
                element.text.push_str(&text);
            }
            rest = &rest[end..];
            continue;
        };
        let end = end_of_tag(tag);
        rest = &tag[end + 1..];
        if let Some(name) = tag[..end].strip_prefix('/') {
            let innermost = elements.iter_mut().rfind(|e| e.open);
            let element = innermost.unwrap_or_else(|| panic!("</{name}> closes nothing"));
            assert_eq!(element.name, name, "closed out of order");
            element.open = false;
        } else {
            elements.push(element(&tag[..end]));
        }
    }
    let left: Vec<_> = elements.iter().filter(|e| e.open).collect();
    assert!(left.is_empty(), "never closed: {left:?}");
    elements
}

/// Where the `>` is that ends a tag: not one in quotes.
fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    for (at, c) in tag.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at,
            '<' if !quoted => panic!("a tag begins in a tag: {}", &tag[..at]),
            _ => {}
        }
    }
    panic!("a tag never ends: {tag}")
}

fn element(tag: &str) -> Element {
    // Parts of a drawing end themselves.
    let (tag, ended) = match tag.strip_suffix('/') {
        Some(tag) => (tag.trim_end(), true),
        None => (tag, false),
    };
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    assert!(
        name.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
        "<{tag}>"
    );
    let mut attributes: Vec<(String, String)> = Vec::new();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let attribute = rest[..end].to_owned();
        let named = attribute
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        assert!(named && !attribute.is_empty(), "<{tag}>");
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (written, after) = quoted.split_once('"').unwrap_or_else(|| panic!("<{tag}>"));
            value = unescaped(written);
            rest = after;
        }
        assert!(
            !attributes.iter().any(|(known, _)| *known == attribute),
            "twice in <{tag}>"
        );
        attributes.push((attribute, value));
        rest = if let Some(more) = rest.strip_prefix(' ') {
            more
        } else {
            assert!(rest.is_empty(), "<{tag}>");
            rest
        };
    }
    Element {
        open: !ended && !VOID.contains(&name),
        name: name.to_owned(),
        attributes,
        text: String::new(),
    }
}

/// Text with its character references read; any `&` that begins none is wrong.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut read = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (reference, after) = part.split_once(';').unwrap_or_else(|| panic!("&{part}"));
        let number = reference
            .strip_prefix('#')
            .and_then(|n| match n.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => n.parse().ok(),
            });
        read.push(match (reference, number) {
            (_, Some(number)) => char::from_u32(number).unwrap(),
            ("amp", _) => '&',
            ("lt", _) => '<',
            ("gt", _) => '>',
            ("quot", _) => '"',
            _ => panic!("&{reference};"),
        });
        read.push_str(after);
    }
    read
}

#[test]
fn a_page_that_is_not_sound_is_refused() {
    let sound = "<p id=\"a\">x &lt; y <a href=\"#a\">z</a></p>";
    assert_eq!(
        Page::read(&format!("<!DOCTYPE html>\n{sound}")).texts("p"),
        ["x < y z"]
    );
    for wrong in [
        "<p>",
        "<p></a></p>",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<a href=\"#b\"></a>",
        "<a href=\"javascript:x\"></a>",
        "<p onclick=\"x\"></p>",
        "<script></script>",
        "<script src=\"/page.js\">x</script>",
        "<script src=\"https://evil.example/page.js\"></script>",
        "<p id=a></p>",
        "<p id=\"a\"x></p>",
        "<p>&nonsense</p>",
        "<input id=\"a\" name=\"a\">",
    ] {
        let page = format!("<!DOCTYPE html>\n{wrong}");
        let read = std::panic::catch_unwind(|| Page::read(&page));
        assert!(read.is_err(), "{wrong}");
    }
}
