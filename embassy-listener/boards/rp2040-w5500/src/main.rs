//! The application on WIZnet's W5500-EVB-Pico: an RP2040 with a W5500 Ethernet controller.
#![no_std]
#![no_main]

mod ethernet;

use core::fmt::Write as _;

use embassy_executor::{Spawner, main};
use embassy_rp::clocks::RoscRng;
use rp2040::Console;

use ethernet::Pins;

#[main]
async fn main(spawner: Spawner) {
    let p = embassy_rp::init(Default::default());
    let mut console = Console::new(p.UART0, p.PIN_0);
    let pins = Pins {
        spi: p.SPI0,
        miso: p.PIN_16,
        select: p.PIN_17,
        clock: p.PIN_18,
        mosi: p.PIN_19,
        reset: p.PIN_20,
        interrupt: p.PIN_21,
        send: p.DMA_CH0,
        receive: p.DMA_CH1,
    };
    let interface = ethernet::start(pins, spawner).await;
    let (stack, runner) = start::network(interface, RoscRng.next_u64());
    spawner.spawn(ethernet::run_network(runner).expect("started once"));
    let _ = writeln!(console, "waiting for an address");
    let address = start::serve(stack, spawner).await;
    let _ = writeln!(console, "READY {address}");
}
