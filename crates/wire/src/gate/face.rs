//! Through which face somebody calls, and what each face may do.

use crate::{Fault, from};
use consent::{Requester, Way};
use node::Terminal;

/// Through which face a call comes.
#[derive(Debug, Clone)]
pub enum Face {
    /// The main window.
    MainWindow,
    /// The consent window: with the terminal the only face that may grant.
    ConsentWindow,
    /// The tray. May look and deny.
    Tray,
    /// A desktop notification. May deny.
    Notification,
    /// The command line, over the control socket or in the node's own process.
    Terminal(Terminal),
}

impl Face {
    pub(super) const fn way(&self) -> Way {
        match self {
            Self::MainWindow => Way::MainWindow,
            Self::ConsentWindow => Way::ConsentWindow,
            Self::Tray => Way::Tray,
            Self::Notification => Way::Notification,
            Self::Terminal(_) => Way::Terminal,
        }
    }

    pub(super) fn requester(&self) -> Requester {
        let process = match self {
            Self::Terminal(terminal) if terminal.below_agent => {
                let below = "below a connected agent's program".to_owned();
                std::iter::once(below).chain(terminal.chain()).collect()
            }
            Self::Terminal(terminal) => terminal.chain(),
            _ => Vec::new(),
        };
        Requester::Human { way: self.way(), process }
    }

    /// The settings of the human's programs are changed by the human only.
    pub(super) fn may_set_up(&self) -> Result<(), Fault> {
        match self {
            Self::MainWindow => Ok(()),
            Self::Terminal(_) if !self.is_below_agent() => Ok(()),
            Self::Terminal(_) => Err(from::below_agent()),
            _ => {
                let hint = "do it in the main window, or by `tracenet agents connect`";
                Err(node::Fault::refused("not from here", hint).into())
            }
        }
    }

    /// What takes something away needs no grant, and is no agent's to do.
    pub(super) fn may_take_away(&self) -> Result<(), Fault> {
        if self.is_below_agent() { Err(from::below_agent()) } else { Ok(()) }
    }

    pub(super) const fn is_below_agent(&self) -> bool {
        matches!(self, Self::Terminal(terminal) if terminal.below_agent)
    }
}

/// What cannot be undone is the human's to do: in the main window, or in a terminal that no
/// agent's program runs.
pub(super) fn check_owner(face: &Face) -> Result<(), Fault> {
    match face {
        Face::MainWindow => Ok(()),
        Face::Terminal(_) if !face.is_below_agent() => Ok(()),
        Face::Terminal(_) => Err(from::below_agent()),
        _ => Err(node::Fault::refused("this is done in the app's main window", "").into()),
    }
}
