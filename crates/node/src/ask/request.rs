//! What may be asked for, as faces and agents say it.

/// What is wished for, before names are resolved and bytes frozen.
#[derive(Debug, Clone)]
pub enum Request {
    /// Share a crystal with people, named in any way that names one.
    SharePrivate {
        /// The crystal's id, or the start of it.
        id: String,
        /// Names, key words or keys.
        to: Vec<String>,
    },
    /// Share a crystal with anyone.
    SharePublic {
        /// The crystal's id, or the start of it.
        id: String,
    },
    /// Let an agent in.
    Pair {
        /// Its name.
        name: String,
        /// Its key.
        key: [u8; 32],
    },
    /// Give out a ticket.
    Ticket,
    /// Give out a ticket that holds no address of this machine.
    HiddenTicket,
    /// Switch on what others reach this node by.
    Reach(crate::reach::Switch),
    /// No longer hide this machine's addresses from a peer.
    Unhide {
        /// Their name, key words or key.
        peer: String,
    },
    /// Go on with a store that is not the one this human last signed for.
    Resume,
    /// Sign the word of what was ended.
    SignRevocations,
    /// Use a ticket.
    Connect {
        /// The ticket.
        ticket: String,
        /// What to call its giver; may be empty.
        name: String,
    },
    /// Let somebody of the inbox in.
    Accept {
        /// Key, key words, endpoint or suggested name.
        who: String,
        /// What to call them; may be empty.
        name: String,
    },
    /// Lift a block.
    Unblock {
        /// Name, key, key words or endpoint.
        who: String,
    },
    /// Let a peer: fetch their crystals ahead, and give them to agents unasked.
    Let {
        /// Name, key words or key.
        who: String,
    },
    /// Accept what an organisation forbids.
    AcceptPolicy {
        /// The whole signed policy.
        envelope: Vec<u8>,
    },
    /// Drop a policy that was accepted.
    DropPolicy {
        /// The organisation: name, key words or key; none for all of them.
        who: Option<String>,
    },
    /// Put a new key in the place of one of this node's.
    Rotate(consent::NodeKey),
}
