//! The application's function that answers requests.

use std::sync::Arc;

use super::BoxFuture;
use super::answer::Answer;
use super::request::Request;

pub(crate) type Hook = Arc<dyn Fn(Request) -> BoxFuture<Answer> + Send + Sync>;
