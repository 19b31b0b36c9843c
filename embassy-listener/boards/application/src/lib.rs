//! The application of every board: a page with live telemetry, an echo and a character generator,
//! on one port.
//!
//! | path | content |
//! | --- | --- |
//! | `/` | a page that shows the telemetry as it changes |
//! | `/telemetry` | a WebSocket: the telemetry as JSON, ten times a second |
//! | `/echo` | a WebSocket: an echo of messages of any length |
//! | `/chargen` | a WebSocket: lines of characters (RFC 864) until the peer closes |
//!
//! A board supplies a network stack and the memory, and runs as many workers as there are slots:
//!
//! ```
//! use application::{Application, Resources, Stack};
//! use embassy_executor::{Spawner, task};
//! use static_cell::StaticCell;
//!
//! const SLOTS: usize = 8;
//! static RESOURCES: StaticCell<Resources<SLOTS, 4096, 4096>> = StaticCell::new();
//! static APPLICATION: StaticCell<Application> = StaticCell::new();
//!
//! fn start(stack: Stack, spawner: Spawner) {
//!     let resources = RESOURCES.init(const { Resources::new() });
//!     let application: &'static _ = APPLICATION.init(Application::new(stack, resources));
//!     for _ in 0..SLOTS {
//!         spawner.spawn(worker(application).unwrap());
//!     }
//! }
//!
//! #[task(pool_size = SLOTS)]
//! async fn worker(application: &'static Application) {
//!     application.serve().await;
//! }
//! ```
#![no_std]

mod chargen;
mod echo;
mod sending;
mod site;
mod telemetry;
mod traffic;

pub use websocket_listener_embassy::{Compression, Resources, Stack};

use websocket_listener_embassy::permessage_deflate::Settings;
use websocket_listener_embassy::{Options, WebSocket, WebSocketListener};

use site::{CHARGEN, ECHO, Site, TELEMETRY};
use traffic::Traffic;

/// The TCP port of the page and the WebSockets.
pub const PORT: u16 = 80;

/// Messages are never held as a whole, so the limits of their bytes and frames are high.
const OPTIONS: Options = Options::new().max_message_bytes(16 << 20).max_fragments(1 << 17);

/// The application: a listener, and the counters of its telemetry.
pub struct Application {
    listener: WebSocketListener<Site>,
    slots: usize,
    traffic: Traffic,
}

impl Application {
    /// Listens on [`PORT`] with as many slots as `resources` has.
    ///
    /// # Panics
    /// If the stack's `StackResources` have no room for one more socket per slot.
    pub fn new<const SLOTS: usize, const RX: usize, const TX: usize>(
        stack: Stack,
        resources: &'static mut Resources<SLOTS, RX, TX>,
    ) -> Self {
        let listener = WebSocketListener::new(stack, PORT, resources, OPTIONS).on_request(Site);
        Self { listener, slots: SLOTS, traffic: Traffic::default() }
    }

    /// Compresses messages with peers that offer permessage-deflate, with as many at a time as the
    /// memory has room for.
    #[must_use]
    pub fn permessage_deflate<
        const CONNECTIONS: usize,
        const INFLATE: usize,
        const DEFLATE: usize,
    >(
        self,
        compression: &'static mut Compression<CONNECTIONS, INFLATE, DEFLATE>,
    ) -> Self {
        let listener = self.listener.permessage_deflate(compression, Settings::new());
        Self { listener, ..self }
    }

    /// Serves peers one after the other. As many tasks as there are slots run it.
    pub async fn serve(&self) {
        loop {
            // `while let` would keep room for a second connection in the task.
            let Some(mut socket) = self.listener.accept().await else { return };
            let _open = self.traffic.opened();
            self.dispatch(&mut socket).await;
        }
    }

    /// Serves the connection by its path, to its end.
    async fn dispatch(&self, socket: &mut WebSocket) {
        match socket.request().map(site::path) {
            Some(ECHO) => echo::run(socket, &self.traffic).await,
            Some(TELEMETRY) => telemetry::run(socket, self).await,
            Some(CHARGEN) => chargen::run(socket, &self.traffic).await,
            // Unreachable: `Site` accepts these paths only.
            _ => {}
        }
    }
}
