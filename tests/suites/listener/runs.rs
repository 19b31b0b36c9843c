//! A message extension as a user writes it: runs of equal bytes, shortened. Each byte is followed by
//! how many more of it there are.

use websocket_listener::MessageKind;
use websocket_listener::engine::handshake::ExtensionOffer;
use websocket_listener::extension::{
    CodecProgress, InvalidDataError, MessageCodec, MessageExtension, ReservedBits,
};

/// The extension, for messages of this many bytes or more.
pub(crate) struct Runs {
    pub(crate) at_least: usize,
}

#[derive(Default)]
struct Codec {
    at_least: usize,
    /// The rest of the run that is being decoded.
    run: Option<(u8, usize)>,
    /// The first byte of a pair that was cut.
    byte: Option<u8>,
}

impl MessageExtension for Runs {
    fn name(&self) -> &str {
        "x-runs"
    }

    fn reserved_bits(&self) -> ReservedBits {
        ReservedBits::RSV2
    }

    fn accept(&self, offer: &ExtensionOffer<'_>) -> Option<(String, Box<dyn MessageCodec>)> {
        Some((self.offer(), self.confirm(offer)?))
    }

    fn offer(&self) -> String {
        "x-runs".to_owned()
    }

    fn confirm(&self, answer: &ExtensionOffer<'_>) -> Option<Box<dyn MessageCodec>> {
        let codec = Codec { at_least: self.at_least, ..Codec::default() };
        answer.params().next().is_none().then(|| Box::new(codec) as Box<_>)
    }
}

impl MessageCodec for Codec {
    fn begin_encoding(&mut self, _kind: MessageKind, length: Option<usize>) -> ReservedBits {
        if length.is_none_or(|length| length >= self.at_least) {
            ReservedBits::RSV2
        } else {
            ReservedBits::NONE
        }
    }

    fn encode(&mut self, input: &[u8], _last: bool, output: &mut [u8]) -> CodecProgress {
        let (mut consumed, mut produced) = (0, 0);
        while let Some(&byte) = input.get(consumed) {
            let Some(pair) = output.get_mut(produced..produced + 2) else { break };
            let run = input[consumed..].iter().take(256).take_while(|&&next| next == byte).count();
            pair.copy_from_slice(&[byte, (run - 1) as u8]);
            consumed += run;
            produced += 2;
        }
        CodecProgress { consumed, produced, more: consumed < input.len() }
    }

    fn begin_decoding(&mut self, _kind: MessageKind, reserved: ReservedBits) {
        assert_eq!(reserved, ReservedBits::RSV2);
        assert_eq!((self.run, self.byte), (None, None));
    }

    fn decode(
        &mut self,
        input: &[u8],
        last: bool,
        output: &mut [u8],
    ) -> Result<CodecProgress, InvalidDataError> {
        let (mut consumed, mut produced) = (0, 0);
        loop {
            if let Some((byte, left)) = self.run {
                let given = left.min(output.len() - produced);
                output[produced..produced + given].fill(byte);
                produced += given;
                self.run = (given < left).then_some((byte, left - given));
                if self.run.is_some() {
                    return Ok(CodecProgress { consumed, produced, more: true });
                }
            }
            let Some(&next) = input.get(consumed) else { break };
            consumed += 1;
            match self.byte.take() {
                None => self.byte = Some(next),
                Some(byte) => self.run = Some((byte, usize::from(next) + 1)),
            }
        }
        if last && self.byte.is_some() {
            return Err(InvalidDataError);
        }
        Ok(CodecProgress { consumed, produced, more: false })
    }

    fn shared_encoding(&self) -> Option<u64> {
        Some(self.at_least as u64)
    }

    fn encoder(&self) -> Option<Box<dyn MessageCodec>> {
        Some(Box::new(Self { at_least: self.at_least, ..Self::default() }))
    }
}
