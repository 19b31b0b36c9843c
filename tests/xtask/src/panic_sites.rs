//! What is left of panics in a linked program, read from its bytes.
//!
//! Three traces are looked for:
//!
//! 1. **Symbols** of the standard library's panic functions.
//! 2. **The handler.** The program's panic handler writes to [`MARKER`], a variable that nothing
//!    else uses. The linker drops what is not referred to, so the variable is in the program
//!    exactly if some path leads to the handler.
//! 3. **Places.** Every panic carries a `core::panic::Location`: the file, line and column that the
//!    compiler or `#[track_caller]` recorded where the panic was *written*. The handler uses it, so
//!    the optimizer cannot drop it. It is a constant of the program, {address and length of the
//!    file's name, line, column}, and so can be listed.
//!
//! The places say in which library a panic was written even where that library's function was
//! inlined into another one's, which a list of calling functions would not. And all three are facts
//! about the whole program, so that a panic reached through a function pointer is seen as well.
//!
//! One kind of panic no source can avoid. Into every `async` block and function the compiler puts a
//! trap for a future that is polled again after it was ready, which only the code that polls it can
//! spring, by breaking the contract of `Future::poll`. Its place is the start of the block, where a
//! program cannot write a panic ([`Site::is_async_trap`]), and its function is [`ASYNC_TRAP`].
//!
//! A place in Rust's own library (`library/core/src/str/pattern.rs`) is a function of it that may
//! panic on its own account, rather than blame its caller. Such a function is not to be called.

use core::fmt;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use object::{Object, ObjectSection, ObjectSymbol, SectionKind};

/// The variable that the program's panic handler writes to.
const MARKER: &str = "PANIC_HANDLER_IS_REACHABLE";

/// Parts of the names of functions that exist to panic.
const MACHINERY: [&str; 7] = [
    "panicking",
    "slice_index_fail",
    "slice_error_fail",
    "unwrap_failed",
    "expect_failed",
    "len_mismatch_fail",
    "panic_",
];

/// The compiler's own: of a future that is polled again after it was ready.
const ASYNC_TRAP: &str = "panic_const_async_fn_resumed";

/// Where constants are kept.
const CONSTANTS: [SectionKind; 4] = [
    SectionKind::ReadOnlyData,
    SectionKind::ReadOnlyString,
    SectionKind::ReadOnlyDataWithRel,
    SectionKind::Data,
];

/// The traces of panics in one program.
pub(crate) struct PanicSites {
    /// Functions that exist to panic.
    pub(crate) symbols: Vec<String>,
    /// Whether any path leads to the panic handler.
    pub(crate) handler_is_reachable: bool,
    /// Where in the sources the panics were written.
    pub(crate) sites: BTreeSet<Site>,
}

/// A place in the sources.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    /// As the compiler was given it.
    file: String,
    line: u32,
    column: u32,
}

impl PanicSites {
    /// Reads a 32-bit program.
    pub(crate) fn of(program: &[u8]) -> Result<Self, String> {
        let file = object::File::parse(program).map_err(|error| error.to_string())?;
        let names: Vec<&str> = file.symbols().filter_map(|symbol| symbol.name().ok()).collect();
        if names.is_empty() {
            return Err("it has no symbols, so nothing can be said about it".to_owned());
        }
        let symbols = names.iter().filter(|name| MACHINERY.iter().any(|part| name.contains(part)));
        Ok(Self {
            symbols: symbols.map(ToString::to_string).collect(),
            handler_is_reachable: names.contains(&MARKER),
            sites: sites(&file)?,
        })
    }

    /// The functions other than those that the compiler's own traps need.
    pub(crate) fn symbols_beyond_async(&self) -> impl Iterator<Item = &String> {
        let needed = [ASYNC_TRAP, "panicking9panic_fmt"];
        self.symbols.iter().filter(move |symbol| !needed.iter().any(|part| symbol.contains(part)))
    }
}

impl Site {
    /// The part of the path that says which library and which file:
    /// `smoltcp-0.13.0/src/lib.rs`, `library/core/src/panicking.rs`.
    fn library_and_file(&self) -> String {
        let parts: Vec<&str> = self.file.split('/').collect();
        let source = parts.iter().rposition(|part| *part == "src").unwrap_or(0);
        let of_rust = source.checked_sub(2).filter(|&index| parts[index] == "library");
        parts[of_rust.unwrap_or(source.saturating_sub(1))..].join("/")
    }

    /// Whether it lies in a library of this name, of any version.
    pub(crate) fn is_in(&self, library: &str) -> bool {
        let file = self.library_and_file();
        file.strip_prefix(library).is_some_and(|rest| rest.starts_with(['-', '/']))
    }

    /// Whether it is this line and column of this library's file.
    pub(crate) fn is_at(&self, library_and_file: &str, place: (u32, u32)) -> bool {
        self.library_and_file() == library_and_file && (self.line, self.column) == place
    }

    /// Whether it lies in the file of this name.
    pub(crate) fn is_in_file(&self, name: &str) -> bool {
        self.file.rsplit('/').next() == Some(name)
    }

    /// Whether an `async` block or the body of an `async fn` starts here, in a file that is looked
    /// for from the folder that the program was built in.
    pub(crate) fn is_async_trap(&self, built_in: &Path) -> bool {
        let Ok(source) = fs::read_to_string(built_in.join(&self.file)) else { return false };
        let (line, column) = (self.line as usize, self.column as usize);
        let from_here = source
            .lines()
            .nth(line.saturating_sub(1))
            .map(|line| line.chars().skip(column.saturating_sub(1)).collect::<String>());
        from_here.is_some_and(|text| text.starts_with('{') || text.starts_with("async "))
    }
}

impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.library_and_file(), self.line, self.column)
    }
}

/// Every `Location` among the constants.
fn sites(file: &object::File<'_>) -> Result<BTreeSet<Site>, String> {
    let mut constants = Vec::new();
    for section in file.sections().filter(|section| CONSTANTS.contains(&section.kind())) {
        constants.push((section.address(), section.data().map_err(|error| error.to_string())?));
    }
    let words = constants.iter().flat_map(|(_, data)| data.windows(16).step_by(4));
    Ok(words.filter_map(|words| site(words, &constants)).collect())
}

/// Reads four words as a `Location`, if they make sense as one: nothing but the name of a source
/// file ends in `.rs`.
fn site(words: &[u8], constants: &[(u64, &[u8])]) -> Option<Site> {
    let word = |index: usize| Some(u32::from_le_bytes(*words.get(index * 4..)?.first_chunk()?));
    let (address, length, line, column) = (word(0)?, word(1)?, word(2)?, word(3)?);
    let name = constants.iter().find_map(|(start, data)| {
        let from = usize::try_from(u64::from(address).checked_sub(*start)?).ok()?;
        data.get(from..from.checked_add(length as usize)?)
    })?;
    // Newer compilers count a closing NUL.
    let name = core::str::from_utf8(name).ok()?.trim_end_matches('\0');
    name.ends_with(".rs").then(|| Site { file: name.to_owned(), line, column })
}
