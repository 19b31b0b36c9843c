//! Installing the tools that are missing.

use super::Tool;
use crate::outcome::Failure;
use crate::workspace::Workspace;

/// The tools that are missing still, and why.
pub(crate) struct Setup {
    missing: Vec<(Tool, Failure)>,
}

impl Setup {
    /// Fails if one of these tools is missing.
    pub(crate) fn check(&self, tools: &[Tool]) -> Result<(), Failure> {
        self.among(|tool| tools.contains(&tool)).map_or(Ok(()), |text| Err(Failure::not_run(text)))
    }

    /// All tools that are missing, and why, if any is.
    pub(crate) fn missing(&self) -> Option<String> {
        self.among(|_| true)
    }

    fn among(&self, is_wanted: impl Fn(Tool) -> bool) -> Option<String> {
        let missing = self.missing.iter().filter(|(tool, _)| is_wanted(*tool));
        let reasons: Vec<String> =
            missing.map(|(tool, failure)| format!("{tool}: {}", failure.reason())).collect();
        (!reasons.is_empty()).then(|| format!("missing {}", reasons.join("; ")))
    }
}

/// Installs those of the tools that are missing, and says so.
pub(crate) fn set_up(tools: impl IntoIterator<Item = Tool>, workspace: &Workspace) -> Setup {
    let mut missing: Vec<Tool> = Vec::new();
    for tool in tools {
        if !missing.contains(&tool) && !tool.is_installed(workspace) {
            missing.push(tool);
        }
    }
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
        println!("\n== setup: installing {}", names.join(", "));
    }
    let missing = missing.into_iter().filter_map(|tool| {
        let failure = tool.install(workspace).err()?;
        println!("{tool}: {}", failure.reason());
        Some((tool, failure))
    });
    Setup { missing: missing.collect() }
}
