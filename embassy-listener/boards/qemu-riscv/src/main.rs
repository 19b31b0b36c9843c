//! The application on QEMU's RISC-V `virt` machine with a virtio network interface, built for
//! riscv32imc: the instruction set of an ESP32-C3.
#![no_std]
#![no_main]

#[macro_use]
mod console;
mod clock;
mod interrupts;
mod pages;
mod virtio_net;

use embassy_executor::{Executor, Spawner, task};
use embassy_net::Runner;
use static_cell::StaticCell;

use virtio_net::VirtioNet;

#[riscv_rt::entry]
fn main() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    clock::start();
    interrupts::enable();
    let executor = EXECUTOR.init(Executor::new());
    executor.run(|spawner| spawner.spawn(start(spawner).expect("started once")))
}

#[task]
async fn start(spawner: Spawner) {
    let (stack, runner) = qemu::network(VirtioNet::new());
    spawner.spawn(run_network(runner).expect("started once"));
    let address = qemu::serve(stack, spawner).await;
    println!("READY {address}");
}

#[task]
async fn run_network(mut runner: Runner<'static, VirtioNet>) -> ! {
    runner.run().await
}
