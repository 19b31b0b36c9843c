//! The application on Raspberry Pi's Pico W: an RP2040 with a CYW43439 for WiFi. The build takes the
//! network's name and password from `WIFI_SSID` and `WIFI_PASSWORD`.
#![no_std]
#![no_main]

mod wifi;

use core::fmt::Write as _;

use embassy_executor::{Spawner, main};
use embassy_rp::clocks::RoscRng;
use rp2040::Console;

use wifi::Pins;

#[main]
async fn main(spawner: Spawner) {
    let p = embassy_rp::init(Default::default());
    let mut console = Console::new(p.UART0, p.PIN_0);
    let pins = Pins {
        power: p.PIN_23,
        data: p.PIN_24,
        select: p.PIN_25,
        clock: p.PIN_29,
        state_machines: p.PIO0,
        transfer: p.DMA_CH0,
    };
    let (interface, mut control) = wifi::start(pins, spawner).await;
    let (stack, runner) = start::network(interface, RoscRng.next_u64());
    spawner.spawn(wifi::run_network(runner).expect("started once"));
    while let Err(error) = wifi::join(&mut control).await {
        let _ = writeln!(console, "not joined: {error:?}");
    }
    let _ = writeln!(console, "joined, waiting for an address");
    let address = start::serve(stack, spawner).await;
    let _ = writeln!(console, "READY {address}");
}
