//! The rules of RFC 6455 sections 4 to 8 and of RFC 7692 that an endpoint can keep or break: each with
//! the function that keeps it, and the tests that show it.
//!
//! A function is named by its file and its name. The head of the file or the function itself says
//! `RFC 6455 section N`, so that one search for a section finds its functions. Tests are named as in
//! [`lessons`](crate::lessons).

mod closing;
mod deflate;
mod frames;
mod messages;
mod opening;

/// A section, its rule in a few words, the function that keeps it, and its tests.
pub type Rule = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// The rules of RFC 6455, in the order of its sections.
pub const WEBSOCKET: &[&[Rule]] = &[
    opening::CLIENT,
    opening::SERVER,
    frames::HEADERS,
    frames::FRAGMENTS,
    frames::CONTROL,
    messages::SENDING,
    messages::RECEIVING,
    closing::ENDING,
    closing::CAUSES,
    deflate::EXTENSIONS,
];

/// The rules of RFC 7692, in the order of its sections.
pub const DEFLATE: &[&[Rule]] = &[deflate::FRAMING, deflate::NEGOTIATION, deflate::DATA];

/// The rules of RFC 6455 that only an application can keep: section, rule, and the reason.
pub const LEFT_TO_THE_APPLICATION: &[(&str, &str, &str)] = closing::LEFT_TO_THE_APPLICATION;

#[cfg(test)]
mod tests {
    use super::{DEFLATE, Rule, WEBSOCKET};
    use crate::named::{function, is_run};

    #[test]
    fn every_rule_has_the_function_that_keeps_it_and_its_tests() {
        let of = |rfc, tables: &'static [&'static [Rule]]| {
            tables.iter().copied().flatten().map(move |rule| (rfc, rule))
        };
        let mut faults = Vec::new();
        for (rfc, (section, rule, place, tests)) in of(6455, WEBSOCKET).chain(of(7692, DEFLATE)) {
            match function(place) {
                None => faults.push(format!("{section} {rule}: no function {place}")),
                Some(text) if !mentions(&text, rfc, section) => {
                    faults.push(format!("{place} does not mention RFC {rfc} section {section}"));
                }
                Some(_) => {}
            }
            if tests.is_empty() {
                faults.push(format!("{section} {rule}: no test"));
            }
            let missing = tests.iter().filter(|test| !is_run(test));
            faults.extend(missing.map(|test| format!("{section} {rule}: no test {test}")));
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn a_function_that_is_missing_or_does_not_mention_its_section_is_noticed() {
        let decode = function("core/src/frame/header.rs::decode").unwrap();
        assert!(mentions(&decode, 6455, "5.2"));
        assert!(!mentions(&decode, 6455, "5"), "5.2 is another section than 5");
        assert!(!mentions(&decode, 6455, "7.4.2"));
        assert!(function("core/src/frame/header.rs::no_such_function").is_none());
        assert!(function("core/src/no_such_file.rs::decode").is_none());
    }

    /// Returns whether a line of the text refers to the section.
    fn mentions(text: &str, rfc: u16, section: &str) -> bool {
        let reference = format!("RFC {rfc} section {section}");
        text.match_indices(&reference).any(|(start, _)| {
            let after = text[start + reference.len()..].trim_start_matches('.');
            !after.starts_with(|next: char| next.is_ascii_digit())
        })
    }
}
