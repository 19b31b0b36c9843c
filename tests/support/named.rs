//! Finding tests and functions by their names in the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns whether `cargo test` runs a test with a name like `listener::http2::resets::…`: its
/// modules are part of the suite, and the function is marked as a test, or is a behaviour.
pub(crate) fn is_run(test: &str) -> bool {
    let path: Vec<&str> = test.split("::").collect();
    let [suite, modules @ .., name] = &path[..] else {
        panic!("{test} is not suite::module::function");
    };
    if let ["behaviours", module] = [&[*suite], modules].concat()[..] {
        let source = read(&tests().join(format!("support/behaviours/{module}.rs")));
        let start = format!("pub async fn {name}<");
        return source.is_some_and(|source| source.lines().any(|line| line.starts_with(&start)));
    }
    let mut folder = tests().join("suites").join(suite);
    let mut file = folder.join("main.rs");
    for module in modules {
        let has_module = |line: &str| line.ends_with(&format!("mod {module};"));
        if !read(&file).is_some_and(|source| source.lines().any(has_module)) {
            return false;
        }
        folder.push(module);
        let in_folder = folder.join("mod.rs");
        file = if in_folder.exists() { in_folder } else { folder.with_extension("rs") };
    }
    let Some(source) = read(&file) else { return false };
    let lines: Vec<&str> = source.lines().collect();
    lines.iter().enumerate().any(|(index, line)| {
        line.trim_start().starts_with(&format!("fn {name}("))
            && lines[..index]
                .iter()
                .rev()
                .take_while(|line| line.trim_start().starts_with("#["))
                .any(|line| line.trim() == "#[test]")
    })
}

/// The source of a function that is named like `core/src/frame/header.rs::decode`: the purpose of its
/// file, and the function from its documentation to its closing brace; all functions of that name, if
/// the file has several.
pub(crate) fn function(place: &str) -> Option<String> {
    let (file, name) = place.split_once("::")?;
    let source = read(&tests().parent()?.join(file))?;
    let lines: Vec<&str> = source.lines().collect();
    let is_it = |line: &str| {
        let rest = line.split_once(&format!("fn {name}")).map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.starts_with(['(', '<']))
            && !line.trim_start().starts_with("//")
    };
    let found = (0..lines.len()).filter(|&index| is_it(lines[index])).map(|index| {
        let before = lines[..index].iter().rev();
        let before = before.take_while(|line| {
            let line = line.trim_start();
            line.starts_with("//") || line.starts_with("#[")
        });
        let indent = lines[index].len() - lines[index].trim_start().len();
        let end = format!("{}}}", &lines[index][..indent]);
        let length = lines[index..].iter().take_while(|line| **line != end).count();
        lines[index - before.count()..index + length].join("\n")
    });
    let found: Vec<String> = found.collect();
    let purpose = lines.iter().copied().filter(|line| line.starts_with("//!"));
    let purpose: Vec<&str> = purpose.collect();
    (!found.is_empty()).then(|| format!("{}\n{}", purpose.join("\n"), found.join("\n")))
}

/// The folder of the package `tests`.
fn tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &PathBuf) -> Option<String> {
    fs::read_to_string(path).ok()
}
