//! Finds, for tests, fixed words in templates that no file of texts holds.

use super::Source;

/// Attributes whose words people see or hear.
const SEEN: [&str; 5] = ["aria-label", "title", "placeholder", "alt", "label"];

/// Words that a template has of its own: letters between its tags, in attributes that people see or hear, and in
/// the words it hands to a macro. Each with the template's name; empty: there are none.
///
/// What stands in `{{ … }}` is no word of the template, and so are comments and what is in `style` and `script`.
#[must_use]
pub fn fixed_words(sources: &[Source<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let mut words = Vec::new();
        let plain = without_code(source.text, &mut words);
        in_markup(&plain, &mut words);
        found.extend(
            words
                .iter()
                .map(|words| format!("{}: {words}", source.name)),
        );
    }
    found
}

/// The template with a blank in the place of each piece of code; words handed to a macro go to `words`.
fn without_code(template: &str, words: &mut Vec<String>) -> String {
    let mut plain = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = ["{{", "{%", "{#"]
        .iter()
        .filter_map(|open| rest.find(open))
        .min()
    {
        let (before, code) = rest.split_at(at);
        plain.push_str(before);
        plain.push(' ');
        let close = match code.get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            _ => "#}",
        };
        let end = code.find(close).map_or(code.len(), |end| end + close.len());
        let (code, after) = code.split_at(end);
        if code.starts_with("{% call") {
            words.extend(
                literals(code)
                    .filter(|text| is_words(text))
                    .map(str::to_owned),
            );
        }
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// What stands between quotation marks.
fn literals(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').skip(1).step_by(2)
}

/// Whether a literal is something to read: a key or a name has neither blanks nor large letters.
fn is_words(text: &str) -> bool {
    text.contains(' ') || text.contains(char::is_uppercase)
}

fn in_markup(plain: &str, words: &mut Vec<String>) {
    let mut rest = plain;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        in_text(text, words);
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (tag, after) = tag.split_at(end);
        in_tag(tag, words);
        let name: &str = tag
            .trim_start_matches('<')
            .split([' ', '>'])
            .next()
            .unwrap_or_default();
        rest = match name {
            "style" | "script" => after.find("</").map_or("", |end| after.split_at(end).1),
            _ => after,
        };
    }
    in_text(rest, words);
}

fn in_text(text: &str, words: &mut Vec<String>) {
    let mut pieces = text.split('&');
    let first = pieces.next().unwrap_or_default();
    // What follows an entity begins after its semicolon.
    let others = pieces.map(|piece| piece.split_once(';').map_or(piece, |(_, rest)| rest));
    let text: String = std::iter::once(first).chain(others).collect();
    if text.contains(char::is_alphabetic) {
        words.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

fn in_tag(tag: &str, words: &mut Vec<String>) {
    for name in SEEN {
        let attribute = format!(" {name}=\"");
        let values = tag.split(attribute.as_str()).skip(1);
        let values = values.filter_map(|rest| rest.split('"').next());
        words.extend(
            values
                .filter(|value| value.contains(char::is_alphabetic))
                .map(str::to_owned),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        fixed_words(&[Source {
            name: "page.html",
            text,
        }])
    }

    #[test]
    fn a_page_that_says_only_texts_has_no_words_of_its_own() {
        let page = "<style>p { color: red }</style><h1 title=\"{{ say(\"a\") }}\" class=\"big\">{{ crate::say(\"b\") }}</h1>\
                    {% if a < b %}&nbsp;– 12 {% call field(\"near\", say(\"near-label\")) %}{% endif %}{# Words #}";

        assert_eq!(found(page), Vec::<String>::new());
    }

    #[test]
    fn words_in_text_in_attributes_and_for_macros_are_found() {
        let page = "<p aria-label=\"Map\">Hello {{ name }}, you</p>{% call field(\"near\", \"Where to\") %}";

        assert_eq!(
            found(page),
            [
                "page.html: Where to",
                "page.html: Map",
                "page.html: Hello , you"
            ]
        );
    }
}
