//! The command line.

use std::error::Error as StdError;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;
use websocket_listener::Options;
use websocket_listener::client::Client;

use crate::commands;

pub(crate) const USAGE: &str = "Usage: client [OPTION]... URL";

const HELP: &str = "
Connects to a WebSocket server. Lines of standard input are messages; what comes goes to standard
output, text as it is and bytes in hexadecimal, and everything else to standard error.

of the request
  -H, --header 'NAME: VALUE'  adds a header
      --subprotocol NAME      offers a subprotocol, the preferred first
      --origin ORIGIN         says which page it comes from
      --cookie NAME=VALUE     sends a cookie
      --deflate               offers compression; needs the feature deflate

of the way there
      --proxy URL             goes through this HTTP proxy, by CONNECT
      --proxy-from-env        goes through the proxy that the environment names
      --unix PATH             goes to this Unix socket; the URL is what is asked for there
      --redirects N           follows so many redirects; none by default
      --timeout SECONDS       for the connection; 10 by default
      --ca FILE               trusts these certificates (PEM) alone; needs the feature tls
      --insecure              trusts every certificate; needs the feature tls

of what is shown
  -i, --include               shows the head of the server's answer
  -q, --quiet                 shows messages and faults only
  -h, --help                  shows this

of the connection
      --limit BYTES           takes no larger messages; 64 MiB by default
      --wait SECONDS          at the end of the input, waits until nothing has come for so long,
                              then closes; 1 by default

The exit code is 0 if the connection was closed by this end, or by the server with 1000, 1001 or no
code; 1 if it was not, or there was none; 2 if the arguments make no sense.
";

/// What to do.
pub(crate) struct Arguments {
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) unix: Option<PathBuf>,
    pub(crate) wait: Duration,
    pub(crate) show_response: bool,
    pub(crate) quiet: bool,
}

pub(crate) fn parse() -> Result<Arguments, Box<dyn StdError>> {
    let mut client = Client::new();
    let mut subprotocols = Vec::new();
    let mut limit = 64 << 20;
    let (mut url, mut unix, mut wait) = (None, None, Duration::from_secs(1));
    let (mut show_response, mut quiet) = (false, false);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('H') | Long("header") => {
                let header = parser.value()?.string()?;
                let (name, value) = header.split_once(':').ok_or("a header is NAME: VALUE")?;
                client = client.header(name.trim(), value.trim())?;
            }
            Long("subprotocol") => subprotocols.push(parser.value()?.string()?),
            Long("origin") => client = client.header("Origin", parser.value()?.string()?)?,
            Long("cookie") => {
                let cookie = parser.value()?.string()?;
                let (name, value) = cookie.split_once('=').ok_or("a cookie is NAME=VALUE")?;
                client = client.cookie(name, value)?;
            }
            #[cfg(feature = "deflate")]
            Long("deflate") => {
                client = client
                    .message_extension(websocket_listener::extension::PermessageDeflate::new());
            }
            Long("proxy") => client = client.proxy(parser.value()?.string()?),
            Long("proxy-from-env") => client = client.proxy_from_environment(),
            #[cfg(unix)]
            Long("unix") => unix = Some(parser.value()?.into()),
            Long("redirects") => client = client.max_redirects(parser.value()?.parse()?),
            Long("timeout") => client = client.connect_timeout(parse_seconds(&mut parser)?),
            #[cfg(feature = "tls")]
            Long("ca") => {
                let file = parser.value()?.string()?;
                let pem = std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
                let trusting = client.root_certificates(&pem);
                client = trusting.map_err(|error| format!("{file}: {error}"))?;
            }
            #[cfg(feature = "tls")]
            Long("insecure") => client = client.tls_config(crate::insecure::config()?),
            #[cfg(not(feature = "deflate"))]
            Long("deflate") => return Err("--deflate needs the cargo feature deflate".into()),
            #[cfg(not(feature = "tls"))]
            Long(option @ ("ca" | "insecure")) => {
                return Err(format!("--{option} needs the cargo feature tls").into());
            }
            Short('i') | Long("include") => show_response = true,
            Short('q') | Long("quiet") => quiet = true,
            Long("limit") => limit = parser.value()?.parse()?,
            Long("wait") => wait = parse_seconds(&mut parser)?,
            Short('h') | Long("help") => {
                println!("{USAGE}\n{HELP}\n{}", commands::HELP);
                std::process::exit(0);
            }
            Value(value) if url.is_none() => url = Some(value.string()?),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let url = url.ok_or("where to? A URL is missing")?;
    let client = client.subprotocols(subprotocols).options(Options::new().max_message_bytes(limit));
    Ok(Arguments { client, url, unix, wait, show_response, quiet })
}

fn parse_seconds(parser: &mut lexopt::Parser) -> Result<Duration, Box<dyn StdError>> {
    Ok(Duration::try_from_secs_f64(parser.value()?.parse()?)?)
}
