//! The application on QEMU's MPS2 AN385 (an Arm Cortex-M3) with a LAN9118 network interface, built for
//! thumbv6m: the instruction set of an RP2040.
#![no_std]
#![no_main]

mod clock;
mod executor;
mod interrupts;
mod lan9118;
mod panic;

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use embassy_executor::{Spawner, task};
use embassy_net::Runner;
use embassy_time::Timer;

use interrupts::Line;
use lan9118::Lan9118;

/// An address of the range that QEMU uses for its guests.
const MAC_ADDRESS: [u8; 6] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];

#[entry]
fn main() -> ! {
    clock::start();
    Line::Timer.enable();
    executor::run(|spawner| spawner.spawn(start(spawner).expect("started once")))
}

#[task]
async fn start(spawner: Spawner) {
    let interface = Lan9118::new(MAC_ADDRESS);
    // Not earlier: until its polarity is set, the controller asserts the line.
    Line::Ethernet.enable();
    let (stack, runner) = qemu::network(interface);
    spawner.spawn(run_network(runner).expect("started once"));
    spawner.spawn(keep_emulator_awake().expect("started once"));
    let address = qemu::serve(stack, spawner).await;
    hprintln!("READY {}", address);
}

#[task]
async fn run_network(mut runner: Runner<'static, Lan9118>) -> ! {
    runner.run().await
}

/// Wakes QEMU's main loop. Otherwise, with this network interface, QEMU's user-mode network reads the
/// first bytes of a new connection up to half a second late.
#[task]
async fn keep_emulator_awake() -> ! {
    loop {
        Timer::after_millis(5).await;
    }
}
