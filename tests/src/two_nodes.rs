use crate::{Proxy, Server};

/// Two nodes of one community, and the way that their bells take.
pub struct TwoNodes {
    /// The first one.
    pub one: Server,
    /// The second one, which hears the first one through `bells` only.
    pub two: Server,
    /// What stands before the bells that the second one hears.
    pub bells: Proxy,
}

impl TwoNodes {
    /// Starts both, on a database of their own on the PostgreSQL of the tests.
    pub async fn start() -> Self {
        let url = std::env::var("PARLOR_TEST_POSTGRES_URL").unwrap();
        let bells = Proxy::start(host_of(&url).parse().unwrap()).await;
        let one = Server::first_of_several(&[]).await;
        let direct = one.setting("PARLOR_DATABASE_URL").unwrap();
        let through = direct.replace(host_of(direct), &bells.address().to_string());
        let two = Server::beside(&one, &[("PARLOR_CLUSTER_NOTIFY_URL", &through)]).await;
        Self { one, two, bells }
    }

    /// From now on the second node hears no bell.
    pub fn cut_the_bus(&self) {
        self.bells.stall(true);
        self.bells.cut();
    }
}

/// The machine and port of an address.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").unwrap().1;
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    &rest[..rest.find(['/', '?']).unwrap_or(rest.len())]
}
