//! A network interface on which anything may come, or nothing.

use core::hint::black_box;
use core::task::Context;

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};

/// The longest Ethernet frame.
const FRAME: usize = 1514;

pub(crate) struct Interface;

impl Driver for Interface {
    type RxToken<'a> = Frame;
    type TxToken<'a> = Frame;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Frame, Frame)> {
        self.transmit(cx).map(|frame| (frame, Frame))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Frame> {
        black_box(cx.waker());
        black_box(true).then_some(Frame)
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        if black_box(true) { LinkState::Up } else { LinkState::Down }
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = FRAME;
        capabilities.max_burst_size = Some(1);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet([2, 0, 0, 0, 0, 1])
    }
}

pub(crate) struct Frame;

impl RxToken for Frame {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        f(black_box(&mut [0; FRAME]))
    }
}

impl TxToken for Frame {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut frame = [0; FRAME];
        let result = f(frame.get_mut(..length).unwrap_or_default());
        black_box(&mut frame);
        result
    }
}
