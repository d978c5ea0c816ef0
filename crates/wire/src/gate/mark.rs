//! The human's phrase and colour: told to the consent window, taken from the main window, and
//! neither the other way round. No terminal has a part in it.

use super::{Face, Gate};
use crate::{Fault, MarkView, Pin, act::Colour};
use node::{Fault as NodeFault, Mark};

impl Gate {
    pub(super) async fn mark(&self, face: &Face) -> Result<MarkView, Fault> {
        if !matches!(face, Face::ConsentWindow) {
            let what = "your phrase is shown in the consent window and nowhere else";
            return Err(NodeFault::refused(what, "").into());
        }
        let mark = self.node.mark().await?;
        Ok(mark.map_or_else(
            || MarkView { chosen: false, phrase: String::new(), colour: String::new() },
            |mark| MarkView {
                chosen: true,
                phrase: artifact::display::still_line(&mark.phrase, 200),
                colour: word(mark.colour).to_owned(),
            },
        ))
    }

    pub(super) async fn set_mark(
        &self,
        face: &Face,
        phrase: Pin,
        colour: Colour,
    ) -> Result<(), Fault> {
        if !matches!(face, Face::MainWindow) {
            let what = "your phrase is chosen in the app's main window only";
            return Err(NodeFault::refused(what, "").into());
        }
        let phrase = phrase.into_inner().to_string();
        Ok(self.node.set_mark(Mark { phrase, colour: of(colour) }).await?)
    }
}

const fn of(colour: Colour) -> node::Colour {
    match colour {
        Colour::Amber => node::Colour::Amber,
        Colour::Teal => node::Colour::Teal,
        Colour::Plum => node::Colour::Plum,
        Colour::Rust => node::Colour::Rust,
        Colour::Sky => node::Colour::Sky,
        Colour::Moss => node::Colour::Moss,
    }
}

const fn word(colour: node::Colour) -> &'static str {
    match colour {
        node::Colour::Amber => "amber",
        node::Colour::Teal => "teal",
        node::Colour::Plum => "plum",
        node::Colour::Rust => "rust",
        node::Colour::Sky => "sky",
        node::Colour::Moss => "moss",
    }
}
