//! The virtio network interface, as `embassy-net` wants it.

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

/// The number of its interrupt: the first device takes the last of eight places.
pub(crate) const INTERRUPT: usize = 8;

/// Where its registers are.
const ADDRESS: usize = 0x1000_0000 + 0x1000 * INTERRUPT;
const LENGTH: usize = 0x1000;

const INTERRUPT_STATUS: Register<u32> = at(0x60);
const INTERRUPT_ACK: Register<u32> = at(0x64);

/// The register at that offset.
const fn at(offset: usize) -> Register<u32> {
    // SAFETY: only used above, for registers of the device that read or write no memory.
    unsafe { Register::new(ADDRESS + offset) }
}

/// The longest frame.
const LONGEST: usize = 1514;

/// A frame behind the device's own header.
type Buffer = [u8; 1528];

/// How many frames may wait, each way.
const QUEUE: usize = 8;

static WAKER: AtomicWaker = AtomicWaker::new();

/// The device has sent or received.
pub(crate) fn on_interrupt() {
    INTERRUPT_ACK.write(INTERRUPT_STATUS.read());
    WAKER.wake();
}

/// The interface. There is one.
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

/// A frame that waits to be read.
pub(crate) struct Received<'a>(&'a RefCell<Queues>);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        // `f` may send: nothing is borrowed meanwhile.
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

/// The device, and the buffers that it has or that are free.
struct Queues {
    device: VirtIONetRaw<SharedMemory, MmioTransport<'static>, QUEUE>,
    /// Under the token of the request.
    receiving: [Option<&'static mut Buffer>; QUEUE],
    /// With how many bytes are sent.
    sending: [Option<(&'static mut Buffer, usize)>; QUEUE],
    free: Vec<&'static mut Buffer, QUEUE>,
}

impl Queues {
    fn new() -> Self {
        static RECEIVE: ConstStaticCell<[Buffer; QUEUE]> = ConstStaticCell::new([[0; _]; _]);
        static SEND: ConstStaticCell<[Buffer; QUEUE]> = ConstStaticCell::new([[0; _]; _]);

        let registers = NonNull::new(ADDRESS as *mut _).expect("an address");
        // SAFETY: a virtio device is mapped there, and this is the only transport to it. The two
        // registers above are not among those that it writes while it runs.
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

    /// The oldest received frame: its buffer, and where it is there.
    fn take_received(&mut self) -> (&'static mut Buffer, usize, usize) {
        let token = self.device.poll_receive().expect("a received frame");
        let buffer = self.receiving[usize::from(token)].take().expect("the request's buffer");
        // SAFETY: it is the one that was given with the token.
        let received = unsafe { self.device.receive_complete(token, buffer) };
        let (header, length) = received.expect("a whole header");
        (buffer, header, length)
    }

    fn receive_into(&mut self, buffer: &'static mut Buffer) {
        // SAFETY: from here on, nobody has it until the request is complete.
        let token = unsafe { self.device.receive_begin(buffer) }.expect("as many as there are");
        self.receiving[usize::from(token)] = Some(buffer);
    }

    /// Whether there is a free buffer; first takes back those that were sent.
    fn has_room(&mut self) -> bool {
        while let Some(token) = self.device.poll_transmit() {
            let (buffer, length) =
                self.sending[usize::from(token)].take().expect("the request's buffer");
            // SAFETY: it is the one that was given with the token.
            let sent = unsafe { self.device.transmit_complete(token, &buffer[..length]) };
            sent.expect("the request's token");
            let _ = self.free.push(buffer);
        }
        !self.free.is_empty()
    }

    /// A free buffer, and where a frame begins in it.
    fn take_room(&mut self) -> (&'static mut Buffer, usize) {
        let buffer = self.free.pop().expect("there was room");
        let header = self.device.fill_buffer_header(buffer).expect("room for the header");
        (buffer, header)
    }

    fn send(&mut self, buffer: &'static mut Buffer, length: usize) {
        // SAFETY: from here on, nobody has it until the request is complete.
        let begun = unsafe { self.device.transmit_begin(&buffer[..length]) };
        let token = begun.expect("as many as there are");
        self.sending[usize::from(token)] = Some((buffer, length));
    }
}
