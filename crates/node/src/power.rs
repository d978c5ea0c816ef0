//! Whether this machine runs on its battery: what can wait then waits.

use std::{fs, path::Path};

/// Where Linux tells of batteries and chargers. Elsewhere there is no such folder, and the answer
/// is no.
const SUPPLIES: &str = "/sys/class/power_supply";

/// Whether a battery of the machine itself is being emptied.
pub(crate) fn on_battery() -> bool {
    is_emptied(Path::new(SUPPLIES))
}

fn is_emptied(supplies: &Path) -> bool {
    let says = |supply: &Path, file: &str, word: &str| {
        fs::read_to_string(supply.join(file)).is_ok_and(|text| text.trim() == word)
    };
    let entries = fs::read_dir(supplies).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|supply| {
        // A mouse has a battery too.
        says(&supply, "type", "Battery")
            && says(&supply, "status", "Discharging")
            && !says(&supply, "scope", "Device")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn only_a_battery_of_the_machine_that_is_emptied_counts() {
        let folder = tempfile::tempdir().unwrap();
        let told = |supply: &str, file: &str, word: &str| {
            let supply = folder.path().join(supply);
            fs::create_dir_all(&supply).unwrap();
            fs::write(supply.join(file), format!("{word}\n")).unwrap();
            is_emptied(folder.path())
        };
        assert!(!is_emptied(&folder.path().join("none")));
        assert!(!told("AC", "type", "Mains"));
        told("mouse", "type", "Battery");
        told("mouse", "scope", "Device");
        assert!(!told("mouse", "status", "Discharging"));
        told("BAT0", "type", "Battery");
        assert!(!told("BAT0", "status", "Charging"));
        assert!(told("BAT0", "status", "Discharging"));
    }
}
