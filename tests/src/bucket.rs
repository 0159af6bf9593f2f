//! A server that has buckets, and speaks the protocol of S3.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};

use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use crate::files_below;

/// The key that it takes.
pub const BUCKET_KEY: (&str, &str) = ("parlor", "a canary that is nowhere");

/// What it does with what it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketMood {
    /// It does it.
    Willing,
    /// It does it later, when it is willing.
    Waiting,
    /// It answers with this status.
    Refusing(u16),
}

/// A server with a bucket called `chat`, on a thread and in a folder of its own.
#[derive(Debug)]
pub struct BucketServer {
    folder: TempDir,
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    mood: watch::Sender<BucketMood>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl BucketServer {
    /// Starts one.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("chat")).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mood = watch::Sender::new(BucketMood::Willing);
        let mut server = Self { folder, address, requests: Arc::default(), mood, running: None };
        server.resume();
        server
    }

    /// Starts it again, with everything that it had and at the same address.
    pub fn resume(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let (root, address) = (self.folder.path().to_path_buf(), self.address);
        let (requests, mood) = (Arc::clone(&self.requests), self.mood.subscribe());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind(address).await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    _ = stopped => {}
                    () = serve(listener, service(&root), requests, mood) => {}
                }
            });
        });
        self.address = told.recv().unwrap();
        self.running = Some((stop, thread));
    }

    /// Ends it with all its connections.
    pub fn stop(&mut self) {
        let (stop, thread) = self.running.take().unwrap();
        stop.send(()).unwrap();
        thread.join().unwrap();
    }

    /// What it does from now on, also with what it was asked for before and waits.
    pub fn be(&self, mood: BucketMood) {
        self.mood.send_replace(mood);
    }

    /// What a server is started with that keeps its files here.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("PARLOR_FILES_S3_BUCKET", "chat".into()),
            ("PARLOR_FILES_S3_ENDPOINT", format!("http://{}", self.address)),
            ("PARLOR_FILES_S3_ALLOW_HTTP", "true".into()),
            ("PARLOR_FILES_S3_PREFIX", "of/parlor".into()),
            ("PARLOR_FILES_S3_ACCESS_KEY_ID", BUCKET_KEY.0.into()),
            ("PARLOR_FILES_S3_SECRET_ACCESS_KEY", BUCKET_KEY.1.into()),
        ]
    }

    /// Where its objects lie.
    pub fn place(&self) -> PathBuf {
        self.folder.path().join("chat/of/parlor")
    }

    /// Its objects.
    pub fn objects(&self) -> Vec<PathBuf> {
        files_below(&self.folder.path().join("chat"))
    }

    /// What it was asked since the last time: methods and addresses.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

impl Drop for BucketServer {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.stop();
        }
    }
}

fn service(root: &Path) -> S3Service {
    let mut builder = S3ServiceBuilder::new(FileSystem::new(root).unwrap());
    builder.set_auth(SimpleAuth::from_single(BUCKET_KEY.0, BUCKET_KEY.1));
    builder.build()
}

async fn serve(
    listener: TcpListener,
    service: S3Service,
    requests: Arc<Mutex<Vec<String>>>,
    mood: watch::Receiver<BucketMood>,
) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (service, requests, mood) = (service.clone(), Arc::clone(&requests), mood.clone());
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let request: hyper::Request<hyper::body::Incoming> = request;
                requests.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
                let (service, mut mood) = (service.clone(), mood.clone());
                async move {
                    let mood = *mood.wait_for(|mood| *mood != BucketMood::Waiting).await.unwrap();
                    match mood {
                        BucketMood::Refusing(status) => {
                            Ok(hyper::Response::builder().status(status).body(s3s::Body::empty()).unwrap())
                        }
                        _ => Service::call(&service, request).await,
                    }
                }
            });
            _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}
