//! The counters as metrics of the crate `metrics`.

use metrics::{SharedString, Unit};

use super::{ClosedCounts, Counters, RefusedCounts};

impl Counters {
    /// Records the counters as metrics of the crate `metrics`, in the recorder that the program has
    /// installed. `listener` is the value of each metric's label `listener`, which distinguishes the
    /// listeners of a program.
    ///
    /// The metrics change only at a call: before each scrape, or at an interval. Counters are
    /// recorded as absolute values, so calls may come at any rate. Without a recorder, a call does
    /// nothing.
    ///
    /// | Metric | Further label | Field |
    /// |---|---|---|
    /// | `websocket_connections_open` (the gauge) | | [`open`](Self::open) |
    /// | `websocket_connections_accepted_total` | | [`accepted`](Self::accepted) |
    /// | `websocket_connections_refused_total` | `reason`, a field of [`RefusedCounts`] | [`refused`](Self::refused) |
    /// | `websocket_connections_closed_total` | `reason`, a field of [`ClosedCounts`] | [`closed`](Self::closed) |
    /// | `websocket_accept_errors_total` | | [`accept_errors`](Self::accept_errors) |
    /// | `websocket_http_taken_over_total` | | [`taken_over`](Self::taken_over) |
    /// | `websocket_messages_received_total` | | [`messages_received`](Self::messages_received) |
    /// | `websocket_messages_sent_total` | | [`messages_sent`](Self::messages_sent) |
    /// | `websocket_messages_dropped_total` | | [`messages_dropped`](Self::messages_dropped) |
    /// | `websocket_bytes_received_total` | | [`bytes_received`](Self::bytes_received) |
    /// | `websocket_bytes_sent_total` | | [`bytes_sent`](Self::bytes_sent) |
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use websocket_listener::WebSocketListener;
    /// # use websocket_listener::counters::Counters;
    /// async fn record(listener: &WebSocketListener) {
    ///     Counters::describe_metrics();
    ///     let mut interval = tokio::time::interval(Duration::from_secs(5));
    ///     loop {
    ///         interval.tick().await;
    ///         listener.counters().record_metrics("public");
    ///     }
    /// }
    /// ```
    ///
    /// [`describe_metrics`](Self::describe_metrics) describes the metrics to the recorder.
    pub fn record_metrics(&self, listener: &str) {
        let listener = SharedString::from(listener.to_owned());
        // Destructured, so that the compiler finds a forgotten field.
        let &Self {
            accepted,
            refused,
            accept_errors,
            taken_over,
            open,
            closed,
            messages_received,
            messages_sent,
            messages_dropped,
            bytes_received,
            bytes_sent,
        } = self;
        metrics::gauge!("websocket_connections_open", "listener" => listener.clone())
            .set(open as f64);
        for (name, counted) in [
            ("websocket_connections_accepted_total", accepted),
            ("websocket_accept_errors_total", accept_errors),
            ("websocket_http_taken_over_total", taken_over),
            ("websocket_messages_received_total", messages_received),
            ("websocket_messages_sent_total", messages_sent),
            ("websocket_messages_dropped_total", messages_dropped),
            ("websocket_bytes_received_total", bytes_received),
            ("websocket_bytes_sent_total", bytes_sent),
        ] {
            metrics::counter!(name, "listener" => listener.clone()).absolute(counted);
        }
        record_by_reason("websocket_connections_refused_total", &listener, refused.by_reason());
        record_by_reason("websocket_connections_closed_total", &listener, closed.by_reason());
    }

    /// Describes each metric of [`record_metrics`](Self::record_metrics) and its unit to the
    /// installed recorder; exporters show the descriptions beside the numbers. One call after the
    /// recorder is installed suffices; without a recorder, it does nothing.
    pub fn describe_metrics() {
        metrics::describe_gauge!(
            "websocket_connections_open",
            Unit::Count,
            "Connections that are open now."
        );
        for (name, unit, description) in [
            (
                "websocket_connections_accepted_total",
                Unit::Count,
                "Opening handshakes that succeeded.",
            ),
            (
                "websocket_connections_refused_total",
                Unit::Count,
                "Opening handshakes that did not succeed, by reason.",
            ),
            (
                "websocket_connections_closed_total",
                Unit::Count,
                "Connections that have ended, by reason.",
            ),
            (
                "websocket_accept_errors_total",
                Unit::Count,
                "Failures of the system to give a connection to the listener.",
            ),
            (
                "websocket_http_taken_over_total",
                Unit::Count,
                "HTTP requests that the application took over.",
            ),
            ("websocket_messages_received_total", Unit::Count, "Messages received whole."),
            ("websocket_messages_sent_total", Unit::Count, "Messages queued to be sent."),
            (
                "websocket_messages_dropped_total",
                Unit::Count,
                "Messages that were not queued, because the peer was too slow.",
            ),
            (
                "websocket_bytes_received_total",
                Unit::Bytes,
                "Bytes read from the connections, frame headers included.",
            ),
            (
                "websocket_bytes_sent_total",
                Unit::Bytes,
                "Bytes written to the connections, frame headers included.",
            ),
        ] {
            metrics::describe_counter!(name, unit, description);
        }
    }
}

fn record_by_reason<const N: usize>(
    name: &'static str,
    listener: &SharedString,
    reasons: [(&'static str, u64); N],
) {
    for (reason, counted) in reasons {
        metrics::counter!(name, "listener" => listener.clone(), "reason" => reason)
            .absolute(counted);
    }
}

macro_rules! by_reason {
    ($counters:ident { $($field:ident),* $(,)? }) => {
        impl $counters {
            fn by_reason(self) -> [(&'static str, u64); [$(stringify!($field)),*].len()] {
                let Self { $($field),* } = self;
                [$((stringify!($field), $field)),*]
            }
        }
    };
}

by_reason!(RefusedCounts {
    malformed,
    timed_out,
    overloaded,
    by_address,
    rejected,
    tls,
    proxy_header,
    disconnected,
    shutting_down,
});

by_reason!(ClosedCounts { clean, disconnected, protocol_error, timed_out, dropped, aborted });
