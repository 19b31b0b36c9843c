//! What is logged, if either of the features is on.

macro_rules! debug {
    ($($argument:expr),+ $(,)?) => {{
        #[cfg(feature = "defmt")]
        ::defmt::debug!($($argument),+);
        #[cfg(feature = "log")]
        ::log::debug!($($argument),+);
        #[cfg(not(any(feature = "defmt", feature = "log")))]
        let _ = ($($argument,)+);
    }};
}
