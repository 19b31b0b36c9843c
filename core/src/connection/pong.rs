//! Pongs that the owner sends itself (RFC 6455 section 5.5.3).

use super::Connection;
use super::control::ControlMemory;
use super::outbound::write_control;
use crate::frame::OpCode;
use crate::{ControlError, MAX_CONTROL_PAYLOAD};

impl<I: ControlMemory, O: ControlMemory> Connection<I, O> {
    /// Writes a pong of the owner, if all of it fits into `out`; returns its length, or 0.
    ///
    /// It answers a ping that was [left to the owner](Self::withhold_pong), or is unsolicited, as
    /// "a unidirectional heartbeat". May only be called where a frame may start. It does not
    /// replace a waiting automatic pong.
    ///
    /// # Errors
    /// [`ControlError::TooLong`] if the payload has more than 125 bytes; [`ControlError::Closed`] once
    /// either side has closed.
    pub fn pong(&mut self, payload: &[u8], out: &mut [u8]) -> Result<usize, ControlError> {
        if !self.closing.can_send() {
            return Err(ControlError::Closed);
        }
        if payload.len() > MAX_CONTROL_PAYLOAD {
            return Err(ControlError::TooLong);
        }
        Ok(write_control(out, OpCode::Pong, [payload, &[]], self.role))
    }

    /// Leaves it to the owner to answer the ping that the last event reported: no automatic pong is
    /// sent for it, and its [payload](Self::control_payload) is forgotten.
    pub fn withhold_pong(&mut self) {
        if self.inbound.pong_due {
            self.inbound.forget_ping();
        }
    }
}
