//! A client that sends exactly the bytes a test writes: doubled slashes, two `Authorization` headers, an empty
//! `User-Agent`. One connection per request.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

/// A request in the making.
#[derive(Debug, Clone)]
pub struct Request {
    address: SocketAddr,
    from: Option<[u8; 4]>,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// A request without any header of its own.
    pub fn new(address: SocketAddr, method: &str, target: &str) -> Self {
        Request {
            address,
            from: None,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// Sends it from another address of this machine; on Linux all of 127.0.0.0/8 are.
    pub fn from(mut self, address: [u8; 4]) -> Self {
        self.from = Some(address);
        self
    }

    /// Adds a header, also a second one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a header away.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Whether it has one.
    pub fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Sends it and reads the answer to its end.
    pub async fn send(self) -> Answer {
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.method, self.target, self.address);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = &self.body {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(address) = self.from {
            socket.bind((address, 0).into()).unwrap();
        }
        let mut stream = socket.connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        if let Some(body) = &self.body {
            // A server that refuses a body early may close before it has read all of it.
            let _ = stream.write_all(body).await;
        }
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes).await;
        assert!(read.is_ok() || !bytes.is_empty(), "no answer to {} {}", self.method, self.target);
        Answer::read(&bytes, &format!("{} {}", self.method, self.target))
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// Method and target, for messages.
    pub asked: String,
}

impl Answer {
    fn read(bytes: &[u8], asked: &str) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{asked}: not HTTP: {text}"));
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let chunked = headers.iter().any(|(name, _)| name == "transfer-encoding");
        assert!(!chunked, "{asked}: bodies are written in one piece");
        Answer { status, headers, body: body.to_owned(), asked: asked.to_owned() }
    }

    /// The one value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{}: {name} occurs twice", self.asked);
        value
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.body))
    }

    /// Checks the status; the answer goes on.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.body);
        self
    }

    /// Checks that the status is one of those; the answer goes on.
    #[track_caller]
    pub fn expect_one_of(self, statuses: &[u16]) -> Self {
        assert!(statuses.contains(&self.status), "{}: {} {}", self.asked, self.status, self.body);
        self
    }
}
