//! `directory-server pack`: the offline pack of an area, as a file.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use axum::http::{Request, StatusCode};
use clap::Args;
use http_body_util::{BodyExt, Limited};
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use referral_runtime::stdout::print;
use tower::{Service, ServiceExt};

use super::search::connected;

/// How long a pack of a state may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// Most bytes of a pack.
const BYTES: usize = 16 << 20;

/// Writes the offline pack of an area: one page that works without network, with everything that takes people now.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  directory-server pack --near \"Charlotte, NC\" --out charlotte.html\n  directory-server pack --near Texas --out texas.html"
)]
pub(super) struct Pack {
    /// The area: ZIP, "city, ST", county or state
    #[arg(long, value_name = "PLACE")]
    near: String,
    /// How far around it, in miles [default: 25]
    #[arg(long, value_name = "N", value_parser = super::search::asked::miles)]
    radius_mi: Option<f64>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The directory's public address
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080",
        env = "REFERRAL_DIRECTORY"
    )]
    server: String,
}

impl Pack {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let working = Working::on("making the pack");
        let (status, body) = self.fetch().await?;
        drop(working);
        if status == StatusCode::BAD_REQUEST {
            let text = "the area was not understood: name a ZIP, \"city, ST\", county or state, and a \
                        radius of 310 miles or less";
            return Err(anyhow::anyhow!(text)).exit(Exit::Usage);
        }
        if status != StatusCode::OK {
            anyhow::bail!("the directory could not make the pack ({status}): try again");
        }
        let file = self.out.display();
        std::fs::write(&self.out, &body).with_context(|| format!("cannot write {file}"))?;
        print(&format!("{file}: {} kB\n", body.len().div_ceil(1_000)))
    }

    async fn fetch(&self) -> anyhow::Result<(StatusCode, Vec<u8>)> {
        let mut channel = connected(&self.server, DEADLINE).await?;
        let mut asked = form_urlencoded::Serializer::new(String::new());
        asked.append_pair("near", &self.near);
        if let Some(miles) = self.radius_mi {
            asked.append_pair("radius", &miles.to_string());
        }
        let request = Request::get(format!("/pack/file?{}", asked.finish()));
        let request = request.body(tonic::body::Body::empty())?;
        let ready = channel.ready().await;
        let unreachable = || format!("the directory at {} does not answer", self.server);
        let channel = ready.with_context(unreachable).exit(Exit::Unreachable)?;
        let answer = channel.call(request).await;
        let answer = answer.with_context(unreachable).exit(Exit::Unreachable)?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, BYTES).collect().await;
        let body = body.map_err(|_| anyhow::anyhow!("the answer broke off, or is no pack"))?;
        Ok((head.status, body.to_bytes().to_vec()))
    }
}
