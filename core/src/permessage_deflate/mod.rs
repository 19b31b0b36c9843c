//! The negotiation of permessage-deflate (RFC 7692 section 7.1), for both ends and without I/O.
//!
//! [`Settings`] are the abilities and wishes of one end. A server [selects](Settings::select) among
//! the client's offers and sends [`Agreement::answer`]; a client sends [`Settings::offer`] and
//! [verifies](Settings::verify) the server's answer. The result of both is an [`Agreement`] on the
//! compression of each direction. The module `deflate` and the feature `io` compress.
//!
//! ```
//! use websocket_listener_core::handshake::Request;
//! use websocket_listener_core::permessage_deflate::{Settings, WindowBits};
//!
//! // A server with 1 KiB for what a client compresses: two offers, of which only the second fits.
//! let head = b"GET / HTTP/1.1\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12, \
//!     permessage-deflate; client_max_window_bits\r\n\r\n";
//! let request = Request::parse(head).unwrap();
//! let ten = WindowBits::new(10).unwrap();
//! let agreement = Settings::new().client_max_window_bits(ten).select(request.extensions()).unwrap();
//! assert_eq!(agreement.client_window_bits(), ten);
//! assert_eq!(agreement.answer().as_str(), "permessage-deflate; client_max_window_bits=10");
//! ```

mod agreement;
mod error;
mod extension_value;
mod parameters;
mod settings;
mod window_bits;

pub use agreement::Agreement;
pub use error::{AnswerError, OfferError};
pub use extension_value::ExtensionValue;
pub use settings::Settings;
pub use window_bits::WindowBits;

/// The registered name of the extension (RFC 7692 section 9.1).
pub const NAME: &str = "permessage-deflate";
