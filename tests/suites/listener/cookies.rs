//! Cookies: read from a request, set with any answer (RFC 6265).

use std::time::Duration;

use websocket_listener::http::Status;
use websocket_listener::http::{
    Answer, InvalidCookieError, Request, Response, SameSite, SetCookie,
};
use websocket_listener_tests::request::request;

use crate::support::{asking, in_virtual_time};

fn with_cookies(lines: &[&str]) -> Request {
    let asked = lines.iter().fold(request(), |asked, line| asked.and("Cookie", line));
    Request::parse(asked.text().into_bytes()).unwrap()
}

/// Section 5.4, and RFC 9113 section 8.2.3 for several lines.
#[test]
fn a_requests_cookies_are_read_by_name() {
    let request = with_cookies(&["a=1; session=31d4=; A=2;b = \"x y\" ;c=", "late=yes; a=3"]);
    assert_eq!(request.cookie("a"), Some("1"));
    assert_eq!(request.cookie("A"), Some("2"));
    assert_eq!(request.cookie("session"), Some("31d4="));
    assert_eq!(request.cookie("b"), Some("\"x y\""));
    assert_eq!(request.cookie("c"), Some(""));
    assert_eq!(request.cookie("late"), Some("yes"));
    assert_eq!(request.cookie("none"), None);
    assert_eq!(request.cookies().count(), 7);
}

#[test]
fn input_that_is_not_a_cookie_is_left_out() {
    assert_eq!(with_cookies(&[]).cookies().count(), 0);
    assert_eq!(with_cookies(&["", ";;", "flag", " ; "]).cookies().count(), 0);
    let text = request().text().into_bytes();
    let end = text.len() - 2;
    let bytes = [&text[..end], b"Cookie: a=\xff\r\n\r\n"].concat();
    assert_eq!(Request::parse(bytes).unwrap().cookies().count(), 0);
}

#[test]
fn cookies_are_set_with_an_acceptance_and_with_a_refusal() {
    in_virtual_time(async {
        let cookie = SetCookie::new("session", "31d4").unwrap().http_only();
        let accept = {
            let cookie = cookie.clone();
            move |_| Answer::accept().cookie(&cookie)
        };
        let refuse = {
            let cookie = cookie.clone();
            move |_| Answer::respond(Response::new(Status::FORBIDDEN)).cookie(&cookie)
        };
        let inside = move |_| Response::new(Status::FORBIDDEN).cookie(&cookie).into();
        let mut accepted = asking(accept);
        accepted.send(request().text()).await;
        let response = accepted.upgraded().await;
        assert_eq!(response.header("Set-Cookie"), Some("session=31d4; HttpOnly"));
        for mut refused in [asking(refuse), asking(inside)] {
            refused.send(request().text()).await;
            let response = refused.response().await;
            assert_eq!(response.status, 403);
            assert_eq!(response.header("Set-Cookie"), Some("session=31d4; HttpOnly"));
        }
    });
}

#[test]
fn every_attribute_is_written() {
    let cookie = SetCookie::new("__Host-id", "a1")
        .and_then(|cookie| cookie.path("/chat")?.domain("example.com"))
        .unwrap()
        .max_age(Duration::from_secs(60))
        .same_site(SameSite::None)
        .secure();
    let expected =
        "__Host-id=a1; Path=/chat; Domain=example.com; Max-Age=60; SameSite=None; Secure";
    assert_eq!(cookie.to_string(), expected);
    let removal = SetCookie::removal("id", "/").unwrap();
    assert_eq!(removal.to_string(), "id=; Path=/; Max-Age=0");
}

/// Section 4.1.1: neither a second attribute nor a second header can be smuggled in.
#[test]
fn bytes_that_would_change_the_meaning_of_a_cookie_are_refused() {
    for name in ["", "a b", "a=b", "a;b", "a\r\nX", "ü"] {
        assert_eq!(SetCookie::new(name, "1"), Err(InvalidCookieError::Name), "{name:?}");
    }
    for value in ["a b", "a;Domain=evil", "a\r\nX: y", "a,b", "\"a\"", "a\\", "ü", "a\0"] {
        assert_eq!(SetCookie::new("a", value), Err(InvalidCookieError::Value), "{value:?}");
    }
    for attribute in ["/;Domain=evil", "/\r\nX: y", "/ü", "/\0"] {
        let cookie = || SetCookie::new("a", "1").unwrap();
        assert_eq!(cookie().path(attribute), Err(InvalidCookieError::Attribute), "{attribute:?}");
        assert_eq!(cookie().domain(attribute), Err(InvalidCookieError::Attribute), "{attribute:?}");
    }
}
