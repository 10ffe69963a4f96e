//! STUB
pub async fn run(_: crate::platform::Platform, _: crate::auth::Keys, _: crate::config::Scheduler, mut stop: tokio::sync::watch::Receiver<bool>) { let _ = stop.changed().await; }
