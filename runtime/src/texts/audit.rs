//! Finds, for tests, what is wrong between the files of texts and the pages that say them.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

/// A template or a source file that says texts.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Where it is, for what is found.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// What is wrong: a key that a page says and a language lacks, a key that no page says, a place for a value
/// that not every language has. Empty: nothing.
///
/// Pages say keys as literals, `say("…")` or `tell("…"`.
///
/// * `files` — the code of each language and its file; the first is the one the others are measured by.
/// * `families` — beginnings of keys that pages put together, such as `state-`.
#[must_use]
pub fn audit(files: &[(&str, &str)], sources: &[Source<'_>], families: &[&str]) -> Vec<String> {
    let languages: Vec<_> = files
        .iter()
        .map(|(code, file)| (*code, places(file)))
        .collect();
    let Some((_, first)) = languages.first() else {
        return vec!["there are no texts".to_owned()];
    };
    let said: BTreeMap<&str, &str> = sources.iter().flat_map(said_in).collect();
    let mut wrong = Vec::new();
    for (key, page) in &said {
        if !first.contains_key(*key) {
            wrong.push(format!("{page} says {key}, which no file has"));
        }
    }
    for key in first.keys() {
        let family = families.iter().any(|family| key.starts_with(family));
        if !family && !said.contains_key(key.as_str()) {
            wrong.push(format!("nothing says {key}"));
        }
    }
    for (code, texts) in &languages {
        let keys: BTreeSet<&String> = first.keys().chain(texts.keys()).collect();
        for key in keys {
            match (first.get(key), texts.get(key)) {
                (Some(_), None) => wrong.push(format!("{code} lacks {key}")),
                (None, Some(_)) => {
                    wrong.push(format!("{code} has {key}, which the first language lacks"));
                }
                (ours, theirs) if ours != theirs => {
                    wrong.push(format!("{code} has other places for values in {key}"));
                }
                _ => {}
            }
        }
    }
    wrong
}

/// The keys a page says, each with the page.
fn said_in<'a>(source: &Source<'a>) -> Vec<(&'a str, &'a str)> {
    let mut said = Vec::new();
    for call in ["say(\"", "tell(\""] {
        let after = source.text.split(call).skip(1);
        said.extend(after.filter_map(|rest| Some((rest.split_once('"')?.0, source.name))));
    }
    // A call that is broken over lines.
    for call in ["say(\n", "tell(\n"] {
        let after = source.text.split(call).skip(1);
        let literal = after.filter_map(|rest| rest.trim_start().strip_prefix('"'));
        said.extend(literal.filter_map(|rest| Some((rest.split_once('"')?.0, source.name))));
    }
    said
}

/// The keys of a file with the names of their places for values.
fn places(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = parser::parse(file).unwrap_or_else(|(partial, _)| partial);
    let messages = resource.body.into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message),
        _ => None,
    });
    messages
        .map(|message| {
            let mut names = BTreeSet::new();
            if let Some(value) = &message.value {
                in_pattern(value, &mut names);
            }
            (message.id.name.to_owned(), names)
        })
        .collect()
}

fn in_pattern(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, names);
        }
    }
}

fn in_expression(expression: &Expression<&str>, names: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, names),
        Expression::Select { selector, variants } => {
            in_inline(selector, names);
            for variant in variants {
                in_pattern(&variant.value, names);
            }
        }
    }
}

fn in_inline(inline: &InlineExpression<&str>, names: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            names.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => in_expression(expression, names),
        InlineExpression::FunctionReference { arguments, .. } => {
            for argument in &arguments.positional {
                in_inline(argument, names);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "open = Open\nfound = { $count } found\nstate-full = Full\n";

    fn page(text: &str) -> [Source<'_>; 1] {
        [Source {
            name: "page.html",
            text,
        }]
    }

    #[test]
    fn pages_and_files_that_fit_have_nothing_wrong() {
        let spanish = "open = Abierto\nfound = Hay { $count }\nstate-full = Lleno\n";
        let pages = page("{{ say(\"open\") }} {{ texts.tell(\n    \"found\", []) }}");

        let wrong = audit(&[("en", ENGLISH), ("es", spanish)], &pages, &["state-"]);

        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn missing_unused_and_differing_keys_are_found() {
        let spanish = "open = Abierto { $count }\nstate-full = Lleno\nmore = Mas\n";
        let pages = page("{{ say(\"open\") }} {{ say(\"closed\") }}");

        let wrong = audit(&[("en", ENGLISH), ("es", spanish)], &pages, &[]);

        assert_eq!(
            wrong,
            [
                "page.html says closed, which no file has",
                "nothing says found",
                "nothing says state-full",
                "es lacks found",
                "es has more, which the first language lacks",
                "es has other places for values in open",
            ]
        );
    }
}
