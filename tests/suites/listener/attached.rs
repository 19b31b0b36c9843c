//! Values that the application's hook attaches to a connection for its handler.

use std::sync::{Arc, Weak};

use websocket_listener::WebSocketListener;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, Http2Options, Request, Response};

use crate::http2::client::{Http2Client, websocket};
use crate::support::{accept, in_real_time};

#[derive(Debug, PartialEq)]
struct User(&'static str);

fn attached(request: Option<&Request>) -> Option<&User> {
    request.unwrap().attached()
}

#[test]
fn an_attached_value_comes_with_the_connection_and_with_its_halves() {
    in_real_time(async {
        let hook = |_| async { Answer::accept().attach(User("alice")) };
        let builder = WebSocketListener::builder().on_request(hook);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let (server, _client) = accept(&listener).await;
        assert_eq!(attached(server.request()), Some(&User("alice")));
        assert_eq!(server.request().unwrap().attached::<String>(), None);
        let (reader, _writer) = server.split();
        assert_eq!(attached(reader.request().as_ref()), Some(&User("alice")));
    });
}

#[test]
fn the_last_attached_value_counts_and_none_comes_by_itself() {
    in_real_time(async {
        let hook = |_| async { Answer::accept().attach(User("alice")).attach(User("bob")) };
        let builder = WebSocketListener::builder().on_request(hook);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let (server, _client) = accept(&listener).await;
        assert_eq!(attached(server.request()), Some(&User("bob")));

        let listener = WebSocketListener::bind("127.0.0.1:0").await.unwrap();
        let (server, _client) = accept(&listener).await;
        assert_eq!(attached(server.request()), None);
    });
}

#[test]
fn an_attached_value_comes_over_http2() {
    in_real_time(async {
        let hook = |_| async { Answer::accept().attach(User("alice")) };
        let builder = WebSocketListener::builder().on_request(hook).http2(Http2Options::new());
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut client = Http2Client::connect(&listener).await;
        let _opened = client.open(websocket("/").body(()).unwrap()).await;
        let server = listener.accept().await.unwrap();
        assert_eq!(attached(server.request()), Some(&User("alice")));
    });
}

#[test]
fn an_attached_value_is_dropped_with_the_connection_or_a_refusal() {
    in_real_time(async {
        let value = Arc::new(());
        let weak = Arc::downgrade(&value);
        let builder = WebSocketListener::builder().on_request(move |_| {
            let answer = Answer::accept().attach(weak.clone());
            async { answer }
        });
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let (server, _client) = accept(&listener).await;
        assert_eq!(Arc::weak_count(&value), 2);
        assert!(server.request().unwrap().attached::<Weak<()>>().is_some());
        drop(server);
        assert_eq!(Arc::weak_count(&value), 1);
        let _ = Answer::respond(Response::new(Status::FORBIDDEN)).attach(Arc::downgrade(&value));
        assert_eq!(Arc::weak_count(&value), 1);
    });
}
