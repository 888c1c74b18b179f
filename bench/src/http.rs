//! A keep-alive HTTP/1.1 client as thin as it can be: it shares two cores with the server that it measures, so every
//! microsecond it spends would be taken from the figure.

use std::fmt::Arguments;
use std::io::Write;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One SCIM directory (or limit server) as a caller addresses it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Where to connect.
    pub address: SocketAddr,
    prefix: String,
    headers: String,
}

impl Endpoint {
    /// `prefix` is the path before every resource, for example `/scim/bench/v2`; `token` the bearer token.
    pub fn new(address: SocketAddr, prefix: &str, token: &str) -> Self {
        let headers = format!(
            " HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nAccept: application/scim+json\r\n\
             Content-Type: application/scim+json\r\nContent-Length: "
        );
        Self { address, prefix: prefix.to_owned(), headers }
    }

    /// Writes a whole request into `request`, which is emptied first.
    pub fn request(&self, request: &mut Vec<u8>, method: &str, path: Arguments<'_>, body: &[u8]) {
        request.clear();
        // Writing into a Vec cannot fail.
        let _ = write!(request, "{method} {}{path}{}{}\r\n\r\n", self.prefix, self.headers, body.len());
        request.extend_from_slice(body);
    }
}

/// One open connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back; the body borrows the connection's buffer.
pub struct Answer<'a> {
    /// HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: &'a [u8],
}

impl Connection {
    /// Connects without Nagle's delay.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends one request and reads the whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await.context("sending")?;
        self.buffer.clear();
        let head_end = loop {
            if self.stream.read_buf(&mut self.buffer).await.context("receiving")? == 0 {
                bail!("the server closed the connection");
            }
            if let Some(at) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let (status, length) = read_head(&self.buffer[..head_end])?;
        while self.buffer.len() < head_end + length {
            if self.stream.read_buf(&mut self.buffer).await.context("receiving")? == 0 {
                bail!("the server closed the connection in the middle of a body");
            }
        }
        Ok(Answer { status, body: &self.buffer[head_end..head_end + length] })
    }
}

/// Status and body length.
fn read_head(head: &[u8]) -> Result<(u16, usize)> {
    let head = std::str::from_utf8(head).context("header that is not text")?;
    let status = head.get(9..12).and_then(|digits| digits.parse().ok()).context("no status line")?;
    let length = head.lines().skip(1).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    match length {
        Some(length) => Ok((status, length)),
        None if status == 204 => Ok((status, 0)),
        None => bail!("an answer without Content-Length, status {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_gives_status_and_length() {
        let head = b"HTTP/1.1 201 Created\r\ncontent-type: x\r\nCONTENT-length: 12\r\n\r\n";
        assert_eq!(read_head(head).unwrap(), (201, 12));
        assert_eq!(read_head(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap(), (204, 0));
        assert!(read_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
