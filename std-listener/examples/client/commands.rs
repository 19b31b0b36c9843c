//! What a line that was typed means.

use websocket_listener::CloseCode;

pub(crate) const HELP: &str = "\
A line is sent as text, except:

/ping [TEXT]            sends a ping
/binary HEX             sends bytes
/close [CODE [REASON]]  closes the connection
/help                   shows this
//TEXT                  sends a text that begins with a slash";

pub(crate) enum Command<'l> {
    Text(&'l str),
    Binary(Vec<u8>),
    Ping(&'l str),
    Close(CloseCode, &'l str),
    Help,
}

/// The command in a line, or why there is none.
pub(crate) fn parse(line: &[u8]) -> Result<Command<'_>, String> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = str::from_utf8(line).map_err(|_| "not sent, for it is not UTF-8; see /binary")?;
    let Some(command) = line.strip_prefix('/') else { return Ok(Command::Text(line)) };
    if command.starts_with('/') {
        return Ok(Command::Text(command));
    }
    let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
    match name {
        "ping" => Ok(Command::Ping(rest)),
        "binary" => parse_hex(rest).map(Command::Binary).ok_or(format!("not hexadecimal: {rest}")),
        "close" => parse_close(rest),
        "help" => Ok(Command::Help),
        _ => Err(format!("there is no /{name}; /help lists what there is")),
    }
}

fn parse_close(rest: &str) -> Result<Command<'_>, String> {
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    if code.is_empty() {
        return Ok(Command::Close(CloseCode::NORMAL, ""));
    }
    let code = code.parse().map_err(|_| format!("not a close code: {code}"))?;
    Ok(Command::Close(CloseCode::new(code), reason))
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}
