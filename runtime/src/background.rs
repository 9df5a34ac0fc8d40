//! Threads that stand back: what may be done a little later yields to what somebody waits for.

/// Lowers the priority of the calling thread, and of the threads that it starts, on systems where a thread has one
/// of its own. While a processor is idle nothing changes. There is no way back.
pub fn stand_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(STEPS) {
        tracing::debug!("a thread does not stand back: {error}");
    }
}

/// How far. A thread that stands back gets about a third of what one gets that does not: it is never starved.
#[cfg(target_os = "linux")]
const STEPS: i32 = 5;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn niceness() -> Option<i32> {
        rustix::process::nice(0).ok()
    }

    #[test]
    fn a_thread_stands_back_alone_and_those_it_starts_with_it() {
        let before = niceness().unwrap();

        let (itself, started) = std::thread::spawn(|| {
            stand_back();
            (niceness(), std::thread::spawn(niceness).join().unwrap())
        })
        .join()
        .unwrap();

        let lowered = Some(before + STEPS);
        assert_eq!((itself, started), (lowered, lowered));
        assert_eq!(niceness(), Some(before));
    }
}
