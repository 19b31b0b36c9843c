//! The example `proxy_protocol` behind nginx and HAProxy, which end TLS and tell the client's address:
//! in `X-Forwarded-For`, in `Forwarded`, by the PROXY protocol in both versions.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::certificate::Certificate;
use crate::install::python;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::process::{self, Process, minutes};
use crate::program::Program;
use crate::workspace::Workspace;

/// Starts the listeners and the proxies, and has a client go through each.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let python = python::interpreter(workspace);
    let folder = workspace.target("proxies");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(while_doing(folder.display()))?;
    let certificate = Certificate::make(workspace, &folder)?;
    put_together(&certificate, &folder.join("both.pem"))?;

    let local = ["--bind", "ws://127.0.0.1:0", "--trust", "127.0.0.1"];
    let socket = format!("unix:{}", folder.join("forwarded.socket").display());
    let by_unix = ["--bind", &socket, "--trust", "unix:"];
    let (mut one, x_forwarded_for) = listener(workspace, &local, "--x-forwarded-for")?;
    let (mut two, _) = listener(workspace, &by_unix, "--forwarded")?;
    let (mut three, proxy_protocol) = listener(workspace, &local, "--proxy-protocol")?;

    let [nginx_port, haproxy_1, haproxy_2] = free_ports()?;
    let names = [
        ("@FOLDER@", folder.display().to_string()),
        ("@NGINX_PORT@", nginx_port.clone()),
        ("@HAPROXY_PORT_1@", haproxy_1.clone()),
        ("@HAPROXY_PORT_2@", haproxy_2.clone()),
        ("@X_FORWARDED_FOR@", x_forwarded_for),
        ("@PROXY_PROTOCOL@", proxy_protocol),
    ];
    let nginx_configuration = fill_in(workspace, &folder, "nginx.conf", &names)?;
    let haproxy_configuration = fill_in(workspace, &folder, "haproxy.cfg", &names)?;
    let mut nginx = workspace.command("nginx");
    let _nginx = Process::start(nginx.arg("-p").arg(&folder).arg("-c").arg(nginx_configuration))?;
    let mut haproxy = workspace.command("haproxy");
    let _haproxy = Process::start(haproxy.arg("-db").arg("-f").arg(haproxy_configuration))?;

    let through = |port: &str, path: &str, port_is_told: &str| {
        let mut client = workspace.command(&python);
        client
            .arg("tests/interop/peers/behind_proxies.py")
            .arg(format!("wss://localhost:{port}{path}"));
        process::run(client.arg(&certificate.chain).arg(port_is_told), minutes(2))
    };
    let outcomes = [
        through(&nginx_port, "/x-forwarded-for", "no"),
        through(&nginx_port, "/forwarded", "no"),
        through(&haproxy_1, "/", "yes"),
        through(&haproxy_2, "/", "yes"),
    ];
    for listener in [&mut one, &mut two, &mut three] {
        listener.still_runs()?;
    }
    let failures: Vec<Failure> = outcomes.into_iter().filter_map(Result::err).collect();
    Failure::all(&failures)?;
    Ok("nginx twice, HAProxy twice".to_owned())
}

/// A running example, and where it listens, as `HOST:PORT`.
fn listener(
    workspace: &Workspace,
    arguments: &[&str],
    told_by: &str,
) -> Result<(Program, String), Failure> {
    let arguments = arguments.iter().copied().chain([told_by]);
    let (program, endpoint) = Program::start_example(workspace, "proxy_protocol", "", arguments)?;
    Ok((program, endpoint.trim_start_matches("ws://").to_owned()))
}

/// A certificate with its key in one file, as HAProxy wants them.
fn put_together(certificate: &Certificate, file: &Path) -> Result<(), Failure> {
    let parts = [&certificate.chain, &certificate.key].map(fs::read);
    let parts: Vec<Vec<u8>> =
        parts.into_iter().collect::<Result<_, _>>().map_err(while_doing("the certificate"))?;
    fs::write(file, parts.concat()).map_err(while_doing(file.display()))
}

/// Ports that are not in use at this moment.
fn free_ports<const N: usize>() -> Result<[String; N], Failure> {
    let mut listeners = Vec::new();
    let mut ports = [const { String::new() }; N];
    for port in &mut ports {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(while_doing("a free port"))?;
        let address = listener.local_addr().map_err(while_doing("a free port"))?;
        *port = address.port().to_string();
        listeners.push(listener);
    }
    Ok(ports)
}

/// A configuration of `tests/interop/peers` with names filled in.
fn fill_in(
    workspace: &Workspace,
    folder: &Path,
    file: &str,
    names: &[(&str, String)],
) -> Result<std::path::PathBuf, Failure> {
    let template = fs::read_to_string(workspace.path("tests/interop/peers").join(file));
    let template = template.map_err(while_doing(file))?;
    let filled = names.iter().fold(template, |text, (name, value)| text.replace(name, value));
    let path = folder.join(file);
    fs::write(&path, filled).map_err(while_doing(path.display()))?;
    Ok(path)
}
