//! Log lines, by `defmt` or `log`, if either feature is on.

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
