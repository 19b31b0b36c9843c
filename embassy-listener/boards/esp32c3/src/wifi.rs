//! The radio, as a network interface.

use embassy_executor::{Spawner, task};
use embassy_net::Runner;
use embassy_time::Timer;
use esp_hal::peripherals::WIFI;
use esp_println::println;
use esp_radio::wifi::sta::StationConfig;
use esp_radio::wifi::{AuthenticationMethodConfig, Config, Interface, WifiController};

const SSID: &str = env!("WIFI_SSID", "set WIFI_SSID to the name of the network");
const PASSWORD: &str = env!("WIFI_PASSWORD", "set WIFI_PASSWORD to the password of the network");

/// The pause before the next attempt to join the network, in seconds.
const PAUSE: u64 = 2;

/// Starts the radio, and returns it as a network interface. A task joins the network, and rejoins it
/// after a loss.
///
/// # Panics
/// If the radio does not start, or the name or the password is longer than WiFi permits.
pub(crate) fn start(radio: WIFI<'static>, spawner: Spawner) -> Interface {
    let mut controller = WifiController::new(radio, Default::default()).expect("a radio");
    let password = PASSWORD.try_into().expect("a password of at most 64 bytes");
    let station = StationConfig::default()
        .with_ssid(SSID.try_into().expect("a name of at most 32 bytes"))
        .with_authentication(AuthenticationMethodConfig::Wpa2Personal(password));
    controller.set_config(&Config::Station(station)).expect("settings of a station");
    spawner.spawn(stay_joined(controller).expect("started once"));
    Interface::station()
}

#[task]
async fn stay_joined(mut controller: WifiController<'static>) {
    loop {
        match controller.connect_async().await {
            Ok(_) => {
                println!("joined");
                let _ = controller.wait_for_disconnect_async().await;
                println!("network lost");
            }
            Err(error) => println!("not joined: {error:?}"),
        }
        Timer::after_secs(PAUSE).await;
    }
}

#[task]
pub(crate) async fn run_network(mut runner: Runner<'static, Interface>) -> ! {
    runner.run().await
}
