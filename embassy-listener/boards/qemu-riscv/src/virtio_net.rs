//! The driver of the virtio network interface for `embassy-net`.

use core::array;
use core::cell::RefCell;
use core::ptr::NonNull;
use core::task::Context;

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;
use heapless::Vec;
use qemu::Register;
use static_cell::ConstStaticCell;
use virtio_drivers::device::net::VirtIONetRaw;
use virtio_drivers::transport::mmio::MmioTransport;

use crate::pages::SharedMemory;

/// The number of the interrupt: the first device is the last of eight.
pub(crate) const INTERRUPT: usize = 8;

/// The address of the registers.
const ADDRESS: usize = 0x1000_0000 + 0x1000 * INTERRUPT;
const LENGTH: usize = 0x1000;

const INTERRUPT_STATUS: Register<u32> = at(0x60);
const INTERRUPT_ACK: Register<u32> = at(0x64);

/// Returns the register at that offset.
const fn at(offset: usize) -> Register<u32> {
    // SAFETY: only used above, for registers of the device that read or write no memory.
    unsafe { Register::new(ADDRESS + offset) }
}

/// The longest frame.
const LONGEST: usize = 1514;

/// A frame behind the device's own header.
type Buffer = [u8; 1528];

/// The number of frames in memory, each way.
const QUEUE: usize = 8;

static WAKER: AtomicWaker = AtomicWaker::new();

/// Handles the interrupt after a frame was sent or received.
pub(crate) fn on_interrupt() {
    INTERRUPT_ACK.write(INTERRUPT_STATUS.read());
    WAKER.wake();
}

/// The interface, of which the board has one.
pub(crate) struct VirtioNet {
    queues: RefCell<Queues>,
    address: [u8; 6],
}

impl VirtioNet {
    /// Starts the device.
    pub(crate) fn new() -> Self {
        let queues = Queues::new();
        Self { address: queues.device.mac_address(), queues: RefCell::new(queues) }
    }
}

impl Driver for VirtioNet {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Room<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received<'_>, Room<'_>)> {
        WAKER.register(cx.waker());
        let queues = self.queues.get_mut();
        if !queues.has_received() || !queues.has_room() {
            return None;
        }
        Some((Received(&self.queues), Room(&self.queues)))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Room<'_>> {
        WAKER.register(cx.waker());
        let has_room = self.queues.get_mut().has_room();
        has_room.then_some(Room(&self.queues))
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = LONGEST;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.address)
    }
}

/// A received frame.
pub(crate) struct Received<'a>(&'a RefCell<Queues>);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        // Not borrowed during `f`, which may send.
        let (buffer, header, length) = self.0.borrow_mut().take_received();
        let result = f(buffer.get_mut(header..header + length).unwrap_or_default());
        self.0.borrow_mut().receive_into(buffer);
        result
    }
}

/// Room for a frame to send.
pub(crate) struct Room<'a>(&'a RefCell<Queues>);

impl TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let (buffer, header) = self.0.borrow_mut().take_room();
        let result = f(&mut buffer[header..header + length]);
        self.0.borrow_mut().send(buffer, header + length);
        result
    }
}

/// The device, the buffers that it uses, and the unused ones.
struct Queues {
    device: VirtIONetRaw<SharedMemory, MmioTransport<'static>, QUEUE>,
    /// The buffers for receiving, at the index of their token.
    receiving: [Option<&'static mut Buffer>; QUEUE],
    /// The buffers being sent and the lengths of their frames, at the index of their token.
    sending: [Option<(&'static mut Buffer, usize)>; QUEUE],
    free: Vec<&'static mut Buffer, QUEUE>,
}

impl Queues {
    fn new() -> Self {
        static RECEIVE: ConstStaticCell<[Buffer; QUEUE]> = ConstStaticCell::new([[0; _]; _]);
        static SEND: ConstStaticCell<[Buffer; QUEUE]> = ConstStaticCell::new([[0; _]; _]);

        let registers = NonNull::new(ADDRESS as *mut _).expect("an address");
        // SAFETY: a virtio device is mapped there, and this is the only transport to it. While it
        // runs, it does not write the two registers above.
        let transport = unsafe { MmioTransport::new(registers, LENGTH) }.expect("a virtio device");
        let mut queues = Self {
            device: VirtIONetRaw::new(transport).expect("a network interface"),
            receiving: array::from_fn(|_| None),
            sending: array::from_fn(|_| None),
            free: SEND.take().iter_mut().collect(),
        };
        RECEIVE.take().iter_mut().for_each(|buffer| queues.receive_into(buffer));
        queues.device.enable_interrupts();
        queues
    }

    fn has_received(&self) -> bool {
        self.device.poll_receive().is_some()
    }

    /// Returns the oldest received frame: its buffer, its offset and its length.
    fn take_received(&mut self) -> (&'static mut Buffer, usize, usize) {
        let token = self.device.poll_receive().expect("a received frame");
        let buffer = self.receiving[usize::from(token)].take().expect("the request's buffer");
        // SAFETY: the buffer is the one of the token's request.
        let received = unsafe { self.device.receive_complete(token, buffer) };
        let (header, length) = received.expect("a whole header");
        (buffer, header, length)
    }

    fn receive_into(&mut self, buffer: &'static mut Buffer) {
        // SAFETY: the buffer has no other user until the request is complete.
        let token = unsafe { self.device.receive_begin(buffer) }.expect("as many as there are");
        self.receiving[usize::from(token)] = Some(buffer);
    }

    /// Takes back the buffers that were sent, and returns true if one is unused.
    fn has_room(&mut self) -> bool {
        while let Some(token) = self.device.poll_transmit() {
            let (buffer, length) =
                self.sending[usize::from(token)].take().expect("the request's buffer");
            // SAFETY: the buffer is the one of the token's request.
            let sent = unsafe { self.device.transmit_complete(token, &buffer[..length]) };
            sent.expect("the request's token");
            let _ = self.free.push(buffer);
        }
        !self.free.is_empty()
    }

    /// Returns an unused buffer, and the offset of a frame in it.
    fn take_room(&mut self) -> (&'static mut Buffer, usize) {
        let buffer = self.free.pop().expect("there was room");
        let header = self.device.fill_buffer_header(buffer).expect("room for the header");
        (buffer, header)
    }

    fn send(&mut self, buffer: &'static mut Buffer, length: usize) {
        // SAFETY: the buffer has no other user until the request is complete.
        let begun = unsafe { self.device.transmit_begin(&buffer[..length]) };
        let token = begun.expect("as many as there are");
        self.sending[usize::from(token)] = Some((buffer, length));
    }
}
