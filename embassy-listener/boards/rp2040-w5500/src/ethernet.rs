//! The W5500 on SPI0, wired as on the board.

use embassy_executor::{Spawner, task};
use embassy_net_wiznet::chip::W5500;
use embassy_net_wiznet::{Device, Runner, State};
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::{
    DMA_CH0, DMA_CH1, PIN_16, PIN_17, PIN_18, PIN_19, PIN_20, PIN_21, SPI0,
};
use embassy_rp::spi::{Async, Config, Spi};
use embassy_rp::{Peri, bind_interrupts, dma};
use embassy_time::Delay;
use embedded_hal_bus::spi::ExclusiveDevice;
use static_cell::StaticCell;

/// A locally administered address. Boards on one network need different ones.
const MAC_ADDRESS: [u8; 6] = [0x02, 0x00, 0x00, 0x00, 0x00, 0x42];

/// The requested frequency of the SPI clock, in hertz; the RP2040 rounds it to 31.25 MHz.
const FREQUENCY: u32 = 33_000_000;

/// The number of frames in memory, each way.
const FRAMES: usize = 4;

bind_interrupts!(struct Interrupts {
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>, dma::InterruptHandler<DMA_CH1>;
});

/// The SPI bus, which only the controller uses.
type Bus = ExclusiveDevice<Spi<'static, SPI0, Async>, Output<'static>, Delay>;

/// The pins of the controller, and the peripherals that move its bytes.
pub(crate) struct Pins {
    pub(crate) spi: Peri<'static, SPI0>,
    pub(crate) miso: Peri<'static, PIN_16>,
    pub(crate) select: Peri<'static, PIN_17>,
    pub(crate) clock: Peri<'static, PIN_18>,
    pub(crate) mosi: Peri<'static, PIN_19>,
    pub(crate) reset: Peri<'static, PIN_20>,
    pub(crate) interrupt: Peri<'static, PIN_21>,
    pub(crate) send: Peri<'static, DMA_CH0>,
    pub(crate) receive: Peri<'static, DMA_CH1>,
}

/// Resets the controller, and returns it as a network interface.
///
/// # Panics
/// If no W5500 answers.
pub(crate) async fn start(pins: Pins, spawner: Spawner) -> Device<'static> {
    static STATE: StaticCell<State<FRAMES, FRAMES>> = StaticCell::new();
    let mut config = Config::default();
    config.frequency = FREQUENCY;
    let spi = Spi::new(
        pins.spi,
        pins.clock,
        pins.mosi,
        pins.miso,
        pins.send,
        pins.receive,
        Interrupts,
        config,
    );
    let select = Output::new(pins.select, Level::High);
    let Ok(bus) = ExclusiveDevice::new(spi, select, Delay);
    let interrupt = Input::new(pins.interrupt, Pull::Up);
    let reset = Output::new(pins.reset, Level::High);
    let state = STATE.init_with(State::new);
    let (device, runner) = embassy_net_wiznet::new(MAC_ADDRESS, state, bus, interrupt, reset)
        .await
        .expect("a W5500 on SPI0");
    spawner.spawn(run_controller(runner).expect("started once"));
    device
}

#[task]
async fn run_controller(runner: Runner<'static, W5500, Bus, Input<'static>, Output<'static>>) -> ! {
    runner.run().await
}

#[task]
pub(crate) async fn run_network(mut runner: embassy_net::Runner<'static, Device<'static>>) -> ! {
    runner.run().await
}
