//! What a piece of work cost: time on the wall and time on a processor.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What a piece of work cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Processor time of everything that worked on it.
    pub cpu: Duration,
    /// Time until it was done.
    pub wall: Duration,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.cpu += other.cpu;
        self.wall += other.wall;
    }
}

/// Does `work` on this thread; gives what it made and what that cost here.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (start, cpu) = (now(), thread_cpu());
    let made = work();
    let cost = Cost {
        cpu: thread_cpu().saturating_sub(cpu),
        wall: start.elapsed(),
    };
    (made, cost)
}

/// The moment, for measuring how long something takes.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "measuring is all a bench does")]
pub fn now() -> Instant {
    Instant::now()
}

/// Processor time of this thread so far.
#[must_use]
pub fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanoseconds)
}

/// Processor time of the threads that a process has at a moment.
#[derive(Clone, Debug, Default)]
pub struct Threads(BTreeMap<u32, Duration>);

impl Threads {
    /// As of now.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn of(process: u32) -> io::Result<Self> {
        let mut threads = BTreeMap::new();
        for task in fs::read_dir(format!("/proc/{process}/task"))? {
            let task = task?;
            // The first of three numbers: see proc(5), schedstat. A thread may end while we look.
            let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else {
                continue;
            };
            let number = task.file_name().to_str().and_then(|name| name.parse().ok());
            let first = text.split_whitespace().next();
            let nanoseconds = first.and_then(|first| first.parse().ok());
            if let (Some(number), Some(nanoseconds)) = (number, nanoseconds) {
                threads.insert(number, Duration::from_nanos(nanoseconds));
            }
        }
        Ok(Self(threads))
    }

    /// What they took since `before`. What a thread did that ended meanwhile is not in it.
    #[must_use]
    pub fn since(&self, before: &Self) -> Duration {
        let took = self.0.iter().map(|(thread, now)| {
            let before = before.0.get(thread).copied().unwrap_or_default();
            now.saturating_sub(before)
        });
        took.sum()
    }
}

/// Memory a process has, in bytes: resident, shared pages divided among those who share them.
///
/// # Errors
/// When the process is gone.
pub fn memory_of(process: u32) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn work_costs_time_on_wall_and_processor() {
        let (sum, cost) = measured(|| (1..3_000_000_u64).map(|n| n.rotate_left(7)).sum::<u64>());

        assert!(sum > 0);
        assert!(cost.cpu > Duration::ZERO && cost.wall > Duration::ZERO);
    }

    #[test]
    fn a_thread_that_ends_takes_nothing_back_from_what_others_took() {
        let me = std::process::id();
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = mpsc::channel::<()>();
        let other = thread::spawn(move || {
            work_for(Duration::from_millis(100));
            let sent = tell.send(());
            _ = stopped.recv();
            sent
        });
        told.recv().unwrap();
        let before = Threads::of(me).unwrap();

        drop(stop);
        other.join().unwrap().unwrap();
        work_for(Duration::from_millis(50));

        let took = Threads::of(me).unwrap().since(&before);
        assert!(took >= Duration::from_millis(25), "{took:?}");
    }

    /// Keeps this thread's processor busy for so long.
    fn work_for(time: Duration) {
        let start = thread_cpu();
        while thread_cpu() < start + time {}
    }
}
