//! Settings of the system that are changed while something is measured.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Says that it is ready, waits until its input ends, and writes the value. A signal that
/// interrupts this program does not interrupt it.
const KEEPER: &str = r#"trap '' HUP INT TERM; echo; read -r _; printf '%s\n' "$2" > "$1""#;

/// A setting that gets its value back when this is dropped, and when this program is interrupted or
/// killed: a shell holds the value, and writes it once the pipe to its input is closed.
pub(super) struct Restored(Child);

impl Drop for Restored {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Makes sure that a setting gets its present value back, whatever it is changed to; `None` if it
/// must not be changed.
pub(super) fn keep(file: &str) -> Option<Restored> {
    let value = fs::read_to_string(file).ok()?;
    fs::write(file, &value).ok()?;
    let mut keeper = Command::new("sh")
        .args(["-c", KEEPER, "sh", file, value.trim()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let ready = keeper.stdout.take()?;
    BufReader::new(ready).read_line(&mut String::new()).ok()?;
    Some(Restored(keeper))
}

/// Gives a setting this value for a while; `None` if it already has it, or must not be changed.
pub(super) fn change(file: &str, wanted: &str) -> Option<Restored> {
    if fs::read_to_string(file).ok()?.trim() == wanted {
        return None;
    }
    let restored = keep(file)?;
    fs::write(file, wanted).is_ok().then_some(restored)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{change, keep};

    /// A file that stands in for a setting with the value "old".
    fn setting(name: &str) -> String {
        let file = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        fs::write(&file, "old\n").unwrap();
        file.display().to_string()
    }

    #[test]
    fn a_setting_that_was_changed_gets_its_value_back() {
        let file = setting("changed");
        let restored = change(&file, "new");
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(change(&file, "new").is_none(), "it has it already");
        drop(restored);
        assert_eq!(fs::read_to_string(&file).unwrap(), "old\n");
        fs::remove_file(&file).unwrap();
        assert!(change(&file, "new").is_none(), "there is none");
    }

    #[test]
    fn a_setting_gets_its_value_back_though_its_keeper_is_interrupted_first() {
        let file = setting("interrupted");
        let restored = keep(&file).unwrap();
        fs::write(&file, "new").unwrap();
        for signal in ["-INT", "-TERM", "-HUP"] {
            let keeper = restored.0.id().to_string();
            std::process::Command::new("kill").args([signal, &keeper]).status().unwrap();
        }
        drop(restored);
        assert_eq!(fs::read_to_string(&file).unwrap(), "old\n");
        fs::remove_file(&file).unwrap();
    }
}
