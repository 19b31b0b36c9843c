//! The notice of a shutdown to a running handler.

use std::time::Duration;

use tokio::net::TcpStream;
use websocket_listener::{CloseCode, Error, Initiator, Message, WebSocket, WebSocketListener};
use websocket_listener_tests::request::request;

use crate::support::{accept, connect, in_real_time, listener};

const LONG: Duration = Duration::from_secs(30);

/// Everything the client hears, to the end, and the code it ends with.
async fn hears(client: &mut WebSocket<TcpStream>) -> (Vec<Message>, CloseCode) {
    let mut heard = Vec::new();
    while let Some(message) = client.recv().await.unwrap() {
        heard.push(message);
    }
    (heard, client.close_reason().unwrap().code)
}

/// Long enough for what should not happen.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[test]
fn a_handler_that_waits_in_recv_can_say_a_last_word_before_1001() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let begun = listener.shutdown_begun();
        let handler = tokio::spawn(async move {
            let mut begun = std::pin::pin!(begun);
            tokio::select! {
                received = server.recv() => panic!("{received:?}"),
                () = &mut begun => server.send_text("a last word").await.unwrap(),
            }
            server.recv().await
        });
        listener.begin_shutdown();
        assert_eq!(client.recv().await.unwrap(), Some(Message::text("a last word")));
        let (ended, heard) = tokio::join!(listener.shutdown(LONG), hears(&mut client));
        assert_eq!(heard, (vec![], CloseCode::GOING_AWAY));
        assert_eq!((ended.closed, ended.aborted), (1, 0));
        assert_eq!(handler.await.unwrap().unwrap(), None);
    });
}

#[test]
fn a_handler_that_is_busy_sending_can_finish_and_close_by_itself() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let begun = listener.shutdown_begun();
        let handler = tokio::spawn(async move {
            let mut begun = std::pin::pin!(begun);
            let mut sent = 0_u32;
            loop {
                tokio::select! {
                    biased;
                    () = &mut begun => break,
                    fed = server.feed(Message::binary(sent.to_be_bytes())) => fed.unwrap(),
                }
                sent += 1;
                tokio::task::yield_now().await;
            }
            server.send_text("no more").await.unwrap();
            server.close(CloseCode::NORMAL, "finished").await.unwrap();
            sent
        });
        assert!(client.recv().await.unwrap().is_some(), "it sends");
        let shutting_down = async {
            listener.begin_shutdown();
            a_moment().await;
            listener.shutdown(LONG).await
        };
        let (_, (heard, code)) = tokio::join!(shutting_down, hears(&mut client));
        assert_eq!(code, CloseCode::NORMAL);
        let sent = handler.await.unwrap();
        // The first was heard before.
        let numbers = (1..sent).map(|number| Message::binary(number.to_be_bytes()));
        assert!(heard.into_iter().eq(numbers.chain([Message::text("no more")])));
        assert_eq!(listener.counters().closed.clean, 1);
    });
}

/// Without a notice, whatever was queued goes out whole before the Close frame. The handler ends at the
/// error, as most do with `?`: the closing handshake is over by then.
#[test]
fn a_handler_that_is_busy_sending_gets_closed_from_its_next_send() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let handler = tokio::spawn(async move {
            let mut sent = 0_u32;
            let error = loop {
                match server.send_binary(&sent.to_be_bytes()).await {
                    Ok(()) => sent += 1,
                    Err(error) => break error,
                }
                tokio::task::yield_now().await;
            };
            assert!(matches!(error, Error::Closed), "{error}");
            let reason = server.close_reason().unwrap();
            assert_eq!((reason.code, reason.initiator), (CloseCode::GOING_AWAY, Initiator::Local));
            sent
        });
        assert!(client.recv().await.unwrap().is_some(), "it sends");
        let (ended, (heard, code)) = tokio::join!(listener.shutdown(LONG), hears(&mut client));
        assert_eq!(code, CloseCode::GOING_AWAY);
        assert_eq!((ended.closed, ended.aborted), (1, 0));
        let sent = handler.await.unwrap();
        let numbers = (1..sent).map(|number| Message::binary(number.to_be_bytes()));
        assert!(heard.into_iter().eq(numbers));
    });
}

/// Its halves are two tasks: what the peer sent before it was told still reaches the receiving one.
#[test]
fn a_busy_writer_leaves_incoming_messages_to_the_reader() {
    in_real_time(async {
        let listener = listener().await;
        let (server, mut client) = accept(&listener).await;
        let (mut reader, mut writer) = server.split();
        for number in 0..100 {
            client.send_text(&number.to_string()).await.unwrap();
        }
        let writing = tokio::spawn(async move {
            while writer.send_text("busy").await.is_ok() {
                tokio::task::yield_now().await;
            }
        });
        assert_eq!(client.recv().await.unwrap(), Some(Message::text("busy")));
        let reading = async {
            // It comes to the reader after the writer has noticed.
            writing.await.unwrap();
            let mut heard = 0;
            while let Some(message) = reader.recv().await.unwrap() {
                assert_eq!(message, Message::text(heard.to_string()));
                heard += 1;
            }
            heard
        };
        let (ended, heard, (_, code)) =
            tokio::join!(listener.shutdown(LONG), reading, hears(&mut client));
        assert_eq!((heard, code), (100, CloseCode::GOING_AWAY));
        assert_eq!((ended.closed, ended.aborted), (1, 0));
    });
}

#[test]
fn a_notice_closes_nothing_and_refuses_newcomers_with_503() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let waiting = connected_but_not_accepted(&listener).await;
        listener.begin_shutdown();
        listener.begin_shutdown();
        listener.shutdown_begun().await;
        let mut refused = connect(&listener).await;
        refused.send(request().text()).await;
        refused.refused(503).await;
        client.send_text("still open").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("still open")));
        server.send_text("both ways").await.unwrap();
        assert_eq!(client.recv().await.unwrap(), Some(Message::text("both ways")));
        assert!(listener.accept().await.is_some(), "it was accepted before");
        assert_eq!(listener.counters().refused.shutting_down, 1);
        drop(waiting);
    });
}

async fn connected_but_not_accepted(listener: &WebSocketListener) -> crate::support::TcpPeer {
    let mut peer = connect(listener).await;
    peer.send(request().text()).await;
    peer.upgraded().await;
    peer
}
