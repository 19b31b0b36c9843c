//! The CYW43439, wired as on the board.

use cyw43::{A4, Aligned, Control, JoinError, JoinOptions, NetDriver, Runner, SpiBus, State};
use cyw43_pio::{DEFAULT_CLOCK_DIVIDER, PioSpi};
use embassy_executor::{Spawner, task};
use embassy_rp::gpio::{Level, Output};
use embassy_rp::peripherals::{DMA_CH0, PIN_23, PIN_24, PIN_25, PIN_29, PIO0};
use embassy_rp::pio::{InterruptHandler, Pio};
use embassy_rp::{Peri, bind_interrupts, dma};
use embassy_time::Timer;
use static_cell::StaticCell;

const SSID: &str = env!("WIFI_SSID", "set WIFI_SSID to the name of the network");
const PASSWORD: &str = env!("WIFI_PASSWORD", "set WIFI_PASSWORD to the password of the network");

/// The pause before the next attempt to join the network, in seconds.
const PAUSE: u64 = 2;

/// The radio's firmware, and its settings for this board.
static FIRMWARE: Aligned<A4, [u8; cyw43_firmware::CYW43_43439A0.len()]> =
    Aligned(*cyw43_firmware::CYW43_43439A0);
static SETTINGS: Aligned<A4, [u8; include_bytes!(env!("NVRAM")).len()]> =
    Aligned(*include_bytes!(env!("NVRAM")));

bind_interrupts!(struct Interrupts {
    PIO0_IRQ_0 => InterruptHandler<PIO0>;
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>;
});

/// The radio's bus: half-duplex SPI, driven by a PIO state machine.
type Bus = SpiBus<Output<'static>, PioSpi<'static, PIO0, 0>>;

/// The pins of the radio, and the peripherals that move its bytes.
pub(crate) struct Pins {
    pub(crate) power: Peri<'static, PIN_23>,
    pub(crate) data: Peri<'static, PIN_24>,
    pub(crate) select: Peri<'static, PIN_25>,
    pub(crate) clock: Peri<'static, PIN_29>,
    pub(crate) state_machines: Peri<'static, PIO0>,
    pub(crate) transfer: Peri<'static, DMA_CH0>,
}

/// Starts the radio, and returns it as a network interface.
pub(crate) async fn start(pins: Pins, spawner: Spawner) -> (NetDriver<'static>, Control<'static>) {
    static STATE: StaticCell<State> = StaticCell::new();
    let mut pio = Pio::new(pins.state_machines, Interrupts);
    let bus = PioSpi::new(
        &mut pio.common,
        pio.sm0,
        DEFAULT_CLOCK_DIVIDER,
        pio.irq0,
        Output::new(pins.select, Level::High),
        pins.data,
        pins.clock,
        dma::Channel::new(pins.transfer, Interrupts),
    );
    let power = Output::new(pins.power, Level::Low);
    let state = STATE.init_with(State::new);
    let (device, mut control, runner) = cyw43::new(state, power, bus, &FIRMWARE, &SETTINGS).await;
    spawner.spawn(run_radio(runner).expect("started once"));
    control.init(cyw43_firmware::CYW43_43439A0_CLM).await;
    (device, control)
}

/// Joins the network. Returns an error only after a pause.
///
/// # Errors
/// The network is out of reach, or refuses the board.
pub(crate) async fn join(control: &mut Control<'static>) -> Result<(), JoinError> {
    let joined = control.join(SSID, JoinOptions::new(PASSWORD.as_bytes())).await;
    if joined.is_err() {
        Timer::after_secs(PAUSE).await;
    }
    joined
}

#[task]
async fn run_radio(runner: Runner<'static, Bus>) -> ! {
    runner.run().await
}

#[task]
pub(crate) async fn run_network(mut runner: embassy_net::Runner<'static, NetDriver<'static>>) -> ! {
    runner.run().await
}
