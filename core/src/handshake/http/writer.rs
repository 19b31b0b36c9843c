//! Writing a head into a caller's buffer: all of it, or nothing.

/// Writes what `compose` composes to the front of `out` and returns its length; as an error, the
/// length needed if it does not fit.
///
/// `compose` is called twice, to measure and to write, so it has to do the same both times.
pub(crate) fn write(out: &mut [u8], compose: impl Fn(&mut HeadWriter<'_>)) -> Result<usize, usize> {
    let mut measured = HeadWriter { free: &mut [], length: 0 };
    compose(&mut measured);
    let length = measured.length;
    let free = out.get_mut(..length).ok_or(length)?;
    compose(&mut HeadWriter { free, length: 0 });
    Ok(length)
}

pub(crate) struct HeadWriter<'a> {
    free: &'a mut [u8],
    length: usize,
}

impl HeadWriter<'_> {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len());
        if let Some((room, free)) =
            core::mem::take(&mut self.free).split_at_mut_checked(bytes.len())
        {
            room.iter_mut().zip(bytes).for_each(|(to, &from)| *to = from);
            self.free = free;
        }
    }

    pub(crate) fn header(&mut self, name: &str, value: &[u8]) {
        self.bytes(name.as_bytes());
        self.bytes(b": ");
        self.bytes(value);
        self.end_line();
    }

    pub(crate) fn headers(&mut self, headers: &[(&str, &[u8])]) {
        headers.iter().for_each(|&(name, value)| self.header(name, value));
    }

    pub(crate) fn decimal(&mut self, number: usize) {
        if number >= 10 {
            self.decimal(number / 10);
        }
        self.bytes(&[b'0' | (number % 10) as u8]);
    }

    pub(crate) fn end_line(&mut self) {
        self.bytes(b"\r\n");
    }
}
