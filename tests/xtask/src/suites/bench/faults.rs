//! What could not be built or measured. No contestant is left out silently.

use super::contestants::Contestant;
use crate::outcome::Failure;

/// All faults of a run.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

struct Fault {
    /// The name of a contestant, or of a server of several.
    whose: String,
    text: String,
    is_ours: bool,
    fails_the_run: bool,
}

impl Faults {
    /// A peer's fault has to be dealt with here, by using another version or dropping that peer.
    pub(super) fn not_built(&mut self, server: &str, is_ours: bool, failure: &Failure) {
        let text = format!("{server}, building: {}", failure.reason());
        self.add(Fault { whose: server.to_owned(), text, is_ours, fails_the_run: true });
    }

    /// A peer's fault is reported; one of ours is a failure.
    pub(super) fn not_measured(&mut self, contestant: &Contestant, what: &str, failure: &Failure) {
        let Contestant { name, is_peer, .. } = *contestant;
        let text = format!("{name}, {what}: {}", failure.reason());
        let whose = name.to_owned();
        self.add(Fault { whose, text, is_ours: !is_peer, fails_the_run: !is_peer });
    }

    fn add(&mut self, fault: Fault) {
        println!("{}", fault.text);
        if !self.texts().any(|text| text == fault.text) {
            self.0.push(fault);
        }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|fault| fault.text.as_str())
    }

    /// Whose, each once.
    pub(super) fn whose(&self) -> Vec<&str> {
        let mut whose: Vec<&str> = self.0.iter().map(|fault| fault.whose.as_str()).collect();
        whose.dedup();
        whose
    }

    /// Whether the figures lack anything of ours.
    pub(super) fn has_ours(&self) -> bool {
        self.0.iter().any(|fault| fault.is_ours)
    }

    /// Fails if one of them does.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let failing = self.0.iter().filter(|fault| fault.fails_the_run);
        let failures: Vec<_> = failing.map(|fault| Failure::failed(fault.text.clone())).collect();
        Failure::all(&failures)
    }
}

#[cfg(test)]
mod tests {
    use super::Faults;
    use crate::outcome::Failure;
    use crate::suites::bench::contestants::ALL;

    fn faults(add: impl Fn(&mut Faults, &Failure)) -> Faults {
        let mut faults = Faults::default();
        // Added twice, as would happen round by round.
        add(&mut faults, &Failure::failed("no answer"));
        add(&mut faults, &Failure::failed("no answer"));
        assert_eq!(faults.texts().count(), 1);
        faults
    }

    #[test]
    fn a_server_that_does_not_build_fails_the_run_and_a_peer_under_load_does_not() {
        let by_name = |name| ALL.iter().find(|contestant| contestant.name == name).unwrap();
        let unbuilt = faults(|faults, why| faults.not_built("deflate-wtx", false, why));
        assert!(unbuilt.check().is_err() && !unbuilt.has_ours());
        let theirs = faults(|faults, why| faults.not_measured(by_name("yawc"), "echo", why));
        assert!(theirs.check().is_ok() && !theirs.has_ours());
        assert_eq!(theirs.whose(), ["yawc"]);
        let ours = faults(|faults, why| faults.not_measured(by_name("ours"), "echo", why));
        assert!(ours.check().is_err() && ours.has_ours());
    }
}
