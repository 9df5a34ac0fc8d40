//! Letters to a mail server that speaks TLS, on this machine.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A mail server for one connection, and its certificate.
struct Post {
    port: u16,
    authority: PathBuf,
    /// What it was told in the clear, then under TLS.
    told: JoinHandle<(Vec<String>, Vec<String>)>,
    _folder: TempDir,
}

/// When the connection is secured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    AtOnce,
    Asked,
    Never,
}

impl Post {
    async fn open(when: When) -> Self {
        crate::tls::install_crypto();
        let folder = TempDir::new().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        #[expect(clippy::disallowed_methods, reason = "ends with its test")]
        let told = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            serve(stream, when, &acceptor).await
        });
        Self {
            port,
            authority,
            told,
            _folder: folder,
        }
    }

    /// A mailer that speaks to it so; it may not know the authority.
    fn mailer(&self, security: Security, knows: bool) -> Mailer {
        let config = MailConfig {
            smtp: format!("smtps://localhost:{}", self.port),
            password_file: None,
            from: "Harbor House <node@harbor.example>".to_owned(),
            to: vec!["ana@harbor.example".to_owned()],
            authority: None,
            time_zone: None,
            timeout: Duration::from_secs(10),
            back_off: Duration::from_mins(1),
        };
        let mut to = config.parse().unwrap();
        // A host of this machine would be spoken to without.
        to.security = security;
        let authority = knows.then_some(self.authority.as_path());
        Mailer {
            tls: tls(&to, authority).unwrap(),
            timeout: config.timeout,
            to,
        }
    }
}

async fn serve(
    stream: tokio::net::TcpStream,
    when: When,
    acceptor: &TlsAcceptor,
) -> (Vec<String>, Vec<String>) {
    if when == When::AtOnce {
        let Ok(secured) = acceptor.accept(stream).await else {
            return (Vec::new(), Vec::new());
        };
        return (Vec::new(), talk(secured, "", true).await.1);
    }
    let offer = if when == When::Asked { "STARTTLS" } else { "" };
    let (stream, clear) = talk(stream, offer, true).await;
    if !clear.iter().any(|line| line == "STARTTLS") {
        return (clear, Vec::new());
    }
    match acceptor.accept(stream).await {
        Ok(secured) => (clear, talk(secured, "", false).await.1),
        Err(_) => (clear, Vec::new()),
    }
}

/// Answers until the connection ends or is to be secured; gives it back with what it was told.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    offer: &str,
    greets: bool,
) -> (S, Vec<String>) {
    let (mut stream, mut told, mut letter) = (BufReader::new(stream), Vec::new(), false);
    if greets {
        stream.write_all(b"220 localhost\r\n").await.unwrap();
    }
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        let said = std::mem::take(&mut line).trim_end().to_owned();
        let answer = match said.split(' ').next().unwrap_or_default() {
            "." => "250 taken\r\n".to_owned(),
            _ if letter => String::new(),
            "EHLO" if offer.is_empty() => "250 localhost\r\n".to_owned(),
            "EHLO" => format!("250-localhost\r\n250 {offer}\r\n"),
            "DATA" => "354 go on\r\n".to_owned(),
            "STARTTLS" => "220 go on\r\n".to_owned(),
            _ => "250 well\r\n".to_owned(),
        };
        letter = (letter || said == "DATA") && said != ".";
        let secures = said == "STARTTLS";
        told.push(said);
        if stream.write_all(answer.as_bytes()).await.is_err() || secures {
            break;
        }
    }
    (stream.into_inner(), told)
}

fn letter() -> Letter {
    Letter {
        subject: "Capacity is about to go stale".to_owned(),
        body: "Two services.\n".to_owned(),
    }
}

fn holds(told: &[String], words: &str) -> bool {
    told.iter().any(|line| line.contains(words))
}

#[tokio::test]
async fn a_letter_goes_under_tls_from_the_start() {
    let post = Post::open(When::AtOnce).await;
    let mailer = post.mailer(Security::Tls, true);

    mailer.send(&letter()).await.unwrap();

    drop(mailer);
    let (_, secured) = post.told.await.unwrap();
    assert!(holds(&secured, "Two services."), "{secured:?}");
}

#[tokio::test]
async fn a_letter_goes_after_starttls_and_nothing_of_it_before() {
    let post = Post::open(When::Asked).await;
    let mailer = post.mailer(Security::StartTls, true);

    mailer.send(&letter()).await.unwrap();

    drop(mailer);
    let (clear, secured) = post.told.await.unwrap();
    assert!(!holds(&clear, "harbor.example"), "{clear:?}");
    assert!(holds(&secured, "Two services."), "{secured:?}");
}

#[tokio::test]
async fn a_server_that_does_not_offer_starttls_gets_no_letter() {
    let post = Post::open(When::Never).await;
    let mailer = post.mailer(Security::StartTls, true);

    let refused = mailer.send(&letter()).await.unwrap_err();

    drop(mailer);
    let (clear, _) = post.told.await.unwrap();
    assert!(matches!(refused, NotSent::Unusable { .. }), "{refused:?}");
    assert!(!holds(&clear, "harbor.example"), "{clear:?}");
}

#[tokio::test]
async fn a_server_of_an_unknown_authority_gets_no_letter() {
    for (when, security) in [
        (When::AtOnce, Security::Tls),
        (When::Asked, Security::StartTls),
    ] {
        let post = Post::open(when).await;
        let mailer = post.mailer(security, false);

        mailer.send(&letter()).await.unwrap_err();

        drop(mailer);
        let (clear, secured) = post.told.await.unwrap();
        assert!(!holds(&clear, "harbor.example"), "{clear:?}");
        assert_eq!(secured, Vec::<String>::new());
    }
}
