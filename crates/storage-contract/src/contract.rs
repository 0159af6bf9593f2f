//! How a contract names its tests.

/// Names every test once: as a function of [`tests`], and in [`contract_tests`]. One that is
/// written but not named here is dead code, which the compiler reports.
macro_rules! contract {
    ($dollar:tt $($concept:ident { $($name:ident)+ })+) => {
        /// The tests, each with a world of its own to take place in.
        pub mod tests {
            use crate::{Outcome, World};

            $($(
                #[doc = concat!("See `", stringify!($concept), "`.")]
                pub async fn $name(world: World) -> Outcome {
                    crate::$concept::$name(world).await
                }
            )+)+
        }

        /// Expands to all tests of the contract, on stores that the given function makes: an
        /// `async fn(Arc<dyn EventPublisher>) -> Result<Fresh, Box<dyn Error + Send + Sync>>`.
        #[macro_export]
        macro_rules! contract_tests {
            ($dollar fresh:path) => {
                $($(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $name() -> $dollar crate::Outcome {
                        $dollar crate::tests::$name($dollar crate::World::new($dollar fresh).await?).await
                    }
                )+)+
            };
        }
    };
}
