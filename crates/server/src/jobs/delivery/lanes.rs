//! What an endpoint still has to send, in memory: bounded, whatever waits in the log.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_store::event::EventRow;
use doorward_store::webhook::lane::{Lane, LaneRow};

/// Events in memory from which on the log is not looked through any further.
const ENOUGH: usize = 128;

/// Their bytes from which on it is not.
const ENOUGH_BYTES: usize = 1024 * 1024;

/// Events of a lane that may be done and not saved yet: after a crash so many are sent again at most.
pub const MOST_UNSAVED: u32 = 16;

/// A lane whose receiver takes longer than this lets go of what it holds, so that the others' events are looked for.
const SLOW: Duration = Duration::from_millis(250);

/// A lane in memory.
#[derive(Debug)]
pub struct LaneState {
    /// What is stored of it.
    pub row: LaneRow,
    /// Its next events.
    pub queue: VecDeque<Arc<EventRow>>,
    /// The position up to which the log may hold more for it.
    pub assigned: i64,
    /// Whether the log holds more than the queue.
    pub behind: bool,
    /// Since when an event is on its way.
    pub sending: Option<Instant>,
    /// Events that are done and not saved.
    pub unsaved: u32,
    /// Whether something of the row is not saved.
    pub dirty: bool,
    /// Whether there is a row of it.
    pub stored: bool,
    listed: bool,
}

impl LaneState {
    fn new(row: LaneRow, assigned: i64, stored: bool) -> Self {
        Self {
            row,
            queue: VecDeque::new(),
            assigned,
            behind: stored,
            sending: None,
            unsaved: 0,
            dirty: !stored,
            stored,
            listed: false,
        }
    }

    /// Whether everything is done.
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && !self.behind && self.sending.is_none()
    }

    /// Lets go of all but the first event; they are read again when it is their turn.
    pub fn let_go(&mut self) {
        if self.queue.len() > 1 {
            self.queue.truncate(1);
            self.behind = true;
        }
    }
}

/// All lanes of an endpoint.
#[derive(Debug, Default)]
pub struct Lanes {
    all: HashMap<Lane, LaneState>,
    ready: VecDeque<Lane>,
}

impl Lanes {
    /// Takes over what is stored. A lane that is known already learns when it is due, unless it knows better.
    pub fn load(&mut self, rows: Vec<LaneRow>, scanned: i64) {
        for row in rows {
            let lane = row.lane;
            match self.all.get_mut(&lane) {
                None => {
                    let assigned = row.until.unwrap_or(scanned);
                    self.all.insert(lane, LaneState::new(row, assigned, true));
                }
                Some(known) => {
                    known.behind |= lane == Lane::Retry;
                    if !known.dirty && known.sending.is_none() {
                        (known.row.attempts, known.row.next_attempt_at) = (row.attempts, row.next_attempt_at);
                    }
                }
            }
        }
    }

    /// A lane.
    pub fn get(&mut self, lane: Lane) -> Option<&mut LaneState> {
        self.all.get_mut(&lane)
    }

    /// Adds an event that was found in the log.
    pub fn add(&mut self, event: &Arc<EventRow>, now: i64) {
        let lane = Lane::of(event);
        let state = self.all.entry(lane).or_insert_with(|| {
            let cursor = event.position - 1;
            let row = LaneRow { lane, cursor, until: None, attempts: 0, next_attempt_at: 0, unreachable: false };
            LaneState::new(row, event.position, false)
        });
        state.assigned = event.position;
        let is_waiting = state.row.attempts > 0 && state.row.next_attempt_at > now;
        if state.behind || is_waiting {
            state.behind = true;
        } else {
            state.queue.push_back(Arc::clone(event));
        }
        self.list(lane, now);
    }

    /// Whether so much is in memory that the log can wait. Lanes that do not get on do not count.
    pub fn is_full(&mut self) -> bool {
        for state in self.all.values_mut() {
            if state.sending.is_some_and(|since| since.elapsed() > SLOW) {
                state.let_go();
            }
        }
        let events: usize = self.all.values().map(|state| state.queue.len()).sum();
        let bytes: usize = self.all.values().flat_map(|state| &state.queue).map(|event| event.data.len()).sum();
        events >= ENOUGH || bytes >= ENOUGH_BYTES
    }

    /// Puts a lane on the list of those that can send, if it can.
    pub fn list(&mut self, lane: Lane, now: i64) {
        let Some(state) = self.all.get_mut(&lane) else { return };
        let has_work = !state.queue.is_empty() || state.behind;
        let can = has_work && state.sending.is_none() && state.unsaved < MOST_UNSAVED;
        if can && !state.listed && state.row.next_attempt_at <= now {
            state.listed = true;
            self.ready.push_back(lane);
        }
    }

    /// Lists all lanes that can send. When the next one that waits is due (Unix microseconds).
    pub fn list_due(&mut self, now: i64) -> Option<i64> {
        let lanes: Vec<Lane> = self.all.keys().copied().collect();
        lanes.into_iter().for_each(|lane| self.list(lane, now));
        let waiting = self.all.values().filter(|state| state.sending.is_none() && !state.listed);
        waiting.map(|state| state.row.next_attempt_at).filter(|due| *due > now).min()
    }

    /// The lane whose turn it is.
    pub fn next(&mut self) -> Option<Lane> {
        let lane = self.ready.pop_front()?;
        if let Some(state) = self.all.get_mut(&lane) {
            state.listed = false;
        }
        Some(lane)
    }

    /// The receiver is there again: who could not reach it need not wait longer.
    pub fn reached(&mut self, now: i64) {
        for state in self.all.values_mut().filter(|state| state.row.unreachable && state.sending.is_none()) {
            state.row.unreachable = false;
            state.row.next_attempt_at = now;
            state.dirty = true;
        }
    }

    /// Takes what is not saved: rows to write, and lanes that have nothing left and are forgotten here too.
    pub fn take_unsaved(&mut self) -> (Vec<LaneRow>, Vec<Lane>) {
        let (mut rows, mut finished) = (Vec::new(), Vec::new());
        self.all.retain(|lane, state| {
            if state.is_idle() {
                if state.stored {
                    finished.push(*lane);
                }
                return false;
            }
            if state.dirty {
                rows.push(state.row.clone());
                (state.dirty, state.stored) = (false, true);
            }
            true
        });
        (rows, finished)
    }

    /// What was taken is saved: the lanes may go on.
    pub fn saved(&mut self, now: i64, before: &HashMap<Lane, u32>) {
        for (lane, count) in before {
            if let Some(state) = self.all.get_mut(lane) {
                state.unsaved = state.unsaved.saturating_sub(*count);
            }
            self.list(*lane, now);
        }
    }

    /// How much of each lane is done and not saved.
    pub fn unsaved(&self) -> HashMap<Lane, u32> {
        self.all.iter().filter(|(_, state)| state.unsaved > 0).map(|(lane, state)| (*lane, state.unsaved)).collect()
    }
}
