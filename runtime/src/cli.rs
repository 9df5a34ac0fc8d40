//! What the programs' command lines have in common: completions and manual pages, made from the definitions that
//! parse the arguments, and what a test holds every command to.
//!
//! Start at [`Completions`] and [`Man`], which each program has as a command of its own; [`faults`] is for tests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Command};
pub use clap_complete::Shell;

use crate::exit::{Exit, WithExit};
use crate::stdout::print;

/// Longest line of an example: terminals have 80 columns.
const COLUMNS: usize = 78;

/// Words that no command is called by, alone or below another one, and the word that every program has for it.
const INSTEAD: [(&str, &str); 13] = [
    ("create", "make"),
    ("del", "delete"),
    ("fetch", "show"),
    ("generate", "make"),
    ("get", "show"),
    ("info", "show"),
    ("ls", "list"),
    ("new", "make"),
    ("person remove", "revoke"),
    ("rm", "remove"),
    ("start", "run or serve"),
    ("update", "set"),
    ("validate", "check or verify"),
];

/// Prints a script that completes the program's commands in a shell.
#[derive(Args, Clone, Debug)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Prints the script for the program that `command` defines.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn run(&self, command: Command) -> anyhow::Result<()> {
        print(&completions(command, self.shell))
    }
}

/// Writes the manual: a page for the program and one for each command.
#[derive(Args, Clone, Debug)]
pub struct Man {
    /// The folder; made where there is none
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Man {
    /// Writes the pages of the program that `command` defines.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn run(&self, command: Command) -> anyhow::Result<()> {
        let pages = manual(command, &self.folder)
            .with_context(|| format!("cannot write to {}", self.folder.display()))
            .exit(Exit::Failed)?;
        let folder = self.folder.display();
        print(&format!("{pages} pages of the manual are in {folder}\n"))
    }
}

/// The script that completes a program's commands in a shell.
#[must_use]
pub fn completions(mut command: Command, shell: Shell) -> String {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Writes a page of the manual (section 1) for a program and for each of its commands: `program.1`,
/// `program-command.1`. Gives how many.
///
/// # Errors
/// When the folder cannot be written.
pub fn manual(command: Command, folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let mut command = command.disable_help_subcommand(true);
    command.build();
    page(&command, folder)
}

fn page(command: &Command, folder: &Path) -> io::Result<usize> {
    let man = clap_mangen::Man::new(command.clone());
    let name = man.get_filename();
    let mut text = Vec::new();
    man.render(&mut text)?;
    fs::write(folder.join(name), text)?;
    let mut pages = 1;
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set())
    {
        pages += page(inner, folder)?;
    }
    Ok(pages)
}

/// What is wrong with a program's commands, for tests: no example, an example that breaks on a terminal, nothing
/// said of itself, a word for which all programs have another. Empty: nothing.
#[must_use]
pub fn faults(command: &Command) -> Vec<String> {
    let mut found = Vec::new();
    look(command, "", &mut found);
    found
}

fn look(command: &Command, above: &str, found: &mut Vec<String>) {
    let name = format!("{above}{}", command.get_name());
    let help = command.get_after_help().or(command.get_after_long_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let shown = help
        .lines()
        .any(|line| line.trim_start().starts_with(&program(&name)));
    if !help.contains("Example") || !shown {
        found.push(format!("{name} has no example"));
    }
    if help
        .lines()
        .any(|line| line.starts_with("  ") && line.len() > COLUMNS)
    {
        found.push(format!("{name} has an example that breaks on 80 columns"));
    }
    if command.get_about().is_none() {
        found.push(format!("{name} says nothing of itself"));
    }
    for inner in command.get_subcommands() {
        let below = format!("{} {}", command.get_name(), inner.get_name());
        let mut instead = INSTEAD.iter();
        let instead = instead.find(|(word, _)| [inner.get_name(), &below].contains(word));
        if let Some((_, instead)) = instead {
            let word = inner.get_name();
            found.push(format!("{name} {word} is called {instead} elsewhere"));
        }
        look(inner, &format!("{name} "), found);
    }
}

/// The program's name: the first word.
fn program(name: &str) -> String {
    name.split(' ').next().unwrap_or_default().to_owned()
}

/// The names of all commands below one, as they are typed: `agency enrol`.
#[must_use]
pub fn names(command: &Command) -> Vec<String> {
    let mut names = Vec::new();
    for inner in command.get_subcommands() {
        names.push(inner.get_name().to_owned());
        let below = self::names(inner).into_iter();
        names.extend(below.map(|name| format!("{} {name}", inner.get_name())));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Command {
        let export = Command::new("export")
            .about("Export")
            .after_help("Example:\n  program key export");
        Command::new("program")
            .about("A program")
            .after_help("Example:\n  program key export")
            .subcommand(
                Command::new("key")
                    .about("Keys")
                    .after_help("Example:\n  program key export")
                    .subcommand(export),
            )
    }

    #[test]
    fn a_command_line_with_examples_has_no_faults() {
        assert_eq!(faults(&program()), Vec::<String>::new());
        assert_eq!(names(&program()), ["key", "key export"]);
    }

    #[test]
    fn a_command_without_example_or_with_another_word_is_found() {
        let command = program().subcommand(Command::new("get"));

        assert_eq!(
            faults(&command),
            [
                "program get is called show elsewhere",
                "program get has no example",
                "program get says nothing of itself",
            ]
        );
    }

    #[test]
    fn completions_name_every_command_in_every_shell() {
        for shell in [
            Shell::Bash,
            Shell::Zsh,
            Shell::Fish,
            Shell::PowerShell,
            Shell::Elvish,
        ] {
            let script = completions(program(), shell);

            assert!(
                script.contains("key") && script.contains("export"),
                "{shell}"
            );
        }
    }

    #[test]
    fn every_command_has_a_page_of_the_manual() {
        let folder = tempfile::tempdir().unwrap();

        let pages = manual(program(), folder.path()).unwrap();

        assert_eq!(pages, 3);
        for name in ["program.1", "program-key.1", "program-key-export.1"] {
            let text = fs::read_to_string(folder.path().join(name)).unwrap();
            assert!(text.contains(".TH") && text.contains("Example"), "{name}");
        }
    }
}
