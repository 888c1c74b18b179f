//! Log lines on their way to standard error.
//!
//! The access log has a line for each request. Writing each by itself would cost as much as answering the request, so
//! lines wait for up to [`PATIENCE`] and go out together; warnings and errors go out at once, with all before them.

use std::io::{self, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line may wait.
const PATIENCE: Duration = Duration::from_millis(50);

/// How many bytes may wait before they are written by whoever comes.
const ROOM: usize = 256 * 1024;

/// Takes lines.
#[derive(Clone)]
pub struct Lines(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    bytes: Mutex<Vec<u8>>,
    some: Condvar,
}

impl Lines {
    /// Starts the thread that writes waiting lines to standard error.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn to_stderr() -> io::Result<(Self, Flusher)> {
        let waiting = Arc::new(Waiting::default());
        let lines = Lines(Arc::clone(&waiting));
        std::thread::Builder::new().name("log".to_owned()).spawn(move || {
            loop {
                let some = waiting.some.wait_while(waiting.lock(), |bytes| bytes.is_empty());
                drop(some.unwrap_or_else(PoisonError::into_inner));
                std::thread::sleep(PATIENCE);
                write_out(&mut waiting.lock());
            }
        })?;
        Ok((lines.clone(), Flusher(lines)))
    }
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_out(bytes: &mut Vec<u8>) {
    // When standard error is gone, nobody reads the log.
    let _ = io::stderr().lock().write_all(bytes);
    bytes.clear();
}

/// Writes the waiting lines when it is dropped.
pub struct Flusher(Lines);

impl Drop for Flusher {
    fn drop(&mut self) {
        write_out(&mut self.0.0.lock());
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { waiting: &self.0, urgent: false }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line<'a> {
        Line { waiting: &self.0, urgent: *metadata.level() <= Level::WARN }
    }
}

/// Takes one line.
pub struct Line<'a> {
    waiting: &'a Waiting,
    urgent: bool,
}

impl io::Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut bytes = self.waiting.lock();
        let first = bytes.is_empty();
        bytes.extend_from_slice(line);
        if self.urgent || bytes.len() > ROOM {
            write_out(&mut bytes);
        } else if first {
            self.waiting.some.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
