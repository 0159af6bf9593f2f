//! This node among the others that share the database.
//!
//! A node rings when it committed something, and looks at what others ring for. Bells may be lost:
//! what they would have told is looked up every few seconds anyway.

mod bell;
mod listening;
mod living;
mod look;
mod ringer;

use std::sync::Arc;

use parlor_domain::{Bus, Clock, Node, NodeId, Store};

pub(crate) use bell::Bell;
pub(crate) use listening::listen;
pub(crate) use living::{leave, live};
pub(crate) use look::look_around;
pub(crate) use ringer::Ringer;

use crate::hub::Hub;
use crate::presence::People;

/// What the tasks of this module work with.
pub(crate) struct Around {
    pub(crate) about: Node,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) people: Arc<People>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Around {
    fn node(&self) -> NodeId {
        self.about.id
    }
}
