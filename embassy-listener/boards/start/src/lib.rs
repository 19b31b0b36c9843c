//! The start of every board, once it has a network interface: the network stack and the application.
#![no_std]

use core::net::SocketAddrV4;

use application::{Application, Compression, PORT, Resources, Stack};
use embassy_executor::{Spawner, task};
use embassy_net::driver::Driver;
use embassy_net::{Config, Runner, StackResources};
use static_cell::StaticCell;

/// The number of connections at once, and the sizes of the rings of each, in bytes.
const SLOTS: usize = 8;
const RECEIVE: usize = 4096;
const TRANSMIT: usize = 4096;

/// The windows of compressed connections, in bytes.
const WINDOW: usize = 1024;

/// The stack's sockets: those of the slots, and one for DHCP.
const SOCKETS: usize = SLOTS + 1;

/// Creates the network stack on a network interface, which gets its address by DHCP.
///
/// The seed makes TCP's sequence numbers hard to guess, so it comes from a random number generator.
///
/// # Panics
/// If it is called twice.
pub fn network<D: Driver>(interface: D, seed: u64) -> (Stack, Runner<'static, D>) {
    static RESOURCES: StaticCell<StackResources<SOCKETS>> = StaticCell::new();
    let config = Config::dhcpv4(Default::default());
    embassy_net::new(interface, config, RESOURCES.init_with(StackResources::new), seed)
}

/// Waits for the network, starts the application, and returns its address.
///
/// # Panics
/// If it is called twice.
pub async fn serve(stack: Stack, spawner: Spawner) -> SocketAddrV4 {
    static RESOURCES: StaticCell<Resources<SLOTS, RECEIVE, TRANSMIT>> = StaticCell::new();
    static COMPRESSION: StaticCell<Compression<SLOTS, WINDOW, WINDOW>> = StaticCell::new();
    static APPLICATION: StaticCell<Application> = StaticCell::new();

    stack.wait_config_up().await;
    // In a `const` block, at most one copy lies on the stack while it moves into place. An RP2040
    // has no room for two.
    let resources = RESOURCES.init(const { Resources::new() });
    let compression = COMPRESSION.init(const { Compression::new() });
    let application = Application::new(stack, resources).permessage_deflate(compression);
    let application: &_ = APPLICATION.init(application);
    for _ in 0..SLOTS {
        spawner.spawn(worker(application).expect("a task for each slot"));
    }
    let config = stack.config_v4().expect("the network is up");
    SocketAddrV4::new(config.address.address(), PORT)
}

#[task(pool_size = SLOTS)]
async fn worker(application: &'static Application) {
    application.serve().await;
}
