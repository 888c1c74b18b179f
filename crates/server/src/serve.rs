//! Accepts connections and ends gracefully.
//!
//! hyper is driven directly rather than through `axum::serve`, which sets no limit on how slowly a client may send its
//! request head (SEC-30).

use std::io;
use std::sync::Arc;

use axum::Router;
use http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Duration, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::app::App;
use crate::config::Limits;
use crate::jobs;
use crate::middleware::first_bytes::FirstBytes;
use crate::middleware::peer::Peer;
use crate::middleware::slow_reader::SlowReader;
use crate::router::router;

/// Largest request head, in bytes. A filter of 16 KiB, percent-encoded, needs 48 KiB of it.
const HEAD_BYTES: usize = 64 * 1024;

/// How long requests in flight may take to end once shutdown was asked for.
const DRAIN: Duration = Duration::from_secs(25);

/// Serves until `shutdown` is cancelled, then stops accepting and lets requests in flight end.
///
/// # Errors
/// The listener itself failed; a connection's failure is not an error of the service.
pub async fn serve(app: App, listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
    let limits = app.config().limits;
    let ending = app.ending().clone();
    let (jobs, flushed) = (jobs::start(&app), app.clone());
    let service = router(app);
    let builder = Arc::new(connection_builder(limits.header_timeout));
    let room = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();
    loop {
        // A place is taken before accepting, so that connections beyond the bound wait in the kernel's queue.
        let place = tokio::select! {
            () = shutdown.cancelled() => break,
            place = Arc::clone(&room).acquire_owned() => place.map_err(io::Error::other)?,
        };
        let (stream, peer) = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => (stream, Peer(address.ip())),
                Err(error) => {
                    pause_after(&error).await;
                    continue;
                }
            },
        };
        let (builder, service, shutdown) = (Arc::clone(&builder), service.clone(), shutdown.clone());
        connections.spawn(async move {
            converse(&builder, stream, peer, service, limits, shutdown).await;
            drop(place);
        });
    }
    drop(listener);
    ending.cancel();
    connections.close();
    if timeout(DRAIN, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests in flight did not end in time; closing them");
    }
    if timeout(DRAIN, jobs.wait()).await.is_err() {
        tracing::warn!(jobs = jobs.len(), "jobs did not end in time; leaving them");
    }
    // The requests that were in flight.
    if timeout(DRAIN, jobs::request_log::finish(&flushed)).await.is_err() {
        tracing::warn!("the last requests could not be recorded in time");
    }
    Ok(())
}

fn connection_builder(header_timeout: Duration) -> Builder<TokioExecutor> {
    // HTTP/1 only: behind TLS a reverse proxy speaks HTTP/2 to the world, and a stream of HTTP/2 whose window its client never opens
    // would hold its answer for ever.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(HEAD_BYTES);
    builder
}

async fn converse(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: Peer,
    service: Router,
    limits: Limits,
    shutdown: CancellationToken,
) {
    // An answer is one small write; waiting for more would add 40 ms to it.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection closed before it began");
        return;
    }
    let service = service.map_request(move |mut request: Request<_>| {
        request.extensions_mut().insert(peer);
        request
    });
    let service = TowerToHyperService::new(service);
    let stream = SlowReader::new(FirstBytes::new(stream, limits.header_timeout), limits.write_timeout);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended early");
    }
}

/// A client that went away between its SYN and our accept is its own affair; running out of file descriptors is ours,
/// and accepting again at once would only spin.
async fn pause_after(error: &io::Error) {
    let client_left = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !client_left {
        tracing::error!(%error, "cannot accept connections; trying again");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
