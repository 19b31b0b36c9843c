//! A certificate for this machine, made up by OpenSSL.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::outcome::Failure;
use crate::process::{self, minutes};
use crate::workspace::Workspace;

/// A certificate that is signed by its own key, and the key, in PEM files.
pub(crate) struct Certificate {
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// For `localhost` and `127.0.0.1`, in a folder that is there.
    pub(crate) fn make(workspace: &Workspace, folder: &Path) -> Result<Self, Failure> {
        let made = Self { chain: folder.join("certificate.pem"), key: folder.join("key.pem") };
        let mut make = workspace.command("openssl");
        make.stderr(Stdio::null());
        make.args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"]);
        make.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
        make.args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]);
        make.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        make.arg("-keyout").arg(&made.key).arg("-out").arg(&made.chain);
        process::run(&mut make, minutes(1))?;
        Ok(made)
    }

    /// As the examples take it.
    pub(crate) fn arguments(&self) -> [OsString; 4] {
        let [chain, key] = [&self.chain, &self.key].map(|path| path.clone().into_os_string());
        ["--certificate".into(), chain, "--key".into(), key]
    }
}
