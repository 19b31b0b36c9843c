//! An echo and a thermometer at port 80 of a W5500-EVB-Pico.
#![no_std]
#![no_main]

use core::future::pending;
use core::panic::PanicInfo;

use embassy_executor::{Spawner, main, task};
use embassy_futures::select::select;
use embassy_net::{Config, StackResources};
use embassy_net_wiznet::chip::W5500;
use embassy_net_wiznet::{Device, State};
use embassy_rp::clocks::RoscRng;
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::{DMA_CH0, DMA_CH1, SPI0};
use embassy_rp::spi::{self, Async, Spi};
use embassy_rp::{bind_interrupts, dma};
use embassy_time::{Delay, Timer};
use embedded_hal_bus::spi::ExclusiveDevice;
use static_cell::StaticCell;
use websocket_listener_embassy::{
    Error, Message, Options, Resources, WebSocket, WebSocketListener,
};

/// Connections at once, and the sizes of each connection's rings in bytes.
const SLOTS: usize = 4;
const RX: usize = 2048;
const TX: usize = 2048;

/// A locally administered address. Boards on one network need different ones.
const MAC_ADDRESS: [u8; 6] = [0x02, 0x00, 0x00, 0x00, 0x00, 0x43];

static W5500_STATE: StaticCell<State<4, 4>> = StaticCell::new();
static STACK_RESOURCES: StaticCell<StackResources<{ SLOTS + 1 }>> = StaticCell::new(); // and DHCP
static RESOURCES: StaticCell<Resources<SLOTS, RX, TX>> = StaticCell::new();
static LISTENER: StaticCell<WebSocketListener> = StaticCell::new();

bind_interrupts!(struct Interrupts {
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>, dma::InterruptHandler<DMA_CH1>;
});

type Bus = ExclusiveDevice<Spi<'static, SPI0, Async>, Output<'static>, Delay>;
type Controller = embassy_net_wiznet::Runner<'static, W5500, Bus, Input<'static>, Output<'static>>;

#[main]
async fn main(spawner: Spawner) {
    let p = embassy_rp::init(Default::default());

    // The network interface: a W5500, wired as on the board.
    let mut config = spi::Config::default();
    config.frequency = 33_000_000;
    let (clock, mosi, miso) = (p.PIN_18, p.PIN_19, p.PIN_16);
    let spi = Spi::new(p.SPI0, clock, mosi, miso, p.DMA_CH0, p.DMA_CH1, Interrupts, config);
    let Ok(bus) = ExclusiveDevice::new(spi, Output::new(p.PIN_17, Level::High), Delay);
    let interrupt = Input::new(p.PIN_21, Pull::Up);
    let reset = Output::new(p.PIN_20, Level::High);
    let state = W5500_STATE.init_with(State::new);
    let (device, controller) = embassy_net_wiznet::new(MAC_ADDRESS, state, bus, interrupt, reset)
        .await
        .expect("a W5500 on SPI0");
    spawner.spawn(run_controller(controller).unwrap());

    // The network stack, which gets its address by DHCP.
    let sockets = STACK_RESOURCES.init_with(StackResources::new);
    let seed = RoscRng.next_u64(); // makes TCP's sequence numbers hard to guess
    let (stack, network) =
        embassy_net::new(device, Config::dhcpv4(Default::default()), sockets, seed);
    spawner.spawn(run_network(network).unwrap());
    stack.wait_config_up().await;

    // The listener, and a task for each of its slots.
    let resources = RESOURCES.init(const { Resources::new() });
    let listener = WebSocketListener::new(stack, 80, resources, Options::new());
    let listener: &'static _ = LISTENER.init(listener);
    for _ in 0..SLOTS {
        spawner.spawn(worker(listener).unwrap());
    }
}

#[task(pool_size = SLOTS)]
async fn worker(listener: &'static WebSocketListener) {
    loop {
        // `while let` would keep room for a second connection in the task.
        let Some(mut socket) = listener.accept().await else { return };
        match socket.request() {
            Some("/thermometer") => send_temperatures(&mut socket).await,
            _ => {
                let _ = echo(&mut socket).await;
            }
        }
        // Dropping the socket makes its slot available again.
    }
}

async fn echo(socket: &mut WebSocket) -> Result<(), Error> {
    let mut buffer = [0; 1024];
    while let Some(message) = socket.recv(&mut buffer).await? {
        match message {
            Message::Text(text) => socket.send_text(text).await?,
            Message::Binary(bytes) => socket.send_binary(bytes).await?,
        }
    }
    Ok(())
}

/// Sends a reading once a second. Receiving beside it answers pings and notices the end.
async fn send_temperatures(socket: &mut WebSocket) {
    let (mut reader, mut writer) = socket.split();
    let sending = async {
        while writer.send_text("21.5").await.is_ok() {
            Timer::after_secs(1).await;
        }
        pending::<()>().await; // the connection is closing, and `receiving` completes that
    };
    let receiving = async { while let Ok(Some(_)) = reader.next_message().await {} };
    select(receiving, sending).await;
}

#[task]
async fn run_controller(controller: Controller) -> ! {
    controller.run().await
}

#[task]
async fn run_network(mut network: embassy_net::Runner<'static, Device<'static>>) -> ! {
    network.run().await
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        cortex_m::asm::bkpt();
    }
}
