//! Our client, as the Autobahn TestSuite's `fuzzingserver` wants it: it echoes, one case on each
//! connection, and asks for the report at the end.
//!
//! ```text
//! autobahn_client ws://ADDRESS:PORT [ROOT-CERTIFICATES | --deflate]
//! ```

use std::error::Error as StdError;

use websocket_listener::client::Client;
use websocket_listener::extension::PermessageDeflate;
use websocket_listener::{Error, Options};

/// Under this name the report has the results.
const AGENT: &str = "websocket-listener";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let mut arguments = std::env::args().skip(1);
    let server = arguments.next().ok_or("where is the server?")?;
    let options = Options::new().max_message_bytes(64 << 20).max_fragments(1 << 20);
    let mut client = Client::new().options(options);
    match arguments.next().as_deref() {
        None => {}
        Some("--deflate") => client = client.message_extension(deflate()),
        Some(file) => client = client.root_certificates(&std::fs::read(file)?)?,
    }

    let mut socket = client.connect(&format!("{server}/getCaseCount")).await?;
    let count = socket.recv().await?.ok_or("the server has not said how many cases there are")?;
    let count: u32 = count.as_text().ok_or("the number of cases is no text")?.parse()?;
    for case in 1..=count {
        // The server checks how the connection ends.
        if let Err(error) =
            echo(&client, &format!("{server}/runCase?case={case}&agent={AGENT}")).await
        {
            println!("case {case} of {count}: {error}");
        }
    }
    let mut socket = client.connect(&format!("{server}/updateReports?agent={AGENT}")).await?;
    while socket.recv().await?.is_some() {}
    Ok(())
}

/// Accepts every parameter that a server may agree to, and compresses every message.
const fn deflate() -> PermessageDeflate {
    PermessageDeflate::new()
        .min_message_bytes(0)
        .server_context_takeover(true)
        .client_context_takeover(true)
}

/// Sends every message back until the connection has ended.
async fn echo(client: &Client, url: &str) -> Result<(), Box<dyn StdError>> {
    let mut socket = client.connect(url).await?;
    while let Some(message) = socket.recv().await? {
        match socket.feed(message).await {
            // What came in the same read as a Close frame.
            Err(Error::Closed) => {}
            fed => fed?,
        }
    }
    Ok(())
}
