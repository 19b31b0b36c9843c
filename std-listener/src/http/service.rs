//! Hyper services, such as an axum router, on the listener's port.

use std::error::Error;
use std::pin::pin;

use ::http::{Request as HttpRequest, Response as HttpResponse};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::answer::Answer;
use super::connection::HttpConnection;

impl Answer {
    /// Lets a hyper service answer this request and all later ones on the connection, opening
    /// handshakes included. `hyper_util::service::TowerToHyperService` adapts a tower service, such
    /// as an axum `Router`.
    ///
    /// Otherwise works as [`take_over`](Self::take_over). A shutdown lets the service finish the
    /// current request, and then closes the connection.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use hyper::service::service_fn;
    /// use websocket_listener::http::{Answer, Request};
    ///
    /// async fn answer(request: Request) -> Answer {
    ///     if request.is_upgrade() {
    ///         return Answer::accept();
    ///     }
    ///     Answer::serve(service_fn(|request: http::Request<hyper::body::Incoming>| async move {
    ///         Ok::<_, Infallible>(http::Response::new(format!("this is {}\n", request.uri())))
    ///     }))
    /// }
    /// # let _ = answer;
    /// ```
    #[must_use]
    pub fn serve<S, B>(service: S) -> Self
    where
        S: Service<HttpRequest<Incoming>, Response = HttpResponse<B>> + Send + 'static,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        S::Future: Send,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::take_over(|http| serve(http, service))
    }
}

async fn serve<S, B>(http: HttpConnection, service: S)
where
    S: Service<HttpRequest<Incoming>, Response = HttpResponse<B>>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (peer_addr, shutdown_begun) = (http.peer_addr(), http.shutdown_begun());
    let stream = TokioIo::new(http.into_stream());
    // The timer bounds the wait for the next request's head.
    let builder = http1::Builder::new().timer(TokioTimer::new()).clone();
    let mut connection = pin!(builder.serve_connection(stream, service).with_upgrades());
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = shutdown_begun => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(?peer_addr, %error, "HTTP connection failed");
    }
}
