//! An echo over WebSocket, as the documentation has it.
#![no_std]
#![no_main]

use embassy_executor::task;
use size::{BUFFER, PORT, RING, SLOTS};
use static_cell::StaticCell;
use websocket_listener_embassy::{
    Error, Message, Options, Resources, WebSocket, WebSocketListener,
};

static RESOURCES: StaticCell<Resources<SLOTS, RING, RING>> = StaticCell::new();
static LISTENER: StaticCell<WebSocketListener> = StaticCell::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    size::run(|spawner, stack| {
        let resources = RESOURCES.init_with(Resources::new);
        let listener = WebSocketListener::new(stack, PORT, resources, Options::new());
        #[cfg(feature = "deflate")]
        let listener = compressing(listener);
        let listener: &'static _ = LISTENER.init(listener);
        for _ in 0..SLOTS {
            spawner.spawn(worker(listener).expect("a task for each slot"));
        }
    })
}

#[cfg(feature = "deflate")]
fn compressing(listener: WebSocketListener) -> WebSocketListener {
    use websocket_listener_embassy::{Compression, permessage_deflate::Settings};

    static COMPRESSION: StaticCell<Compression<SLOTS, 1024, 1024>> = StaticCell::new();
    listener.permessage_deflate(COMPRESSION.init_with(Compression::new), Settings::new())
}

#[task(pool_size = SLOTS)]
async fn worker(listener: &'static WebSocketListener) {
    loop {
        // `while let` would keep room for a second connection in the task.
        let Some(mut socket) = listener.accept().await else { return };
        let _ = echo(&mut socket).await;
    }
}

async fn echo(socket: &mut WebSocket) -> Result<(), Error> {
    let mut buffer = [0; BUFFER];
    while let Some(message) = socket.recv(&mut buffer).await? {
        match message {
            Message::Text(text) => socket.send_text(text).await?,
            Message::Binary(bytes) => socket.send_binary(bytes).await?,
        }
    }
    Ok(())
}
