//! The application on an ESP32-C3, over WiFi. The build takes the network's name and password
//! from `WIFI_SSID` and `WIFI_PASSWORD`.
//!
//! Only the radio's driver uses the heap; the listener and the application do not.
#![no_std]
#![no_main]

mod wifi;

use embassy_executor::Spawner;
use esp_backtrace as _;
use esp_hal::clock::CpuClock;
use esp_hal::rng::Rng;
use esp_hal::timer::timg::TimerGroup;
use esp_hal::{Config, ram};
use esp_println::println;
use esp_rtos::main;

esp_bootloader_esp_idf::esp_app_desc!();

#[main]
async fn main(spawner: Spawner) {
    let p = esp_hal::init(Config::default().with_cpu_clock(CpuClock::max()));
    esp_alloc::heap_allocator!(#[ram(reclaimed)] size: 64 * 1024);
    esp_alloc::heap_allocator!(size: 36 * 1024);
    let timers = TimerGroup::new(p.TIMG0);
    esp_rtos::start(timers.timer0, p.FROM_CPU_INTR0);

    let interface = wifi::start(p.WIFI, spawner);
    let random = Rng::new();
    let seed = u64::from(random.random()) << 32 | u64::from(random.random());
    let (stack, runner) = start::network(interface, seed);
    spawner.spawn(wifi::run_network(runner).expect("started once"));
    let address = start::serve(stack, spawner).await;
    println!("READY {address}");
}
