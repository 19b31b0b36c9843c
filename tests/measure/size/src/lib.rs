//! What both programs have in common: a board of which nothing is known. Whatever it is asked may be
//! so or not, as far as the optimizer can tell.
#![no_std]

mod board;
mod interface;

use embassy_executor::{Spawner, task};
use embassy_net::{Config, Ipv4Address, Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};
use static_cell::StaticCell;

use interface::Interface;

/// Connections at once.
pub const SLOTS: usize = if cfg!(feature = "one-more") { 2 } else { 1 };

/// Bytes of either ring of a connection.
pub const RING: usize = 1024;

/// Bytes of the application's buffer for each connection.
pub const BUFFER: usize = 512;

/// The TCP port.
pub const PORT: u16 = 80;

/// Runs a program for ever.
pub fn run(start: impl FnOnce(Spawner, Stack<'static>)) -> ! {
    static RESOURCES: StaticCell<StackResources<SLOTS>> = StaticCell::new();

    board::run(|spawner| {
        let config = Config::ipv4_static(StaticConfigV4 {
            address: Ipv4Cidr::new(Ipv4Address::new(192, 168, 0, 2), 24),
            gateway: None,
            dns_servers: Default::default(),
        });
        let resources = RESOURCES.init_with(StackResources::new);
        let (stack, runner) = embassy_net::new(Interface, config, resources, 1);
        spawner.spawn(run_network(runner).expect("started once"));
        start(spawner, stack);
    })
}

#[task]
async fn run_network(mut runner: Runner<'static, Interface>) -> ! {
    runner.run().await
}
