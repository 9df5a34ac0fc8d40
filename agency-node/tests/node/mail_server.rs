//! A mail server as small as it can be, on loopback: EHLO, AUTH PLAIN, MAIL, RCPT, DATA, QUIT.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What it does with the mail it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Takes it.
    Takes,
    /// Does not know the user with this password.
    RefusesUser,
    /// Does not know whom it is for.
    RefusesRecipient,
    /// Asks to come again.
    Busy,
    /// Never says a word.
    Silent,
}

/// The server.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    mails: watch::Receiver<Vec<String>>,
    attempts: watch::Receiver<u32>,
    running: JoinHandle<()>,
}

impl MailServer {
    /// A server in this mood, on a port of its own.
    pub(crate) async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mood = Arc::new(Mutex::new(mood));
        let (sent, mails) = watch::channel(Vec::new());
        let (tried, attempts) = watch::channel(0);
        let its_mood = Arc::clone(&mood);
        let running = async move {
            while let Ok((client, _)) = listener.accept().await {
                tried.send_modify(|attempts| *attempts += 1);
                let mood = *its_mood.lock().unwrap();
                let _gone = serve(client, mood, &sent).await;
            }
        };
        Self {
            address,
            mood,
            mails,
            attempts,
            running: spawn(running),
        }
    }

    /// Changes its mood from the next connection on.
    pub(crate) fn is_now(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The mails it has taken, once there are so many.
    pub(crate) async fn taken(&self, many: usize) -> Vec<String> {
        let mut mails = self.mails.clone();
        let taken = mails.wait_for(|mails| mails.len() >= many);
        let taken = tokio::time::timeout(crate::sample::PATIENCE, taken).await;
        taken.unwrap().unwrap().clone()
    }

    /// Waits until somebody has connected so often.
    pub(crate) async fn tried(&self, times: u32) {
        let mut attempts = self.attempts.clone();
        let tried = attempts.wait_for(|attempts| *attempts >= times);
        let tried = tokio::time::timeout(crate::sample::PATIENCE, tried).await;
        tried.unwrap().unwrap();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a server of a test, aborted at its end"
)]
fn spawn(running: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(running)
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn serve(
    mut client: TcpStream,
    mood: Mood,
    sent: &watch::Sender<Vec<String>>,
) -> std::io::Result<()> {
    let (read, mut write) = client.split();
    let mut lines = BufReader::new(read).lines();
    if mood == Mood::Silent {
        while lines.next_line().await?.is_some() {}
        return Ok(());
    }
    write.write_all(b"220 mail.test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default();
        let answer = match verb {
            "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            "AUTH" if mood == Mood::RefusesUser => "535 5.7.8 no such user or password",
            "AUTH" => "235 ok",
            "RCPT" if mood == Mood::RefusesRecipient => "550 5.1.1 no such mailbox",
            "MAIL" if mood == Mood::Busy => "451 4.3.0 come again",
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                sent.send_modify(|mails| mails.push(mail));
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
