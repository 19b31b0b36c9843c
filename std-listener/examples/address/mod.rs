//! The address that an example's arguments say to listen on.

use lexopt::prelude::*;

/// Address and port: 127.0.0.1 and this port, unless `--bind` and `--port` say otherwise. `--help`
/// prints this text and ends the example.
pub(crate) fn from_arguments(help: &str, port: u16) -> Result<(String, u16), lexopt::Error> {
    let (mut bind, mut port) = ("127.0.0.1".to_owned(), port);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("bind") => bind = parser.value()?.string()?,
            Long("port") => port = parser.value()?.parse()?,
            Short('h') | Long("help") => {
                println!("{help}");
                std::process::exit(0);
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok((bind, port))
}
