//! An echo over bare TCP, that loses no data in flight when it closes.
#![no_std]
#![no_main]

use embassy_executor::task;
use embassy_net::Stack;
use embassy_net::tcp::{Error, TcpSocket};
use embassy_time::{Duration, with_timeout};
use size::{BUFFER, PORT, RING, SLOTS};
use static_cell::StaticCell;

static RINGS: StaticCell<[[[u8; RING]; 2]; SLOTS]> = StaticCell::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    size::run(|spawner, stack| {
        for rings in RINGS.init_with(|| [[[0; RING]; 2]; SLOTS]) {
            spawner.spawn(worker(stack, rings).expect("a task for each slot"));
        }
    })
}

#[task(pool_size = SLOTS)]
async fn worker(stack: Stack<'static>, rings: &'static mut [[u8; RING]; 2]) -> ! {
    let [receive, transmit] = rings;
    let mut socket = TcpSocket::new(stack, receive, transmit);
    socket.set_timeout(Some(Duration::from_secs(10)));
    loop {
        if socket.accept(PORT).await.is_ok() {
            let _ = echo(&mut socket).await;
            socket.close();
            let _ = with_timeout(Duration::from_secs(5), socket.flush()).await;
        }
        socket.abort();
        let _ = socket.flush().await;
    }
}

async fn echo(socket: &mut TcpSocket<'static>) -> Result<(), Error> {
    let mut buffer = [0; BUFFER];
    loop {
        let count = socket.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let mut rest = buffer.get(..count).unwrap_or_default();
        while !rest.is_empty() {
            let written = socket.write(rest).await?;
            rest = rest.get(written..).unwrap_or_default();
        }
    }
}
