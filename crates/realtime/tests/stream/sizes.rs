use std::mem::size_of_val;
use std::sync::Arc;

use parlor_realtime::Opening;

use crate::Server;
use crate::server::HOME;

#[tokio::test]
async fn f09_the_future_of_a_connection_is_small() {
    let server = Server::new().await;
    let (_near, far) = tokio::io::duplex(64);
    let realtime = Arc::clone(&server.realtime);
    let opening = Opening { authenticated: None, client_ip: HOME };
    let serving = async move { realtime.serve(far, opening).await };
    assert!(size_of_val(&serving) <= 4_096, "{} bytes", size_of_val(&serving));
}
