//! Commands and their running process, over the data directory's socket.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use axum::http::{Request, StatusCode};
use referral_runtime::data_dir::DataDir;
use referral_runtime::local;
use referral_runtime::shutdown::Tasks;
use tonic::body::Body;
use tonic::service::Routes;
use tower::{Service, ServiceExt};

fn serve(data_dir: &DataDir) -> Tasks {
    let tasks = Tasks::new();
    let app = axum::Router::new().fallback(async || StatusCode::IM_A_TEAPOT);
    local::serve(data_dir, Routes::from(app), &tasks).unwrap();
    tasks
}

async fn answers(data_dir: &Path) -> bool {
    let mut channel = local::connect(data_dir).await.unwrap();
    let question = Request::builder().uri("/").body(Body::empty()).unwrap();
    let channel = channel.ready().await.unwrap();
    channel.call(question).await.unwrap().status() == StatusCode::IM_A_TEAPOT
}

#[tokio::test]
async fn a_command_reaches_the_process_that_runs() {
    let directory = tempfile::tempdir().unwrap();
    let data_dir = DataDir::open(directory.path()).unwrap();
    let _tasks = serve(&data_dir);

    assert!(answers(directory.path()).await);
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_is_reached_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let long = directory.path().join("a".repeat(120));
    let data_dir = DataDir::open(&long).unwrap();
    let _tasks = serve(&data_dir);

    assert!(answers(&long).await);
}

#[tokio::test]
async fn without_a_running_process_a_command_is_told_so() {
    let directory = tempfile::tempdir().unwrap();

    let never_ran = local::connect(directory.path()).await.unwrap_err();

    assert_eq!(never_ran.code(), "not_running");
}

#[tokio::test]
async fn a_socket_left_by_a_crash_is_no_running_process_and_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let data_dir = DataDir::open(directory.path()).unwrap();
    drop(std::os::unix::net::UnixListener::bind(data_dir.socket()).unwrap());

    let left_over = local::connect(directory.path()).await.unwrap_err();
    let _tasks = serve(&data_dir);

    assert_eq!(left_over.code(), "not_running");
    assert!(answers(directory.path()).await);
}

#[tokio::test]
async fn only_the_owner_may_use_the_socket_and_it_is_gone_at_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let data_dir = DataDir::open(directory.path()).unwrap();
    let tasks = serve(&data_dir);
    let mode = fs::metadata(data_dir.socket())
        .unwrap()
        .permissions()
        .mode();

    tasks.drain(Duration::from_secs(10)).await.unwrap();

    assert_eq!(mode & 0o777, 0o600);
    assert!(!data_dir.socket().exists());
}
