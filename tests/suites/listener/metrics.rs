//! The counters, as a recorder of the crate `metrics` gets them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use websocket_listener::counters::Counters;

use crate::support::{accept, in_real_time, listener};

/// Keeps each metric by its name and labels; a gauge as the bits of its number.
#[derive(Default)]
struct Kept {
    counters: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    gauges: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    descriptions: Mutex<BTreeMap<String, Description>>,
}

/// The kind of a metric, its unit, and its description.
type Description = (&'static str, Option<Unit>, String);

impl Kept {
    fn record(&self, counters: &Counters, listener: &str) {
        metrics::with_local_recorder(self, || counters.record_metrics(listener));
    }

    fn counter(&self, name: &str) -> u64 {
        self.counters.lock().unwrap()[name].load(Ordering::Relaxed)
    }

    fn gauge(&self, name: &str) -> f64 {
        f64::from_bits(self.gauges.lock().unwrap()[name].load(Ordering::Relaxed))
    }

    fn describe(&self, kind: &'static str, name: &KeyName, unit: Option<Unit>, text: &str) {
        let description = (kind, unit, text.to_owned());
        let before = self.descriptions.lock().unwrap().insert(name.as_str().into(), description);
        assert!(before.is_none(), "{name:?} is described twice");
    }
}

fn name_and_labels(key: &Key) -> String {
    let labels: Vec<_> =
        key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
    format!("{}{{{}}}", key.name(), labels.join(","))
}

impl Recorder for Kept {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe("counter", &name, unit, &text);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe("gauge", &name, unit, &text);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        unreachable!("{name:?}")
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut counters = self.counters.lock().unwrap();
        Counter::from_arc(counters.entry(name_and_labels(key)).or_default().clone())
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let mut gauges = self.gauges.lock().unwrap();
        Gauge::from_arc(gauges.entry(name_and_labels(key)).or_default().clone())
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        unreachable!("{key}")
    }
}

#[test]
fn every_counter_becomes_a_metric_under_its_documented_name() {
    let kept = Kept::default();
    kept.record(&Counters::default(), "public");
    let expected = [
        "websocket_accept_errors_total{listener=public}",
        "websocket_bytes_received_total{listener=public}",
        "websocket_bytes_sent_total{listener=public}",
        "websocket_connections_accepted_total{listener=public}",
        "websocket_connections_closed_total{listener=public,reason=aborted}",
        "websocket_connections_closed_total{listener=public,reason=clean}",
        "websocket_connections_closed_total{listener=public,reason=disconnected}",
        "websocket_connections_closed_total{listener=public,reason=dropped}",
        "websocket_connections_closed_total{listener=public,reason=protocol_error}",
        "websocket_connections_closed_total{listener=public,reason=timed_out}",
        "websocket_connections_refused_total{listener=public,reason=by_address}",
        "websocket_connections_refused_total{listener=public,reason=disconnected}",
        "websocket_connections_refused_total{listener=public,reason=malformed}",
        "websocket_connections_refused_total{listener=public,reason=overloaded}",
        "websocket_connections_refused_total{listener=public,reason=proxy_header}",
        "websocket_connections_refused_total{listener=public,reason=rejected}",
        "websocket_connections_refused_total{listener=public,reason=shutting_down}",
        "websocket_connections_refused_total{listener=public,reason=timed_out}",
        "websocket_connections_refused_total{listener=public,reason=tls}",
        "websocket_http_taken_over_total{listener=public}",
        "websocket_messages_dropped_total{listener=public}",
        "websocket_messages_received_total{listener=public}",
        "websocket_messages_sent_total{listener=public}",
    ];
    assert!(kept.counters.lock().unwrap().keys().eq(&expected));
    assert!(kept.gauges.lock().unwrap().keys().eq(["websocket_connections_open{listener=public}"]));
}

