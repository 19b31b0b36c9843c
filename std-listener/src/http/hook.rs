//! The application's function that answers requests.

use std::sync::Arc;

use super::answer::Answer;
use super::future::BoxFuture;
use super::request::Request;

pub(crate) type Hook = Arc<dyn Fn(Request) -> BoxFuture<Answer> + Send + Sync>;
