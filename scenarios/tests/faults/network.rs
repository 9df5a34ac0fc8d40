//! A real partition: the node lives in a network namespace of its own, and its cable is pulled. Needs root;
//! skipped, loudly, without it.

use std::process::Command;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::time::Instant;

use crate::processes::Node;
use crate::world::World;

/// A node that is cut off knows it within this time.
const NOTICED: Duration = Duration::from_secs(40);
/// Everything is there within this time after the partition.
const HEALED: Duration = Duration::from_mins(1);
/// How many changes are made while the cable is out.
const CHANGES: usize = 30;

/// A network namespace with one cable to this one; removed when dropped.
struct Cable {
    name: String,
    /// This end's address.
    here: String,
}

impl Cable {
    /// `None`, said loudly: not permitted here.
    fn lay() -> Option<Self> {
        // Of this process alone: others on the machine may run the same test.
        let number = std::process::id() % 15_000;
        let net = format!("10.{}.{}", 64 + number / 250, number % 250);
        let (here, there) = (format!("{net}.1"), format!("{net}.2"));
        let name = format!("rf{number}");
        let cable = Self { name, here };
        let name = &cable.name;
        let steps = [
            format!("netns add {name}"),
            format!("link add {name}a type veth peer name {name}b netns {name}"),
            format!("addr add {}/24 dev {name}a", cable.here),
            format!("link set {name}a up"),
            format!("-n {name} addr add {there}/24 dev {name}b"),
            format!("-n {name} link set {name}b up"),
        ];
        for step in &steps {
            if let Err(why) = ip(step) {
                eprintln!("SKIPPED: a network namespace needs root: ip {step}: {why}");
                return None;
            }
        }
        Some(cable)
    }

    fn pull(&self) {
        ip(&format!("link set {}a down", self.name)).expect("the cable is there");
    }

    fn plug(&self) {
        ip(&format!("link set {}a up", self.name)).expect("the cable is there");
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        let _gone = ip(&format!("link del {}a", self.name));
        let _gone = ip(&format!("netns del {}", self.name));
    }
}

fn ip(arguments: &str) -> Result<(), String> {
    let output = Command::new("ip").args(arguments.split(' ')).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[tokio::test]
async fn a_partition_hides_nothing_and_heals() {
    let Some(cable) = Cable::lay() else {
        return;
    };
    let dice = StdRng::seed_from_u64(1);
    let mut world = World::listening(&cable.here, dice);
    let node = Node::within(world.path(), "harbor", &cable.name);
    world.let_in(node).await;
    world.settle().await;
    world.connected(0, true).await;
    let before = world.shown().await;

    cable.pull();

    let since = Instant::now();
    for _ in 0..CHANGES {
        world.change().await;
    }
    world.connected(0, false).await;
    eprintln!("noticed after {:.1} s", since.elapsed().as_secs_f64());
    assert!(since.elapsed() <= NOTICED);
    assert_eq!(world.shown().await, before, "what is shown stays");
    world.noticed_by_directory("harbor").await;
    assert_eq!(world.shown().await, before, "what is shown stays");
    cable.plug();
    let healed = Instant::now();
    world.settle().await;
    eprintln!("healed after {:.1} s", healed.elapsed().as_secs_f64());
    assert!(healed.elapsed() <= HEALED);
}
