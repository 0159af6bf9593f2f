//! Files of several nodes that share a folder, or a bucket.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::convert::Infallible;
use std::path::Path;

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use parlor_tests::{BucketServer, Server, eventually, files_below, hash, id_of, upload_path, words};
use tokio::sync::oneshot;

/// A body of which the second half comes when somebody says so.
fn in_halves(bytes: &[u8]) -> (reqwest::Body, oneshot::Sender<()>) {
    let (go_on, wait) = oneshot::channel();
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let parts = vec![(None, first.to_vec()), (Some(wait), second.to_vec())];
    let body = stream::unfold(parts.into_iter(), async |mut parts| {
        let (wait, part) = parts.next()?;
        if let Some(wait) = wait {
            _ = wait.await;
        }
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(part))), parts))
    });
    (reqwest::Body::wrap(StreamBody::new(Box::pin(body))), go_on)
}

/// Somebody uploads through one node, in the middle of which another one begins. What comes in lies in
/// `incoming` meanwhile.
async fn an_upload_survives_the_start_of_another(one: &Server, incoming: &Path) -> Server {
    let ana = one.person("ana").await;
    let bytes = words(7, 6_000_000);
    let (body, go_on) = in_halves(&bytes);
    let sender = ana.clone();
    let uploading =
        tokio::spawn(
            async move { sender.upload_by("POST", &upload_path("a.txt"), "text/plain", body).await },
        );
    eventually("half of it came", async || {
        let sizes = files_below(incoming).into_iter().filter_map(|path| Some(path.metadata().ok()?.len()));
        (sizes.sum::<u64>() >= 1 << 20).then_some(())
    })
    .await;
    let two = Server::beside(one, &[]).await;
    go_on.send(()).unwrap();
    let file = id_of(&uploading.await.unwrap().expect(201)["id"]);
    // Whatever one node took in, the other one shows.
    for node in [one, &two] {
        assert_eq!(ana.through(node.address()).hash_of(file).await, Ok(hash(&bytes)));
    }
    let late = ana.through(two.address()).share("late.txt", "text/plain", words(8, 1_000)).await;
    assert_eq!(ana.hash_of(late).await, Ok(hash(&words(8, 1_000))));
    two
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_goes_on_while_another_node_begins_on_the_same_folder() {
    let shared = tempfile::tempdir().unwrap();
    let folder = [("PARLOR_FILES_FOLDER", shared.path().to_str().unwrap())];
    let one = Server::first_of_several(&folder).await;
    let incoming = shared.path().join("incoming");
    let mut two = an_upload_survives_the_start_of_another(&one, &incoming).await;
    let programs = || {
        let entries = incoming.read_dir().unwrap();
        entries.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
    };
    assert_eq!(programs(), 2);
    // What a killed node leaves goes when the next one begins.
    two.kill();
    two.restart().await;
    assert_eq!(programs(), 2);
    assert_eq!(files_below(shared.path()).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_share_a_bucket() {
    let bucket = BucketServer::start();
    let settings = bucket.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let one = Server::first_of_several(&settings).await;
    let _two = an_upload_survives_the_start_of_another(&one, &one.files().join("incoming")).await;
    assert_eq!(bucket.objects().len(), 2);
}
