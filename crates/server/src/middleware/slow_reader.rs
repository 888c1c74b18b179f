//! A deadline for clients that do not take their answer.
//!
//! Once the kernel's buffers are full an answer waits for its reader; one who never reads would hold the connection, and the answer in
//! memory, for ever (SEC-30).

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// A connection on which something that waits to be written must make progress in time. How much that is the system decides: Linux
/// takes more only after about a third of its buffer was read.
pub struct SlowReader<S> {
    stream: S,
    limit: Duration,
    /// Made only when a write has to wait, which spares nearly all connections a timer.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S> SlowReader<S> {
    /// `limit` is the longest that a write may wait.
    pub fn new(stream: S, limit: Duration) -> Self {
        SlowReader { stream, limit, deadline: None }
    }

    /// Passes the outcome of a write on, unless it has waited too long.
    fn in_time(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.deadline = None;
            return written;
        }
        let limit = self.limit;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        match deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for SlowReader<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SlowReader<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.in_time(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.in_time(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const LIMIT: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn sec_30_a_write_that_nobody_takes_ends_in_time() {
        let (ours, _theirs) = tokio::io::duplex(16);
        let error = SlowReader::new(ours, LIMIT).write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_reader_who_is_slow_but_reads_gets_everything() {
        let (ours, mut theirs) = tokio::io::duplex(16);
        let writing = tokio::spawn(async move { SlowReader::new(ours, LIMIT).write_all(&[7; 16 * 8]).await });
        let mut taken = [0; 16];
        for _ in 0..8 {
            tokio::time::sleep(LIMIT / 2).await;
            theirs.read_exact(&mut taken).await.unwrap();
            assert_eq!(taken, [7; 16]);
        }
        writing.await.unwrap().unwrap();
    }
}
