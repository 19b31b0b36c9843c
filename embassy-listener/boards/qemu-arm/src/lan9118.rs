//! The driver of the SMSC LAN9118 Ethernet controller for `embassy-net`.
//!
//! Frames pass through the controller's FIFOs word by word. The interrupt only wakes the network
//! task: the handler masks it, and the task unmasks it when it finds nothing to do.

use core::task::Context;

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;
use qemu::Register;

const RX_DATA: Register<u32> = at(0x00);
const TX_DATA: Register<u32> = at(0x20);
const RX_STATUS: Register<u32> = at(0x40);
const IRQ_CFG: Register<u32> = at(0x54);
const INT_STS: Register<u32> = at(0x58);
const INT_EN: Register<u32> = at(0x5c);
const BYTE_TEST: Register<u32> = at(0x64);
const FIFO_INT: Register<u32> = at(0x68);
const TX_CFG: Register<u32> = at(0x70);
const HW_CFG: Register<u32> = at(0x74);
const RX_FIFO_INF: Register<u32> = at(0x7c);
const TX_FIFO_INF: Register<u32> = at(0x80);
const MAC_CSR_CMD: Register<u32> = at(0xa4);
const MAC_CSR_DATA: Register<u32> = at(0xa8);

/// Registers of the MAC, behind the last two.
const MAC_CR: u32 = 1;
const MAC_ADDRH: u32 = 2;
const MAC_ADDRL: u32 = 3;

/// A frame waits to be read.
const RX_STATUS_LEVEL: u32 = 1 << 3;

/// The longest frame, without its check sequence.
const LONGEST: usize = 1514;
const CHECK_SEQUENCE: usize = 4;

/// The bytes of a word, in which the FIFOs are read and written.
const WORD: usize = 4;
const BUFFER: usize = (LONGEST + CHECK_SEQUENCE).next_multiple_of(WORD);

/// Returns the register at that offset.
const fn at(offset: usize) -> Register<u32> {
    // SAFETY: only used above, for the registers of the controller, which is mapped there (Arm
    // DAI 0385) and reads or writes no memory.
    unsafe { Register::new(0x4020_0000 + offset) }
}

static WAKER: AtomicWaker = AtomicWaker::new();

/// Masks the interrupt, and wakes the network task.
pub(crate) fn on_interrupt() {
    INT_EN.write(0);
    WAKER.wake();
}

/// The controller, of which the board has one.
pub(crate) struct Lan9118 {
    address: [u8; 6],
    /// The buffer of the received frame.
    frame: [u8; BUFFER],
}

impl Lan9118 {
    /// Resets and starts the controller.
    pub(crate) fn new(address: [u8; 6]) -> Self {
        assert_eq!(BYTE_TEST.read(), 0x8765_4321, "no LAN9118 here");
        let reset = 1;
        HW_CFG.write(reset);
        while HW_CFG.read() & reset != 0 {}
        // Frames are sent once complete; 2 of the 16 KiB of memory are for sending.
        HW_CFG.write(1 << 20 | 2 << 16);
        INT_EN.write(0);
        INT_STS.write(u32::MAX);
        // Interrupts when the number of waiting frames exceeds 0.
        FIFO_INT.write(0);
        // Enabled, active high, push-pull.
        IRQ_CFG.write(1 << 8 | 1 << 4 | 1);
        let [a, b, c, d, e, f] = address;
        write_mac(MAC_ADDRL, u32::from_le_bytes([a, b, c, d]));
        write_mac(MAC_ADDRH, u32::from_le_bytes([e, f, 0, 0]));
        // Full duplex, sending and receiving.
        write_mac(MAC_CR, 1 << 20 | 1 << 3 | 1 << 2);
        // Sending, without the status of sent frames.
        TX_CFG.write(1 << 2 | 1 << 1);
        Self { address, frame: [0; BUFFER] }
    }
}

fn write_mac(register: u32, value: u32) {
    let busy = 1 << 31;
    MAC_CSR_DATA.write(value);
    MAC_CSR_CMD.write(busy | register);
    while MAC_CSR_CMD.read() & busy != 0 {}
}

fn has_received() -> bool {
    RX_FIFO_INF.read() >> 16 & 0xff != 0
}

/// Returns true if the FIFO has room for the longest frame and its two command words.
fn has_room() -> bool {
    TX_FIFO_INF.read() & 0xffff >= (BUFFER + 2 * WORD) as u32
}

impl Driver for Lan9118 {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Room;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received<'_>, Room)> {
        if !has_received() {
            WAKER.register(cx.waker());
            INT_STS.write(RX_STATUS_LEVEL);
            INT_EN.write(RX_STATUS_LEVEL);
            // A frame may have arrived in between.
            if !has_received() {
                return None;
            }
        }
        let room = self.transmit(cx)?;
        Some((Received { frame: &mut self.frame }, room))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Room> {
        if has_room() {
            return Some(Room);
        }
        // Polls again at once, because the FIFO empties at the speed of the wire.
        cx.waker().wake_by_ref();
        None
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = LONGEST;
        // The FIFO has room for about six of the longest frames, and drops further ones. So each peer
        // may have one frame in flight.
        capabilities.max_burst_size = Some(1);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.address)
    }
}

/// A received frame in the FIFO.
pub(crate) struct Received<'a> {
    frame: &'a mut [u8; BUFFER],
}

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        let status = RX_STATUS.read();
        let is_faulty = status & 1 << 15 != 0;
        let length = (status >> 16 & 0x3fff) as usize;
        // Every word has to be read, even of a frame that is too long.
        let mut words = self.frame.chunks_exact_mut(WORD);
        for _ in 0..length.div_ceil(WORD) {
            let word = RX_DATA.read().to_le_bytes();
            if let Some(kept) = words.next() {
                kept.copy_from_slice(&word);
            }
        }
        let length = if is_faulty { 0 } else { length.saturating_sub(CHECK_SEQUENCE) };
        // The stack drops an empty frame.
        f(self.frame.get_mut(..length).unwrap_or_default())
    }
}

/// Room for a frame in the FIFO.
pub(crate) struct Room;

impl TxToken for Room {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut frame = [0; BUFFER];
        let result = f(&mut frame[..length]);
        // The frame is one segment.
        TX_DATA.write(1 << 13 | 1 << 12 | length as u32);
        TX_DATA.write(length as u32);
        for word in frame.as_chunks::<WORD>().0.iter().take(length.div_ceil(WORD)) {
            TX_DATA.write(u32::from_le_bytes(*word));
        }
        result
    }
}
