//! Finds, for tests, the codes that reasons have: each needs words in the files of texts.

/// The codes that a type has: the literals of its `fn code`, in the order they stand there.
///
/// A variant that hands on the code of another type is not among them: ask for that type. Empty: the source has no
/// such type, or it has no `fn code`.
///
/// * `source` — the file with the type.
/// * `name` — the type.
#[must_use]
pub fn codes_of<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let implementation = format!("\nimpl {name} {{");
    let Some((_, after)) = source.split_once(implementation.as_str()) else {
        return Vec::new();
    };
    let block = after.split("\n}").next().unwrap_or_default();
    let Some((_, after)) = block.split_once("fn code(") else {
        return Vec::new();
    };
    let body = after.split("\n    }").next().unwrap_or_default();
    let arms = body.split("=> \"").skip(1);
    arms.filter_map(|arm| arm.split('"').next()).collect()
}

/// The codes that a source gives as literals: one argument of every `call`. The arguments before it have no commas in
/// them.
///
/// * `call` — what is called, with its parenthesis: `.refuse(`.
/// * `place` — which argument, from 0.
#[must_use]
pub fn codes_given<'a>(source: &'a str, call: &str, place: usize) -> Vec<&'a str> {
    let calls = source.split(call).skip(1);
    let given = calls.filter_map(|arguments| {
        let argument = arguments.splitn(place + 2, ',').nth(place)?;
        let literal = argument.trim_start().strip_prefix('"')?;
        literal.split('"').next()
    });
    given.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
impl Slip {
    fn code(self) -> &'static str {
        match self {
            Self::Zero => "zero",
        }
    }
}

impl Fault {
    fn code(&self) -> &'static str {
        match self {
            Self::Short => "too_short",
            Self::Slip(slip) => slip.code(),
            Self::Long { .. } => "too_long",
        }
    }

    fn status(&self) -> &'static str {
        match self {
            _ => "bad",
        }
    }
}
"#;

    #[test]
    fn the_codes_of_a_type_are_those_of_its_own_arms() {
        assert_eq!(codes_of(SOURCE, "Fault"), ["too_short", "too_long"]);
        assert_eq!(codes_of(SOURCE, "Slip"), ["zero"]);
        assert_eq!(codes_of(SOURCE, "Nobody"), Vec::<&str>::new());
    }

    #[test]
    fn codes_given_are_arguments_that_are_literals() {
        let source = "wrong.refuse(\"near\", \"place_unknown\", e);\nrefuse(\n    field,\n    \"age\",\n);\n\
                      wrong.refuse(\"need\", e.code(), e);";

        assert_eq!(codes_given(source, "refuse(", 1), ["place_unknown", "age"]);
        assert_eq!(codes_given(source, "refuse(", 0), ["near", "need"]);
    }
}
