//! Settings of the system that are changed while something is measured.

use std::fs;

/// A setting that gets its value back when this is dropped.
pub(super) struct Restored {
    file: &'static str,
    value: String,
}

impl Drop for Restored {
    fn drop(&mut self) {
        let _ = fs::write(self.file, &self.value);
    }
}

/// Lets a setting have this value for a while; nothing if it has it already, or must not be changed.
pub(super) fn change(file: &'static str, wanted: &str) -> Option<Restored> {
    let value = fs::read_to_string(file).ok()?.trim().to_owned();
    let changed = value != wanted && fs::write(file, wanted).is_ok();
    changed.then_some(Restored { file, value })
}

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn a_setting_that_was_changed_gets_its_value_back() {
        let file = std::env::temp_dir().join(format!("setting-{}", std::process::id()));
        let file: &'static str = file.display().to_string().leak();
        std::fs::write(file, "old\n").unwrap();
        let restored = change(file, "new");
        assert_eq!(std::fs::read_to_string(file).unwrap(), "new");
        assert!(change(file, "new").is_none(), "it has it already");
        drop(restored);
        assert_eq!(std::fs::read_to_string(file).unwrap(), "old");
        std::fs::remove_file(file).unwrap();
        assert!(change(file, "new").is_none(), "there is none");
    }
}
