//! The authority's key in a process of its own: the directory issues everything without ever having it.

use std::fs::File;
use std::io::BufRead;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::thread;

use referral_runtime::tls::{NotSigned, Signer, TrustDomain};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::commands::Serving;
use crate::support::house::{Stopped, config};
use crate::support::records::{organization, service};
use crate::support::{Agency, House};

/// A directory whose authority's key is in another folder, held by who listens at a socket there.
async fn apart(keys: &Path) -> House {
    let mut stopped = Stopped::new(tempfile::tempdir().unwrap());
    let domain = TrustDomain::parse(&config().federation.trust_domain).unwrap();
    let signer = Signer::open(keys, &domain, stopped.clock.clone()).unwrap();
    let socket = keys.join("sign.sock");
    let listening = signer.listen(&socket, 0o600).unwrap();
    thread::spawn(move || listening.answer_all());
    stopped.config.authority.socket = Some(socket);
    stopped.start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn agencies_join_and_renew_though_no_key_is_where_the_directory_is() {
    let keys = tempfile::tempdir().unwrap();
    let house = apart(keys.path()).await;

    let mut harbor = Agency::join(&house, "harbor").await;
    let mut stream = harbor.stream(&house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    stream
        .accepted(harbor.publish(service("free", "Free Lessons")))
        .await;
    house.until_found("Free Lessons").await;

    let kept = std::fs::read_dir(house.folder("ca")).unwrap();
    let kept: Vec<_> = kept.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(kept, ["ca.pem"], "the certificate and no key");
    let recorded = std::fs::read_to_string(keys.path().join("issued.log")).unwrap();
    let whose = |line: &str| line.split(' ').nth(2).unwrap().to_owned();
    let whose: Vec<String> = recorded.lines().map(whose).collect();
    assert_eq!(whose, ["the-directory-itself", "harbor"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_authority_at_the_socket_is_refused() {
    let (keys, others) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let stopped = apart(keys.path()).await.stop().await;
    let domain = TrustDomain::parse(&stopped.config.federation.trust_domain).unwrap();
    let signer = Signer::open(others.path(), &domain, stopped.clock.clone()).unwrap();
    let socket = others.path().join("sign.sock");
    let listening = signer.listen(&socket, 0o600).unwrap();
    thread::spawn(move || listening.answer_all());
    let mut moved = stopped;
    moved.config.authority.socket = Some(socket);

    let refused = moved.start().await;

    let refused = refused.err().map(|error| format!("{error:#}"));
    assert!(refused.unwrap().contains("another than that of"));
}

#[test]
fn what_is_no_certificate_is_not_signed() {
    let keys = tempfile::tempdir().unwrap();
    let clock = Stopped::new(tempfile::tempdir().unwrap()).clock;
    let domain = TrustDomain::parse("referral.internal").unwrap();
    let signer = Signer::open(keys.path(), &domain, clock).unwrap();

    for said in [&b""[..], b"anything", &[0x30, 0x80], &[0; 4_096]] {
        assert_eq!(signer.sign(said), Err(NotSigned::NoCertificate));
    }
}

/// Whether the memory of a process holds these bytes anywhere it can write.
fn remembers(process: u32, secret: &[u8]) -> bool {
    let of = Path::new("/proc").join(process.to_string());
    let maps = std::fs::read_to_string(of.join("maps")).unwrap();
    let memory = File::open(of.join("mem")).unwrap();
    let parts = maps.lines().filter(|line| line.contains(" rw"));
    parts.into_iter().any(|line| {
        let range = line.split(' ').next().unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let at = |text: &str| u64::from_str_radix(text, 16).unwrap();
        let length = usize::try_from(at(to) - at(from)).unwrap();
        let mut bytes = vec![0; length];
        // Some of what is mapped cannot be read, and holds nothing of ours.
        let read = memory.read_exact_at(&mut bytes, at(from)).is_ok();
        read && holds(&bytes, secret)
    })
}

/// Whether bytes hold others: byte by byte it would take minutes.
fn holds(bytes: &[u8], secret: &[u8]) -> bool {
    let rare = secret.iter().position(|byte| *byte > 0).unwrap();
    let mut rest = bytes;
    while rest.skip_until(secret[rare]).unwrap() > 0 {
        let after = bytes.len() - rest.len();
        let begins = after.checked_sub(rare + 1);
        if begins.is_some_and(|begins| bytes[begins..].starts_with(secret)) {
            return true;
        }
    }
    false
}

/// The process that the serving one started.
fn child_of(process: u32) -> u32 {
    let children = format!("/proc/{process}/task/{process}/children");
    let direct = std::fs::read_to_string(children).unwrap_or_default();
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |id: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (_, words) = stat.rsplit_once(')')?;
        words.split_whitespace().nth(1)?.parse().ok()
    };
    let found = direct.split_whitespace().find_map(|id| id.parse().ok());
    found.unwrap_or_else(|| {
        ids.into_iter()
            .find(|id| parent(*id) == Some(process))
            .unwrap()
    })
}

#[test]
fn the_process_that_serves_has_the_key_neither_open_nor_in_its_memory() {
    let data = tempfile::tempdir().unwrap();
    let serving = Serving::start(data.path());
    let pem = std::fs::read_to_string(data.path().join("ca/ca.key")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    // PKCS#8 of a P-256 key: the private number is the 32 bytes after this.
    let before = [0x02, 0x01, 0x01, 0x04, 0x20];
    let der = key.secret_der();
    let at = der.windows(5).position(|part| part == before).unwrap() + 5;
    let secret = &der[at..at + 32];

    let open = std::fs::read_dir(format!("/proc/{}/fd", serving.id())).unwrap();
    let open: Vec<_> = open
        .filter_map(|file| file.unwrap().path().read_link().ok())
        .collect();
    assert!(
        open.iter().all(|file| !file.ends_with("ca.key")),
        "{open:?}"
    );
    assert!(!remembers(serving.id(), secret));
    assert!(
        remembers(child_of(serving.id()), secret),
        "and it is found where it is"
    );
    assert!(!remembers(
        serving.id(),
        pem.lines().nth(1).unwrap().as_bytes()
    ));
}
