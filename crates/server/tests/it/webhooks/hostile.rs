//! Receivers that mean harm, and names that lead somewhere else.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use doorward_server::webhooks::address::Networks;
use doorward_server::webhooks::client::{Attempt, Outcome, Request, WebhookClient};
use doorward_server::webhooks::sign::{self, Secrets};
use doorward_store::Clock;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Answers the questions one after the other; the last answer stays.
#[derive(Default)]
struct Script {
    answers: Mutex<Vec<Vec<&'static str>>>,
    asked: AtomicUsize,
}

impl Script {
    fn of(answers: &[&[&'static str]]) -> Arc<Self> {
        let answers = answers.iter().rev().map(|answer| answer.to_vec()).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }
}

impl Resolve for Script {
    fn resolve(&self, _: Name) -> Resolving {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
        let found: Vec<SocketAddr> = answer.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    }
}

fn networks(list: &[&str]) -> Networks {
    Networks::new(list.iter().map(|text| text.parse().unwrap()).collect())
}

fn client(script: &Arc<Script>, allowed: &[&str]) -> WebhookClient {
    let resolver: Arc<dyn Resolve> = Arc::<Script>::clone(script);
    WebhookClient::new(&resolver, networks(allowed), true, Clock::system()).unwrap()
}

async fn send(client: &WebhookClient, url: &str) -> Attempt {
    let secrets = Arc::new(Secrets { current: sign::secret(&[1; 32]), previous: None });
    client.send(&Request { url: url.into(), id: "event_1".to_owned(), body: "{}".into(), secrets }).await
}

/// Counts connections, and lets each be treated so after its request was read.
async fn listen<F: Future<Output = ()> + Send + 'static>(
    treat: impl Fn(TcpStream) -> F + Send + Sync + Clone + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let treat = treat.clone();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 8192]).await;
                treat(stream).await;
            });
        }
    });
    (address, count)
}

async fn say(mut stream: TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes()).await;
}

const WELL: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

#[tokio::test]
async fn sec_42_a_name_that_leads_to_a_forbidden_address_gets_no_packet() {
    let (address, connections) = listen(|stream| say(stream, WELL)).await;
    let port = address.port();
    for answer in [
        &["127.0.0.1"][..],
        &["8.8.8.8", "127.0.0.1"],
        &["::ffff:127.0.0.1"],
        &["::1"],
        &["169.254.169.254"],
        &["64:ff9b::7f00:1"],
        &["2002:7f00:1::"],
        &["10.0.0.1", "1.1.1.1"],
        &[],
    ] {
        let script = Script::of(&[answer]);
        let attempt = send(&client(&script, &[]), &format!("https://receiver.example:{port}/")).await;
        assert_eq!(attempt.outcome, Outcome::Unreachable, "{answer:?}");
        assert!(attempt.error.as_deref().unwrap().contains("not public"), "{answer:?}: {:?}", attempt.error);
        assert_eq!(script.asked.load(Ordering::SeqCst), 1, "asked once, and what was checked is what counts");
    }
    for url in [
        "https://127.0.0.1",
        "https://0x7f.1",
        "https://[::ffff:127.0.0.1]",
        "https://2130706433",
        "https://user@8.8.8.8",
    ] {
        let script = Script::of(&[&["8.8.8.8"]]);
        let attempt = send(&client(&script, &[]), &format!("{url}:{port}/")).await;
        assert_eq!(attempt.outcome, Outcome::Unreachable, "{url}");
        assert_eq!(script.asked.load(Ordering::SeqCst), 0, "an address is not asked for");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn sec_42_a_name_that_changes_its_mind_gains_nothing() {
    let (address, connections) = listen(|stream| say(stream, WELL)).await;
    let url = format!("http://receiver.example:{}/", address.port());
    // Allowed, then not, then allowed: each connection is made to what was checked for it.
    let script = Script::of(&[&["127.0.0.1"], &["127.1.0.1"], &["127.0.0.1"]]);
    let client = client(&script, &["127.0.0.0/24"]);
    let outcomes =
        [send(&client, &url).await.outcome, send(&client, &url).await.outcome, send(&client, &url).await.outcome];
    assert_eq!(outcomes, [Outcome::Accepted, Outcome::Unreachable, Outcome::Accepted]);
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn sec_42_plain_http_goes_to_allowed_networks_alone() {
    let script = Script::of(&[&["8.8.8.8"]]);
    let attempt = send(&client(&script, &["127.0.0.0/8"]), "http://receiver.example/").await;
    assert_eq!(attempt.outcome, Outcome::Unreachable);
    assert!(attempt.error.unwrap().contains("not public"));
}

#[tokio::test]
async fn sec_42_redirects_are_failures() {
    let (target, reached) = listen(|stream| say(stream, WELL)).await;
    for status in [301, 302, 303, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} Elsewhere\r\nlocation: http://{target}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let (address, _) = listen(move |stream| {
            let answer = answer.clone();
            async move { say(stream, &answer).await }
        })
        .await;
        let attempt = send(&client(&Script::of(&[&[]]), &["127.0.0.0/8"]), &format!("http://{address}/")).await;
        assert_eq!((attempt.outcome, attempt.status), (Outcome::Failed, Some(status)));
        assert!(attempt.error.unwrap().contains("redirects are not followed"));
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn sec_43_answers_are_bounded() {
    let client = client(&Script::of(&[&[]]), &["127.0.0.0/8"]);
    let endless = |stream: TcpStream| async move {
        let mut stream = stream;
        let mut block = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
        while stream.write_all(block.as_bytes()).await.is_ok() {
            block = format!("1000\r\n{}\r\n", "\u{1}x".repeat(2048));
        }
    };
    let (address, _) = listen(endless).await;
    let began = Instant::now();
    let attempt = send(&client, &format!("http://{address}/")).await;
    assert_eq!(attempt.outcome, Outcome::Accepted);
    assert!(began.elapsed() < Duration::from_secs(9), "it was not read to its end, which it does not have");
    let excerpt = attempt.excerpt.unwrap();
    assert!(excerpt.len() == 200 && excerpt.chars().all(|c| c == 'x'), "{excerpt:?}");

    let large = format!("HTTP/1.1 200 OK\r\n{}\r\n\r\n", format!("x-filler: {}\r\n", "y".repeat(1000)).repeat(2000));
    let (address, _) = listen(move |stream| {
        let large = large.clone();
        async move { say(stream, &large).await }
    })
    .await;
    assert_eq!(send(&client, &format!("http://{address}/")).await.outcome, Outcome::Failed, "two megabytes of headers");

    let (address, _) = listen(|stream| say(stream, "SSH-2.0-OpenSSH_9.9\r\n")).await;
    assert_eq!(send(&client, &format!("http://{address}/")).await.outcome, Outcome::Failed, "something else than HTTP");
    let (address, _) = listen(|stream| async move { drop(stream) }).await;
    assert_eq!(send(&client, &format!("http://{address}/")).await.outcome, Outcome::Failed, "no answer at all");
}

#[tokio::test]
async fn sec_43_a_receiver_that_never_answers_is_let_go() {
    let client = client(&Script::of(&[&[]]), &["127.0.0.0/8"]);
    let (address, _) = listen(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let began = Instant::now();
    let attempt = send(&client, &format!("http://{address}/")).await;
    assert_eq!(attempt.outcome, Outcome::Failed);
    assert!(attempt.error.unwrap().contains("no answer within"));
    assert!((9..=30).contains(&began.elapsed().as_secs()));
}
