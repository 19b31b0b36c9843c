//! HTTP/2 peers that take back what they have asked for (RFC 9113 section 5.4.2), as in the attack
//! that is called Rapid Reset (CVE-2023-44487).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use h2::Reason;
use websocket_listener::WebSocketListener;
use websocket_listener::http::{Answer, Http2Options, Request};

use crate::http2::client::{Http2Client, websocket};
use crate::support::{in_real_time, until};

/// The state of the hooks of a listener.
#[derive(Default)]
struct Hooks {
    begun: AtomicUsize,
    running: AtomicUsize,
}

/// A hook that was begun and has not ended, or been dropped.
struct Running(Arc<Hooks>);

impl Running {
    fn begin(hooks: Arc<Hooks>) -> Self {
        hooks.begun.fetch_add(1, Relaxed);
        hooks.running.fetch_add(1, Relaxed);
        Self(hooks)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Relaxed);
    }
}

/// A stream that was reset no longer counts among the concurrent ones, so what is done for it has to
/// end with it, or a peer of one connection has any number of requests worked on at once.
#[test]
fn a_hook_ends_with_the_stream_that_asked() {
    in_real_time(async {
        let hooks = Arc::new(Hooks::default());
        let seen = hooks.clone();
        let listener = WebSocketListener::builder()
            .http2(Http2Options::new().max_concurrent_streams(2))
            .handshake_timeout(Duration::from_secs(600))
            .on_request(move |request: Request| {
                let running = (request.path() == "/slow").then(|| Running::begin(seen.clone()));
                async move {
                    if running.is_some() {
                        std::future::pending::<()>().await;
                    }
                    Answer::accept()
                }
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let mut client = Http2Client::connect(&listener).await;
        for asked in 1..=200 {
            let request = websocket("/slow").body(()).unwrap();
            client.requests = client.requests.ready().await.expect("it lives");
            let (response, mut stream) = client.requests.send_request(request, false).unwrap();
            until(|| hooks.begun.load(Relaxed) == asked).await;
            stream.send_reset(Reason::CANCEL);
            drop(response);
            let running = hooks.running.load(Relaxed);
            assert!(running <= 4, "{running} hooks for a peer that may have two streams");
        }
        until(|| hooks.running.load(Relaxed) == 0).await;
        until(|| listener.counters().refused.disconnected == 200).await;
        client.peer().await;
    });
}
