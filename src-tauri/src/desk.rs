//! What this desktop can do.

/// The name that every tray takes on the session bus.
#[cfg(target_os = "linux")]
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Whether a tray shows our icon.
#[cfg(target_os = "linux")]
pub(crate) async fn has_tray() -> bool {
    let asked = async {
        let bus = zbus::Connection::session().await?;
        let owned =
            zbus::fdo::DBusProxy::new(&bus).await?.name_has_owner(WATCHER.try_into()?).await?;
        Ok::<_, zbus::Error>(owned)
    };
    // A bus that does not answer shows nothing either.
    let answer = tokio::time::timeout(std::time::Duration::from_secs(1), asked).await;
    matches!(answer, Ok(Ok(true)))
}

/// Whether a tray shows our icon: these systems always have one.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn has_tray() -> bool {
    true
}