#[test]
fn every_metric_is_described_with_its_unit() {
    let kept = Kept::default();
    metrics::with_local_recorder(&kept, Counters::describe_metrics);
    kept.record(&Counters::default(), "public");
    let names = |metrics: &Mutex<BTreeMap<String, Arc<AtomicU64>>>| {
        let keys: Vec<_> = metrics.lock().unwrap().keys().cloned().collect();
        keys.into_iter().map(|key| key.split('{').next().unwrap().to_owned())
    };
    let recorded: BTreeMap<_, _> = names(&kept.counters)
        .map(|name| (name, "counter"))
        .chain(names(&kept.gauges).map(|name| (name, "gauge")))
        .collect();
    let descriptions = kept.descriptions.lock().unwrap();
    assert!(descriptions.keys().eq(recorded.keys()), "{descriptions:?}");
    for (name, (kind, unit, text)) in &*descriptions {
        assert_eq!(*kind, recorded[name], "{name}");
        let expected = if name.contains("bytes") { Unit::Bytes } else { Unit::Count };
        assert_eq!(*unit, Some(expected), "{name}");
        assert!(text.ends_with('.') && text.len() > 20, "{name}: {text}");
    }
}

/// Each field has a number of its own, so that none can pass for another.
#[test]
fn each_metric_has_the_value_of_its_counter() {
    let mut counters = Counters::default();
    counters.accepted = 1;
    counters.refused.malformed = 2;
    counters.refused.tls = 3;
    counters.accept_errors = 4;
    counters.taken_over = 5;
    counters.open = 6;
    counters.closed.clean = 7;
    counters.closed.dropped = 8;
    counters.messages_received = 9;
    counters.messages_sent = 10;
    counters.messages_dropped = 11;
    counters.bytes_received = 12;
    counters.bytes_sent = u64::MAX;
    let kept = Kept::default();
    kept.record(&counters, "a");
    for (name, value) in [
        ("connections_accepted_total{listener=a}", 1),
        ("connections_refused_total{listener=a,reason=malformed}", 2),
        ("connections_refused_total{listener=a,reason=tls}", 3),
        ("accept_errors_total{listener=a}", 4),
        ("http_taken_over_total{listener=a}", 5),
        ("connections_closed_total{listener=a,reason=clean}", 7),
        ("connections_closed_total{listener=a,reason=dropped}", 8),
        ("messages_received_total{listener=a}", 9),
        ("messages_sent_total{listener=a}", 10),
        ("messages_dropped_total{listener=a}", 11),
        ("bytes_received_total{listener=a}", 12),
        ("bytes_sent_total{listener=a}", u64::MAX),
    ] {
        assert_eq!(kept.counter(&format!("websocket_{name}")), value, "{name}");
    }
    assert_eq!(kept.gauge("websocket_connections_open{listener=a}"), 6.0);
}

#[test]
fn recorded_again_a_counter_is_not_counted_twice_and_the_gauge_falls() {
    in_real_time(async {
        let listener = listener().await;
        let kept = Kept::default();
        let (mut server, mut client) = accept(&listener).await;
        client.send_text("counted").await.unwrap();
        server.recv().await.unwrap().unwrap();
        for _ in 0..2 {
            kept.record(&listener.counters(), "a");
            assert_eq!(kept.counter("websocket_connections_accepted_total{listener=a}"), 1);
            assert_eq!(kept.gauge("websocket_connections_open{listener=a}"), 1.0);
        }
        drop(server);
        kept.record(&listener.counters(), "a");
        assert_eq!(kept.counter("websocket_messages_received_total{listener=a}"), 1);
        assert_eq!(
            kept.counter("websocket_connections_closed_total{listener=a,reason=dropped}"),
            1
        );
        assert_eq!(kept.gauge("websocket_connections_open{listener=a}"), 0.0);
    });
}

#[test]
fn listeners_of_one_program_are_distinguished() {
    in_real_time(async {
        let (public, private) = (listener().await, listener().await);
        let _connection = accept(&public).await;
        let kept = Kept::default();
        kept.record(&public.counters(), "public");
        kept.record(&private.counters(), "private");
        assert_eq!(kept.gauge("websocket_connections_open{listener=public}"), 1.0);
        assert_eq!(kept.gauge("websocket_connections_open{listener=private}"), 0.0);
    });
}

#[test]
fn without_a_recorder_nothing_happens() {
    Counters::describe_metrics();
    Counters::default().record_metrics("unrecorded");
}
