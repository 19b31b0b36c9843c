//! Writes the macro `every_behaviour!`: a test of each function in `support/behaviours`.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::{env, io};

const FOLDER: &str = "support/behaviours";

/// The topic whose behaviours wait for deadlines.
const HASTY: &str = "deadlines";

/// The start of a behaviour in its source.
const BEHAVIOUR: &str = "pub async fn ";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let files: io::Result<Vec<DirEntry>> = fs::read_dir(FOLDER)?.collect();
    let mut files: Vec<PathBuf> = files?.iter().map(DirEntry::path).collect();
    files.sort();

    let mut topics = String::new();
    for file in files {
        let topic = file.file_stem().unwrap_or_default().to_string_lossy();
        let source = fs::read_to_string(&file)?;
        let names =
            source.lines().filter_map(|line| line.strip_prefix(BEHAVIOUR)?.split('<').next());
        let names: Vec<&str> = names.collect();
        if !names.is_empty() {
            let target = if topic == HASTY { "$hasty" } else { "$patient" };
            let names = names.join(", ");
            topics += &format!("$crate::behaviours_as_tests! {{ {target}, {topic}: {names} }}\n");
        }
    }
    let text = format!(
        "/// Makes a `#[test]` of each behaviour, in modules named by their topic.\n\
         ///\n\
         /// `patient` runs a behaviour against a target whose deadlines are far away, `hasty` against\n\
         /// one whose deadlines can be waited for. Each is a function over\n\
         /// `impl AsyncFnOnce(&SomeTarget)` that is in scope.\n\
         #[macro_export]\n\
         macro_rules! every_behaviour {{\n\
         (patient: $patient:ident, hasty: $hasty:ident $(,)?) => {{\n{topics}}};\n}}\n"
    );
    let folder = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&folder).join("every_behaviour.rs"), text)
}
