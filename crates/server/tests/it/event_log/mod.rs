//! The event log as a product: streamed, snapshotted, kept for a while, followed by many at once.

mod cursors;
mod follow;
mod settled;
mod snapshot;
mod stream;

use doorward_server::service::sealing;
use doorward_store::scope::SystemScope;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::app_api::Api;
use crate::support::Service;

/// An answer in chunks, read line by line while it comes.
pub struct Streamed {
    stream: BufReader<TcpStream>,
    pub head: String,
    text: String,
    /// Whether the last chunk has come, which is empty: the answer is whole.
    pub whole: bool,
}

impl Streamed {
    /// Sends a GET; `more` are further header lines, each with its line break.
    pub async fn open(api: &Api, target: &str, more: &str) -> Self {
        let mut stream = TcpStream::connect(api.service.address).await.unwrap();
        let head = format!("GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n{more}\r\n", api.key);
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut streamed =
            Streamed { stream: BufReader::new(stream), head: String::new(), text: String::new(), whole: false };
        while !streamed.head.ends_with("\r\n\r\n") {
            assert!(streamed.stream.read_line(&mut streamed.head).await.unwrap() > 0, "{}", streamed.head);
        }
        streamed.head.make_ascii_lowercase();
        streamed
    }

    /// As [`Streamed::open`], for an answer that must be 200.
    pub async fn found(api: &Api, target: &str, more: &str) -> Self {
        let streamed = Self::open(api, target, more).await;
        assert!(streamed.head.starts_with("http/1.1 200"), "{target}: {}", streamed.head);
        streamed
    }

    /// The next line, without its end; `None` behind the last.
    pub async fn line(&mut self) -> Option<String> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(line);
            }
            let mut size = String::new();
            if self.whole || self.stream.read_line(&mut size).await.unwrap_or(0) == 0 {
                return None;
            }
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            let mut chunk = vec![0; size + 2];
            self.stream.read_exact(&mut chunk).await.unwrap();
            self.whole = size == 0;
            self.text.push_str(std::str::from_utf8(&chunk[..size]).unwrap());
        }
    }

    /// All lines that are left.
    pub async fn lines(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.line().await {
            lines.push(line);
        }
        lines
    }

    /// The next event of a stream of server-sent events: its id, its type and its data; `None` at the end of the stream.
    pub async fn event(&mut self) -> Option<(String, String, Value)> {
        let (mut id, mut kind, mut data) = (String::new(), String::new(), String::new());
        loop {
            let line = self.line().await?;
            match line.split_once(": ") {
                Some(("id", value)) => value.clone_into(&mut id),
                Some(("event", value)) => value.clone_into(&mut kind),
                Some(("data", value)) => data.push_str(value),
                None if line.is_empty() && !data.is_empty() => {
                    return Some((id, kind, serde_json::from_str(&data).unwrap()));
                }
                _ => (),
            }
        }
    }
}

/// Waits until the whole log is sealed.
pub async fn sealed(service: &Service) {
    let by = SystemScope::job("test");
    while sealing::head(service.app.store(), &by).await.unwrap().unsealed > 0 {
        sealing::seal_rest(service.app.store(), &by, None).await.unwrap();
    }
}
