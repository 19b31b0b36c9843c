//! The clock as the engine sees it: a number that the caller passes in.

use core::num::NonZeroU64;
use core::time::Duration;

/// A point on the caller's monotonic clock, in microseconds since an origin of the caller's choice.
///
/// The engine never reads a clock. Every instant that it compares comes from its caller, so a test
/// can pass any time it likes, and a board its timer's ticks.
///
/// ```
/// use core::time::Duration;
/// use websocket_listener_core::Instant;
///
/// let start = Instant::from_micros(1_000);
/// assert_eq!((start + Duration::from_millis(5)).as_micros(), 6_000);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    /// Microseconds and one more, so that an `Option<Instant>` is not larger.
    successor: NonZeroU64,
}

impl Instant {
    /// The instant `micros` microseconds after the clock's origin. `u64::MAX` becomes the instant
    /// before it.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self { successor: NonZeroU64::MIN.saturating_add(micros) }
    }

    /// Microseconds since the clock's origin.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.successor.get().wrapping_sub(1)
    }

    /// The time since `earlier`, or zero if `earlier` is in fact later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.as_micros().saturating_sub(earlier.as_micros()))
    }

    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) const fn after(self, delay: Milliseconds) -> Self {
        self.after_micros(delay.as_micros())
    }

    pub(crate) const fn after_micros(self, micros: u64) -> Self {
        Self { successor: self.successor.saturating_add(micros) }
    }

    /// The instant in four bytes, rounded down.
    pub(crate) const fn coarse(self) -> CoarseInstant {
        CoarseInstant((self.as_micros() >> COARSE_BITS) as u32)
    }

    /// Microseconds since `earlier`, or 0 if `earlier` is in fact later.
    pub(crate) const fn micros_since(self, earlier: Self) -> u64 {
        self.as_micros().saturating_sub(earlier.as_micros())
    }
}

/// The clock's origin.
impl Default for Instant {
    fn default() -> Self {
        Self::from_micros(0)
    }
}

impl core::fmt::Debug for Instant {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Instant({} us)", self.as_micros())
    }
}

/// Saturates at the clock's last instant.
impl core::ops::Add<Duration> for Instant {
    type Output = Self;

    fn add(self, delay: Duration) -> Self {
        let micros = delay.as_secs().saturating_mul(1_000_000);
        let micros = micros.saturating_add(u64::from(delay.subsec_micros()));
        Self { successor: self.successor.saturating_add(micros) }
    }
}

/// An instant in four bytes, for a connection to keep: the last 32 bits of its number of 1,024
/// microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CoarseInstant(u32);

const COARSE_BITS: u32 = 10;

impl CoarseInstant {
    pub(crate) const ORIGIN: Self = Self(0);

    /// The instant itself, which is at most 25 days before or after `other`.
    pub(crate) const fn near(self, other: Instant) -> Instant {
        let steps = self.0.wrapping_sub(other.coarse().0) as i32;
        let micros = (other.as_micros() >> COARSE_BITS).saturating_add_signed(steps as i64);
        Instant::from_micros(micros << COARSE_BITS)
    }
}

/// A duration in whole milliseconds, at most 49 days: four bytes, because every connection carries
/// several.
///
/// ```
/// use core::time::Duration;
/// use websocket_listener_core::Milliseconds;
///
/// assert_eq!(Milliseconds::new(Duration::from_micros(900)).as_millis(), 1);
/// assert_eq!(Milliseconds::new(Duration::MAX).as_millis(), u32::MAX);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Milliseconds(u32);

impl Milliseconds {
    /// Rounds up to a millisecond, so that only zero becomes zero. More than 49 days count as that.
    #[must_use]
    pub const fn new(duration: Duration) -> Self {
        let millis = duration.as_secs().saturating_mul(1_000);
        let millis = millis.saturating_add(duration.subsec_nanos().div_ceil(1_000_000) as u64);
        if millis > u32::MAX as u64 { Self(u32::MAX) } else { Self(millis as u32) }
    }

    /// Returns the number of milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u32 {
        self.0
    }

    pub(crate) const fn as_micros(self) -> u64 {
        (self.0 as u64).saturating_mul(1_000)
    }
}
