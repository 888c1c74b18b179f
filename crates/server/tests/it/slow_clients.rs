//! Clients that hold connections, and the end of the service (SEC-30).

use std::time::{Duration, Instant};

use doorward_server::config::{Config, Limits};
use doorward_server::{App, serve};
use doorward_store::{Options, Store};
use doorward_testkit::TestDatabase;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A service with little patience.
struct Impatient {
    address: std::net::SocketAddr,
    shutdown: CancellationToken,
    service: JoinHandle<std::io::Result<()>>,
    _database: TestDatabase,
}

async fn impatient() -> Impatient {
    let database = TestDatabase::sqlite();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let store = Store::open(database.url(), Options::default()).unwrap();
    let patience = Duration::from_millis(300);
    let limits =
        Limits { header_timeout: patience, body_timeout: patience, write_timeout: patience, ..Limits::default() };
    let config = Config { limits, ..Config::local(address, database.url()) };
    let shutdown = CancellationToken::new();
    let service = tokio::spawn(serve(App::new(store, config), listener, shutdown.clone()));
    Impatient { address, shutdown, service, _database: database }
}

/// What the server answers before it closes, and after how long.
async fn until_closed(stream: &mut TcpStream) -> (String, Duration) {
    let started = Instant::now();
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
    assert!(read.is_ok(), "the connection stays open");
    (String::from_utf8_lossy(&bytes).into_owned(), started.elapsed())
}

#[tokio::test]
async fn sec_30_a_client_that_does_not_finish_its_head_is_let_go() {
    let at = impatient().await;
    for beginning in [
        "",
        "P",
        "PRI * HTTP/2",
        "GET /healthz HTTP/1.1\r\nHost: x\r\n",
        "GET /healthz HTTP/1.1\r\nX-Long: aaaaaaaaaaaaaaaa",
    ] {
        let mut stream = TcpStream::connect(at.address).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let (_, held) = until_closed(&mut stream).await;
        assert!(held < Duration::from_secs(5), "{beginning:?}: {held:?}");
    }
    at.shutdown.cancel();
    at.service.await.unwrap().unwrap();
}

#[tokio::test]
async fn sec_30_a_body_that_does_not_come_gives_408_in_scim_form() {
    let at = impatient().await;
    let mut stream = TcpStream::connect(at.address).await.unwrap();
    let head = "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer dw_none\r\nContent-Type: application/scim+json\r\n\
                Connection: close\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (answer, held) = until_closed(&mut stream).await;
    // A stranger is refused without the body; either way the connection is not held.
    assert!(answer.starts_with("HTTP/1.1 401") || answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("urn:ietf:params:scim:api:messages:2.0:Error"), "{answer}");
    assert!(held < Duration::from_secs(5), "{held:?}");
    at.shutdown.cancel();
    at.service.await.unwrap().unwrap();
}

/// A client that asks and asks and reads nothing: when the buffers are full the server can neither answer nor read on.
#[tokio::test]
async fn sec_30_a_client_that_does_not_read_its_answers_is_let_go() {
    let at = impatient().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(at.address).await.unwrap();
    let request = "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    let started = Instant::now();
    let error = loop {
        let written = tokio::time::timeout(Duration::from_secs(20), stream.write_all(request.as_bytes())).await;
        if let Err(error) = written.expect("the connection stays open") {
            break error;
        }
    };
    let closed = [std::io::ErrorKind::ConnectionReset, std::io::ErrorKind::BrokenPipe];
    assert!(closed.contains(&error.kind()), "{error} after {:?}", started.elapsed());
    at.shutdown.cancel();
    at.service.await.unwrap().unwrap();
}

#[tokio::test]
async fn sec_29_a_head_beyond_the_bound_is_refused() {
    let at = impatient().await;
    let mut stream = TcpStream::connect(at.address).await.unwrap();
    let head = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", "a".repeat(1_000_000));
    // The server may close while we still write.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut bytes = [0; 64];
    match stream.read(&mut bytes).await {
        Ok(read) => {
            let answer = String::from_utf8_lossy(&bytes[..read]);
            assert!(read == 0 || answer.starts_with("HTTP/1.1 431"), "{answer}");
        }
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
    at.shutdown.cancel();
    at.service.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_service_ends_when_asked_though_a_connection_idles() {
    let at = impatient().await;
    let mut idle = TcpStream::connect(at.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let started = Instant::now();
    at.shutdown.cancel();
    at.service.await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert!(TcpStream::connect(at.address).await.is_err(), "nobody listens any more");
}

/// A client that is still sending when the answer is known must read that answer, not a broken connection.
#[tokio::test]
async fn a_refusal_before_the_body_is_read_leaves_the_connection_whole() {
    let at = impatient().await;
    let mut stream = TcpStream::connect(at.address).await.unwrap();
    let body = vec![b' '; 3 << 20];
    let head = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    for _ in 0..3 {
        stream.write_all(head.as_bytes()).await.unwrap();
        for piece in body.chunks(64 * 1024) {
            stream.write_all(piece).await.unwrap();
        }
    }
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let (answers, _) = until_closed(&mut stream).await;
    assert_eq!(answers.matches("HTTP/1.1 401").count(), 3, "{answers}");
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 1, "{answers}");
    at.shutdown.cancel();
    at.service.await.unwrap().unwrap();
}
