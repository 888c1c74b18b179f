//! A receiver of webhooks that remembers what came and answers as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

/// One request.
#[derive(Debug, Clone)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    pub fn sequence(&self) -> i64 {
        self.json()["sequence"].as_i64().unwrap()
    }

    pub fn event(&self) -> String {
        self.json()["event"].as_str().unwrap().to_owned()
    }
}

type Answering = Box<dyn Fn(&Received) -> Response + Send + Sync>;

struct Inner {
    received: Mutex<Vec<Received>>,
    answering: Mutex<Answering>,
}

/// Listens until the test ends.
#[derive(Clone)]
pub struct Receiver {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

impl Receiver {
    /// Answers 200 to everything.
    pub async fn start() -> Self {
        let answering: Answering = Box::new(|_| StatusCode::OK.into_response());
        let inner = Arc::new(Inner { received: Mutex::default(), answering: Mutex::new(answering) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(receive).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum_serve(listener, router).await });
        Receiver { inner, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// From now on it answers so.
    pub fn answer(&self, answering: impl Fn(&Received) -> Response + Send + Sync + 'static) {
        *self.inner.answering.lock().unwrap() = Box::new(answering);
    }

    /// From now on it answers with this status.
    pub fn status(&self, status: u16) {
        self.answer(move |_| StatusCode::from_u16(status).unwrap().into_response());
    }

    /// Everything that came, in the order in which it came.
    pub fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    /// What came of one type.
    pub fn of_type(&self, event: &str) -> Vec<Received> {
        self.received().into_iter().filter(|received| received.event() == event).collect()
    }
}

async fn receive(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let received = Received { headers, body };
    inner.received.lock().unwrap().push(received.clone());
    (inner.answering.lock().unwrap())(&received)
}

async fn axum_serve(listener: TcpListener, router: Router) {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use hyper_util::service::TowerToHyperService;
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
