//! One loop, one closed enum of events: the order in which things happen.
