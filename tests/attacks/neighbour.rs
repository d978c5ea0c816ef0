//! Somebody whom a machine under attack knows, moved by strings.

use crate::rig::Machine;
use artifact::HumanKey;
use town::{
    child::now,
    puppet::{Person, Puppet, Way},
};

/// Harbour, who came by a ticket.
pub struct Neighbour {
    pub human: HumanKey,
    pub puppet: Puppet,
    /// To the machine, for who has no ticket.
    pub way: Way,
}

impl Neighbour {
    pub async fn of(machine: &Machine) -> Self {
        let north: HumanKey =
            machine.json(&["status"])["keys"]["human"].as_str().unwrap().parse().unwrap();
        let ask = machine.json(&["ticket"]);
        let screen = machine.allow(ask["ask"].as_str().unwrap()).text;
        let ticket = screen.split_whitespace().last().unwrap();
        let harbour = Person::named(40, "harbour", now());
        let puppet = Puppet::enter(harbour.identity(), &Way::by_ticket(ticket, north)).await;
        let told: peer::Ticket = ticket.parse().unwrap();
        let peer::Address::Ip(socket) = &told.addresses[0] else { panic!("no socket first") };
        let way = Way::to(told.endpoint.as_bytes(), socket.port(), north);
        Self { human: harbour.human.public(), puppet, way }
    }
}
