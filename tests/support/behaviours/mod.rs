//! What every listener has to show, whatever it runs on: how it answers bad input, and what it does
//! for good peers.
//!
//! A behaviour is a public function over a [`Target`](crate::target::Target) that panics if the target
//! does not show it. [`every_behaviour!`](crate::every_behaviour) makes a test of each for one target:
//! a function that is added to a topic is a test of every listener.
#![allow(missing_docs, reason = "the names of the behaviours are sentences that say it all")]

pub mod bad_frames;
pub mod bad_text;
pub mod closing;
pub mod control;
pub mod deadlines;
pub mod echo;
pub mod opening;
pub mod refusals;
pub mod too_much;

// The macro `every_behaviour!`, which the build script makes from the functions of the topics.
include!(concat!(env!("OUT_DIR"), "/every_behaviour.rs"));

/// Makes a test of each named behaviour of one topic.
#[doc(hidden)]
#[macro_export]
macro_rules! behaviours_as_tests {
    ($run:ident, $topic:ident: $($behaviour:ident),* $(,)?) => {
        mod $topic {
            $(
                #[test]
                fn $behaviour() {
                    super::$run(async |target| {
                        $crate::behaviours::$topic::$behaviour(target).await;
                    });
                }
            )*
        }
    };
}
