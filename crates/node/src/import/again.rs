//! Looking again at logs that are known places of a program, because a hook of it said that a
//! session ended or is about to be shortened. Nothing that the hook named is opened.

use super::{files::Finds, run_job, sources, watch};
use crate::house::House;
use artifact::UnixMillis;
use std::sync::Arc;

/// How long ago a log was written at the most to be read then.
const JUST_NOW: UnixMillis = 15 * 60 * 1_000;
/// Logs that are read then, at most: a session and those of its sub-agents.
const LOGS: usize = 32;

impl House {
    /// Begins to read what the program of this name wrote just now. Where several imports run
    /// already nothing is begun: a log that was not read now is read by the next one.
    pub(crate) fn look_again(self: &Arc<Self>, program: &str) {
        let (house, program) = (Arc::clone(self), program.to_owned());
        self.tasks.spawn_blocking(move || {
            let since = house.now().saturating_sub(JUST_NOW);
            let logs = sources::logs_of(&program).into_iter();
            let files = logs.take_while(|log| sources::millis(log.changed()) >= since);
            let finds = Finds { files: files.take(LOGS).collect(), ..Finds::default() };
            if finds.files.is_empty() || house.me().is_err() {
                return;
            }
            if let Some((id, cancelled)) = house.jobs.begin(&finds) {
                run_job(&house, id, &finds.files, watch::whole_lines, &cancelled);
            }
        });
    }
}
