//! Extractors: the proof is the handler's argument, so a handler cannot forget to ask for it.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use tracing_actix_web::RequestId;

use super::{Actor, Admin, AdminOr, Assessor, Keys, Member, Reader};
use crate::problem::{Kind, Problem};

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl FromRequest for Actor {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { actor(&request).await })
    }
}

async fn actor(request: &HttpRequest) -> Result<Actor, Problem> {
    let keys = request
        .app_data::<web::Data<Keys>>()
        .ok_or_else(|| Problem::internal("the application was started without signing keys"))?;
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| {
            Problem::new(Kind::Unauthenticated, "Send an access token: Authorization: Bearer …")
        })?;
    let request_id = request.extensions().get::<RequestId>().map(ToString::to_string);
    let actor = keys.verify(token, request_id).await?;
    // The log may know the caller's role, and nothing else of the caller.
    tracing::Span::current().record("actor", actor.role_name());
    Ok(actor)
}

/// What a caller may not see is not there: a refused read answers 404. A refused act says which
/// role it takes; this is judged before any row is looked at, so it tells nothing of them.
fn refused(method: &Method, problem: Problem) -> Problem {
    if matches!(*method, Method::GET | Method::HEAD) { Problem::not_found() } else { problem }
}

macro_rules! extract {
    ($($proof:ty),*) => {$(
        impl FromRequest for $proof {
            type Error = Problem;
            type Future = Extraction<Self>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move {
                    Self::try_from(actor(&request).await?).map_err(|problem| refused(request.method(), problem))
                })
            }
        }
    )*};
}

extract!(Admin, Assessor, Member, Reader, AdminOr<Member>, AdminOr<Assessor>);
