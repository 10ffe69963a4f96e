//! What happens by itself when its time has come.

use fasttrack::auth::Who;
use fasttrack::once::Once;
use fasttrack::scheduler::{self, Done};

use crate::support::App;

fn tick(app: &App) -> Done {
    app.run(scheduler::tick(&app.platform, &app.keys, &app.config.scheduler))
}

#[test]
fn an_idle_service_has_nothing_to_do() {
    let app = App::start();
    assert_eq!(tick(&app), Done::default());
}

#[test]
fn a_signing_key_is_replaced_after_ninety_days_and_once() {
    let app = App::start();
    app.set_time("2026-11-30T07:59:59Z");
    assert_eq!(tick(&app).keys_replaced, 0);
    app.set_time("2026-11-30T08:00:00Z");
    assert_eq!(tick(&app).keys_replaced, 1);
    assert_eq!(tick(&app).keys_replaced, 0);
}

#[test]
fn idempotency_keys_are_kept_for_two_days() {
    let app = App::start();
    let once = Once::new(Some("a key".to_owned()), "POST", "/", b"{}");
    app.run(once.write(&app.platform.db, Who::System, |_| Ok(1))).expect("kept");
    app.set_time("2026-09-03T08:00:00Z");
    assert_eq!(tick(&app).keys_forgotten, 0);
    app.set_time("2026-09-03T08:00:01Z");
    assert_eq!(tick(&app).keys_forgotten, 1);
}

#[test]
fn the_scheduler_stops_when_told() {
    let app = App::start();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut settings = app.config.scheduler.clone();
    settings.enabled = true;
    app.run(async {
        let running = tokio::spawn(scheduler::run(app.platform.clone(), app.keys.clone(), settings, stopped));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        stop.send(true).expect("it listens");
        tokio::time::timeout(std::time::Duration::from_secs(5), running)
            .await
            .expect("it stops")
            .expect("it ends");
    });
}
