//! A file of texts that is part of a program, and the places where the program says them.

use std::path::Path;
use std::sync::OnceLock;
use std::{fs, io};

use super::{Texts, Value};

/// A file of texts compiled into a program, read when it is first needed.
#[derive(Debug)]
pub struct Compiled {
    language: &'static str,
    file: &'static str,
    read: OnceLock<Texts>,
}

impl Compiled {
    /// Texts in a language.
    ///
    /// * `language` — its code, as BCP 47 has it.
    /// * `file` — what is in the file: what `include_str!` gives. A test of the program reads it.
    #[must_use]
    pub const fn new(language: &'static str, file: &'static str) -> Self {
        Self {
            language,
            file,
            read: OnceLock::new(),
        }
    }

    /// The code of the language and the file, for [`audit`](super::audit).
    #[must_use]
    pub const fn file(&self) -> (&'static str, &'static str) {
        (self.language, self.file)
    }

    /// The text with this key: see [`Texts::say`].
    ///
    /// # Panics
    /// When the file is no Fluent: a test of the program finds that.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.texts().say(key)
    }

    /// The text with this key and values in its places: see [`Texts::tell`].
    ///
    /// # Panics
    /// As [`Compiled::say`].
    #[must_use]
    pub fn tell(&self, key: &str, values: &[(&'static str, Value<'_>)]) -> String {
        self.texts().tell(key, values)
    }

    /// The text with this key, where it is there and has all its values: see [`Texts::find`].
    ///
    /// # Panics
    /// As [`Compiled::say`].
    #[must_use]
    pub fn find<'a>(&self, key: &str, values: &[(&'a str, Value<'a>)]) -> Option<String> {
        self.texts().find(key, values)
    }

    fn texts(&self) -> &Texts {
        self.read.get_or_init(|| {
            #[expect(
                clippy::expect_used,
                reason = "the file is compiled in, and a test of the program reads it"
            )]
            Texts::read(self.language, self.file).expect("the texts that are compiled in")
        })
    }
}

/// Every file below the `folders` of `home`, by its path, in order: the templates and sources that say texts, for
/// [`audit`](super::audit) and [`fixed_words`](super::fixed_words).
///
/// # Errors
/// A folder or a file that cannot be read, or is no text.
pub fn sources(home: &Path, folders: &[&str]) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for folder in folders {
        below(&home.join(folder), &mut found)?;
    }
    Ok(found)
}

fn below(folder: &Path, found: &mut Vec<(String, String)>) -> io::Result<()> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            below(&path, found)?;
        } else {
            found.push((path.display().to_string(), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_texts_are_said_as_any_others() {
        static TEXTS: Compiled = Compiled::new("en", "found = { $count } found\nopen = Open\n");

        assert_eq!(TEXTS.say("open"), "Open");
        assert_eq!(TEXTS.tell("found", &[("count", 3.into())]), "3 found");
        assert_eq!(TEXTS.file().0, "en");
    }

    #[test]
    fn sources_are_found_in_every_folder_below() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("pages/inner")).unwrap();
        fs::write(home.path().join("pages/a.html"), "A").unwrap();
        fs::write(home.path().join("pages/inner/b.html"), "B").unwrap();

        let found = sources(home.path(), &["pages"]).unwrap();

        let texts: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["A", "B"]);
        assert!(sources(home.path(), &["nowhere"]).is_err());
    }
}
