//! Connections that are silent, foreign, dead or on their way out.

use std::net::SocketAddr;
use std::time::Duration;

use referral_runtime::listen;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls::{self, Address, Dialer, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::directory::{Directory, client_identity, server_identity, who_am_i};

#[tokio::test]
async fn silent_connections_block_nobody() {
    let directory = Directory::start().await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(TcpStream::connect(directory.socket).await.unwrap());
    }
    let identity = client_identity(&directory.authority, "harbor-house");

    // A silent connection is given 10 s; nobody else waits for that.
    let trust = directory.trust();
    let asked = directory.ask(&trust, Some(&identity));

    let who = timeout(Duration::from_secs(9), asked).await;
    assert_eq!(who.unwrap().unwrap(), "harbor-house");
    assert_eq!(silent.len(), 300);
}

#[tokio::test]
async fn silent_connections_give_their_slots_back_when_their_time_is_up() {
    let directory = Directory::start_within(Limits {
        handshake: Duration::from_millis(50),
        at_once: 2,
        ..Limits::default()
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..6 {
        silent.push(TcpStream::connect(directory.socket).await.unwrap());
    }

    let served = directory.ask(&directory.trust(), None).await;

    assert!(served.is_ok());
    for mut connection in silent {
        assert_eq!(connection.read(&mut [0; 64]).await.unwrap_or(0), 0);
    }
}

#[tokio::test]
async fn a_connection_that_speaks_no_tls_is_dropped_and_the_next_is_served() {
    let directory = Directory::start().await;
    let mut foreign = TcpStream::connect(directory.socket).await.unwrap();
    foreign.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    foreign.read_to_end(&mut answer).await.unwrap();

    let served = directory.ask(&directory.trust(), None).await;

    assert!(served.is_ok());
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_unreachable() {
    let directory = Directory::start().await;
    let trust = directory.trust();
    directory
        .tasks
        .drain(Duration::from_secs(10))
        .await
        .unwrap();

    let refused = directory.ask(&trust, None).await.unwrap_err();

    assert_eq!(refused.code(), "unreachable");
    assert!(
        refused
            .to_string()
            .contains(&directory.address().to_string())
    );
}

#[tokio::test]
async fn a_server_that_speaks_something_else_is_told_apart() {
    let directory = Directory::start().await;
    let tasks = Tasks::new();
    let listener = listen::bind(SocketAddr::from(([127, 0, 0, 1], 0)));
    let listener = listener.await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tasks.spawn("foreign server", async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
        let mut rest = Vec::new();
        let _ended = stream.read_to_end(&mut rest).await;
    });
    let address = Address::parse(&format!("localhost:{port}")).unwrap();
    let dialer = Dialer::new(address, &directory.trust(), None, directory.clock.clone());

    let refused = dialer.unwrap().connect().await.unwrap_err();

    assert_eq!(refused.code(), "no_tls");
}

#[tokio::test]
async fn a_directory_ends_in_time_while_nodes_and_silent_connections_hang_on() {
    let directory = Directory::start().await;
    let _silent = TcpStream::connect(directory.socket).await.unwrap();
    let dialer = directory.dialer(&directory.trust(), None);
    let mut channel = dialer.connect().await.unwrap();
    who_am_i(&mut channel).await.unwrap();

    let drained = directory.tasks.drain(Duration::from_secs(5)).await;

    assert_eq!(drained, Ok(()));
}

#[tokio::test]
async fn a_channel_connects_again_when_its_connection_is_gone() {
    let directory = Directory::start().await;
    let relay = Relay::start(directory.socket).await;
    let address = Address::parse(&format!("localhost:{}", relay.port)).unwrap();
    let dialer = Dialer::new(address, &directory.trust(), None, directory.clock.clone());
    let mut channel = dialer.unwrap().connect().await.unwrap();
    who_am_i(&mut channel).await.unwrap();

    relay.cut();
    let mut answered = false;
    for _ in 0..3 {
        // The call in which the channel notices may fail; it is the caller's to repeat.
        answered = answered || who_am_i(&mut channel).await.is_ok();
    }

    assert!(answered);
}

/// Carries connections to a server, and cuts them all on demand.
struct Relay {
    port: u16,
    cut: tokio::sync::watch::Sender<()>,
    _tasks: Tasks,
}

impl Relay {
    async fn start(server: SocketAddr) -> Self {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = listen::bind(loopback).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cut, was_cut) = tokio::sync::watch::channel(());
        let tasks = Tasks::new();
        let spawner = tasks.clone();
        tasks.spawn("relay", async move {
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let mut far = TcpStream::connect(server).await.unwrap();
                let mut was_cut = was_cut.clone();
                was_cut.mark_unchanged();
                spawner.spawn("relayed connection", async move {
                    tokio::select! {
                        _ = was_cut.changed() => {}
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                    }
                });
            }
        });
        Self {
            port,
            cut,
            _tasks: tasks,
        }
    }

    fn cut(&self) {
        self.cut.send(()).unwrap();
    }
}

#[tokio::test]
async fn the_public_listener_speaks_both_http_versions_and_asks_for_no_certificate() {
    let directory = Directory::start().await;
    let identity = server_identity(&directory.authority, crate::directory::noon());

    let public = tls::public(&identity, directory.clock.clone()).unwrap();

    assert_eq!(
        public.alpn_protocols,
        [b"h2".to_vec(), b"http/1.1".to_vec()]
    );
    directory.config.store(std::sync::Arc::new(public));
    let agency = client_identity(&directory.authority, "harbor-house");
    let who = directory.ask(&directory.trust(), Some(&agency)).await;
    assert_eq!(who.unwrap(), "nobody: client_certificate_required");
}
