//! A connection that does not wait for ever for the other end.
//!
//! Three deadlines: the first byte has to come soon; on HTTP/1 a request has to be whole soon after it began, as the
//! server says nothing before that; and a connection on which nothing moves at all is closed. They hold for
//! connections that never speak, too. One that asks without end for answers that carry nothing is closed as well.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::transport::server::Connected;

use crate::census::Seat;
use crate::control_frames::ControlFrames;

/// How long a connection waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For its first byte. Default: 10 s.
    pub first: Duration,
    /// From the first byte of a request to the first byte of the answer, where the server says nothing in
    /// between; `None`: for ever. Default: 30 s.
    pub request: Option<Duration>,
    /// While nothing moves. Default: 75 s.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(10),
            request: Some(Duration::from_secs(30)),
            idle: Duration::from_secs(75),
        }
    }
}

/// A connection with deadlines, which holds its [`Seat`] until it is closed.
#[derive(Debug)]
pub struct Guarded<S> {
    stream: S,
    patience: Patience,
    /// Since when a request is being read that nothing was answered to.
    asked: Option<Instant>,
    spoken: bool,
    moved: Instant,
    frames: ControlFrames,
    alarm: Pin<Box<Sleep>>,
    _seat: Option<Seat>,
}

impl<S> Guarded<S> {
    /// Guards a connection that has just been opened.
    #[must_use]
    pub fn new(stream: S, patience: Patience, seat: Option<Seat>) -> Self {
        let now = Instant::now();
        Self {
            stream,
            patience,
            asked: None,
            spoken: false,
            moved: now,
            frames: ControlFrames::new(now),
            alarm: Box::pin(sleep_until(now + patience.first)),
            _seat: seat,
        }
    }

    fn deadline(&self) -> Instant {
        let still = if self.spoken {
            self.moved + self.patience.idle
        } else {
            self.moved + self.patience.first
        };
        match (self.asked, self.patience.request) {
            (Some(since), Some(limit)) => still.min(since + limit),
            _ => still,
        }
    }

    /// Whether the other end has kept everybody waiting for too long.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let deadline = self.deadline();
        if self.alarm.deadline() != deadline {
            self.alarm.as_mut().reset(deadline);
        }
        self.alarm.as_mut().poll(context).is_ready()
    }

    fn answered(&mut self) {
        self.asked = None;
        self.moved = Instant::now();
    }
}

fn too_many_frames() -> io::Error {
    io::Error::other("the other end sent too many PING and SETTINGS frames")
}

fn too_late() -> io::Error {
    io::Error::new(
        io::ErrorKind::TimedOut,
        "the other end kept silent for too long",
    )
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                if buffer.filled().len() > before {
                    let now = Instant::now();
                    self.spoken = true;
                    self.moved = now;
                    self.asked.get_or_insert(now);
                    if !self.frames.take(&buffer.filled()[before..], now) {
                        return Poll::Ready(Err(too_many_frames()));
                    }
                }
                Poll::Ready(read)
            }
            Poll::Pending if self.is_over(context) => Poll::Ready(Err(too_late())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.note(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S> Guarded<S> {
    /// One who does not read what it asked for keeps everybody waiting, too.
    fn note(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) if bytes > 0 => {
                self.answered();
                Poll::Ready(Ok(bytes))
            }
            Poll::Pending if self.is_over(context) => Poll::Ready(Err(too_late())),
            written => written,
        }
    }
}

impl<S: Connected> Connected for Guarded<S> {
    type ConnectInfo = S::ConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    fn patience() -> Patience {
        Patience {
            first: Duration::from_secs(10),
            request: Some(Duration::from_secs(30)),
            idle: Duration::from_secs(75),
        }
    }

    async fn read(guarded: &mut Guarded<tokio::io::DuplexStream>) -> io::Result<usize> {
        guarded.read(&mut [0; 64]).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_never_speaks_is_closed() {
        let (_client, server) = duplex(64);
        let began = Instant::now();
        let mut guarded = Guarded::new(server, patience(), None);

        let closed = read(&mut guarded).await.unwrap_err();

        assert_eq!(closed.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_drips_in_is_closed_after_its_time() {
        let (mut client, server) = duplex(64);
        let began = Instant::now();
        let mut guarded = Guarded::new(server, patience(), None);
        tokio::task::LocalSet::new()
            .run_until(async {
                let drip = async {
                    while client.write_all(b"a").await.is_ok() {
                        tokio::time::sleep(Duration::from_secs(5)).await;
                    }
                };
                let reading = async { while read(&mut guarded).await.is_ok() {} };
                tokio::select! {
                    () = drip => {}
                    () = reading => {}
                }
            })
            .await;

        assert_eq!(began.elapsed(), Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_asks_and_is_answered_goes_on_until_nothing_moves() {
        let (mut client, server) = duplex(64);
        let mut guarded = Guarded::new(server, patience(), None);
        for _ in 0..10 {
            client.write_all(b"ask").await.unwrap();
            read(&mut guarded).await.unwrap();
            guarded.write_all(b"answer").await.unwrap();
            client.read_exact(&mut [0; 6]).await.unwrap();
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
        let answered = Instant::now();

        let closed = read(&mut guarded).await.unwrap_err();

        assert_eq!(closed.kind(), io::ErrorKind::TimedOut);
        assert_eq!(answered.elapsed(), Duration::from_secs(55));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_does_not_read_its_answer_is_closed() {
        let (mut client, server) = duplex(8);
        let mut guarded = Guarded::new(server, patience(), None);
        client.write_all(b"ask").await.unwrap();
        read(&mut guarded).await.unwrap();

        let closed = guarded.write_all(&[0; 64]).await.unwrap_err();

        assert_eq!(closed.kind(), io::ErrorKind::TimedOut);
    }
}
