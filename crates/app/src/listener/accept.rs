use std::io;
use std::time::Duration;

use poem::Endpoint;
use rustix::io::Errno;
use tokio::net::TcpListener;

use super::connection::Connections;

/// How long to wait when the system has no file descriptor left. Without a pause the same
/// connection fails again at once, and the loop takes a whole core.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections for ever. Something that keeps happening is logged once, until a
/// connection is served again.
pub async fn accept<E: Endpoint + 'static>(tcp: TcpListener, connections: Connections<E>) {
    let mut refusing = false;
    loop {
        match tcp.accept().await {
            Ok((stream, peer)) => match connections.permits.take(peer.ip()) {
                Some(permit) => {
                    refusing = false;
                    connections.serve(stream, peer, permit);
                }
                None => note(&mut refusing, "too many connections; closing new ones at once"),
            },
            Err(error) if is_exhausted(&error) => {
                note(&mut refusing, "no file descriptors left; new connections have to wait");
                tokio::time::sleep(PAUSE).await;
            }
            // The client is gone already; the next one is not concerned.
            Err(_) => {}
        }
    }
}

fn note(refusing: &mut bool, what: &'static str) {
    if !std::mem::replace(refusing, true) {
        tracing::warn!("{what}");
    }
}

fn is_exhausted(error: &io::Error) -> bool {
    let exhausted = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    Errno::from_io_error(error).is_some_and(|errno| exhausted.contains(&errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_out_of_descriptors_is_told_from_a_client_that_left() {
        assert!(is_exhausted(&Errno::MFILE.into()));
        assert!(!is_exhausted(&Errno::CONNABORTED.into()));
    }
}
