//! Why a session ends: one closed list, each with a stable word and a stable number. The number
//! is the application error code of the QUIC close, the word is for people and journals.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal $word:literal;)*) => {
        /// Why a session ended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, in the order of its number.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The number in the QUIC close.
            #[must_use]
            pub const fn number(self) -> u32 {
                match self { $(Self::$name => $number),* }
            }

            /// The word in messages, journals and errors.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

codes! {
    /// Ended for a reason that this version does not know, or for none.
    Gone = 0 "gone";
    /// The other is shutting down, or has no more to say.
    Leaving = 1 "leaving";
    /// No protocol version in common. Not malice: one of the two is newer.
    Unsupported = 2 "unsupported";
    /// The dialler is neither invited nor pinned.
    NotInvited = 3 "not-invited";
    /// A known endpoint id showed another human_key than the one pinned for it.
    HumanChanged = 4 "human-changed";
    /// The human is not the one whose digest the ticket carries.
    WrongHuman = 5 "wrong-human";
    /// A message that has no place in this state or on this channel.
    OutOfOrder = 6 "out-of-order";
    /// A frame over the cap.
    TooLarge = 7 "too-large";
    /// A frame that is not the canonical form of a message.
    Malformed = 8 "malformed";
    /// A card that does not open.
    CardInvalid = 9 "card-invalid";
    /// Not the card that was introduced.
    CardSwapped = 10 "card-swapped";
    /// A card that is not valid now.
    CardExpired = 11 "card-expired";
    /// A card older than one already seen from this human.
    CardOld = 12 "card-old";
    /// A card that names another transport_key than the TLS endpoint id.
    WrongEndpoint = 13 "wrong-endpoint";
    /// The author_key's signature does not bind the card to this connection.
    BadBinding = 14 "bad-binding";
    /// Nothing came in time.
    Late = 15 "late";
    /// Nothing came on any channel for the idle time.
    Idle = 16 "idle";
    /// Another connection between the same two nodes stays.
    Duplicate = 17 "duplicate";
    /// Too many connections at once.
    TooMany = 18 "too-many";
    /// Too many handshakes or messages a second.
    TooFast = 19 "too-fast";
    /// Another ALPN before the session is Ready.
    NotReady = 20 "not-ready";
    /// This side failed. Says nothing about the other.
    Broken = 21 "broken";
    /// Not known here: this human was asked, or would be, and nothing goes on before they answer.
    Waiting = 22 "waiting";
    /// More than this node keeps for one peer.
    TooMuch = 23 "too-much";
    /// Something that breaks consent, or an artifact that is malformed.
    Violation = 24 "violation";
}

impl Code {
    /// The code with this number; [`Code::Gone`] for one this version does not know.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        let known = Self::ALL.iter().find(|code| u64::from(code.number()) == number);
        known.copied().unwrap_or(Self::Gone)
    }

    /// The code with this word; [`Code::Gone`] for one this version does not know.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::ALL.iter().find(|code| code.word() == word).copied().unwrap_or(Self::Gone)
    }

    /// Whether the other side broke the protocol, rather than time, versions or luck.
    #[must_use]
    pub const fn is_violation(self) -> bool {
        matches!(
            self,
            Self::HumanChanged
                | Self::OutOfOrder
                | Self::TooLarge
                | Self::Malformed
                | Self::CardInvalid
                | Self::CardSwapped
                | Self::WrongEndpoint
                | Self::BadBinding
                | Self::Violation
        )
    }

    /// What a human can do when the other side closed with this code.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Gone | Self::Leaving | Self::Duplicate => "the other node ended the connection",
            Self::Unsupported => {
                "the other node speaks no protocol version that this one knows: update the older"
            }
            Self::NotInvited => {
                "the other node does not know this invitation: it may be used up, expired or \
                 withdrawn; ask for a new ticket"
            }
            Self::HumanChanged => {
                "the human behind a known node has changed: ask them over another way before \
                 you connect again"
            }
            Self::WrongHuman => {
                "the node answers for another human than the ticket names: ask for a new ticket"
            }
            Self::CardExpired => {
                "a card is not valid now: check both clocks; one that ended is renewed by the next \
                 yes of its human"
            }
            Self::CardOld => {
                "a card was shown that another had replaced: whose node was put back from a backup \
                 runs `tracenet key rotate author`"
            }
            Self::Late | Self::Idle => "the other node did not answer in time",
            Self::TooMany | Self::TooFast => "too many connections: try again in a minute",
            Self::Waiting => {
                "the other human does not know this node yet: they must accept it first; it is \
                 tried again by itself"
            }
            Self::TooMuch => "more than the other node keeps for one peer: share less, or ask them",
            Self::Violation => {
                "the other node found that something sent to it broke the rules of consent, and \
                 shut this node out: talk to its human"
            }
            Self::NotReady => "they are not ready, or speak to this node by relay alone",
            Self::Broken => "a node failed inside: see its log",
            Self::OutOfOrder
            | Self::TooLarge
            | Self::Malformed
            | Self::CardInvalid
            | Self::CardSwapped
            | Self::WrongEndpoint
            | Self::BadBinding => "the two nodes do not understand each other: update both",
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
