//! The server: connections with limits in size, number and time; each request through the gate, then to the study, one after the other.

use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::Semaphore;

use super::gate::{self, Gate, Refusal, Session};
use super::requests::{self, OpenStudy, PageRequest, Reply, Requester};
use crate::report::page::review::entrance;

/// A form of ours takes less than a thousandth of it.
const MOST_BYTES: usize = 64 << 10;
/// Connections at a time; more wait.
const MOST_CONNECTIONS: usize = 64;
/// How long a browser may take to send a request, or to take up a page.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may stay, whatever is sent through it.
const LONGEST: Duration = Duration::from_secs(600);

/// What every request is answered from.
#[derive(Clone)]
struct SharedState {
    gate: Arc<Gate>,
    study: Arc<Mutex<OpenStudy>>,
    announce: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Answers until the program is told to end.
pub(super) fn serve(
    listener: TcpListener,
    gate: Arc<Gate>,
    study: Arc<Mutex<OpenStudy>>,
    announce: Arc<dyn Fn(&str) + Send + Sync>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // The end of the runtime waits for what is being decided: it runs on a thread of its own until it is done.
    runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let router = router(SharedState { gate, study, announce });
        let accepting = tokio::spawn(accept(listener, router));
        let told = tokio::signal::ctrl_c().await;
        accepting.abort();
        told
    })
}

async fn accept(listener: tokio::net::TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    while let Ok(place) = places.clone().acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // It broke before it was taken up, or the system has no room for it now.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(MOST_BYTES);
            // What goes wrong with a connection concerns its browser, which notices.
            let _ = tokio::time::timeout(LONGEST, http.serve_connection(TokioIo::new(stream), service)).await;
            drop(place);
        });
    }
}

fn router(shared: SharedState) -> Router {
    Router::new()
        .route("/", get(ask::<requests::Filter>))
        .route("/plate", get(ask::<requests::PlateRequest>))
        .route("/propose", get(ask::<requests::PlatePart>))
        .route("/decide", post(decide))
        .layer(middleware::from_fn_with_state(shared.clone(), with_session))
        .route("/session", post(enter))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .layer(middleware::from_fn_with_state(shared.clone(), of_ours))
        .with_state(shared)
}

/// What marks the page that answers a request as ours.
#[derive(Clone)]
struct Nonce(String);

/// Before everything: whose request it is, how large and how slow it is. After everything: what its page may do.
async fn of_ours(State(shared): State<SharedState>, request: Request, next: Next) -> Response {
    let Ok(nonce) = gate::random() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = match shared.gate.is_ours(request.method(), request.headers()) {
        Err(refusal) => refused(refusal),
        Ok(()) => match whole(request).await {
            Ok(mut request) => {
                request.extensions_mut().insert(Nonce(nonce.clone()));
                next.run(request).await
            }
            Err(status) => status.into_response(),
        },
    };
    gate::protect(response.headers_mut(), &nonce);
    response
}

/// The request with its body read.
async fn whole(request: Request) -> Result<Request, StatusCode> {
    let (parts, body) = request.into_parts();
    let bytes = match tokio::time::timeout(PATIENCE, to_bytes(body, MOST_BYTES)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => return Err(StatusCode::REQUEST_TIMEOUT),
    };
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Nobody without a session gets further; the way to one is shown where a person would look for it.
async fn with_session(
    State(shared): State<SharedState>,
    Extension(Nonce(nonce)): Extension<Nonce>,
    mut request: Request,
    next: Next,
) -> Response {
    match shared.gate.session(request.headers()) {
        Ok(session) => {
            request.extensions_mut().insert(session);
            next.run(request).await
        }
        Err(_) if request.method() == Method::GET && request.uri().path() == "/" => {
            Html(entrance(&nonce)).into_response()
        }
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: Refusal) -> Response {
    (refusal.status(), refusal.words()).into_response()
}

/// Exchanges the key of the address for a cookie.
async fn enter(State(shared): State<SharedState>, key: Bytes) -> Response {
    match shared.gate.enter(&String::from_utf8_lossy(&key)) {
        Ok(Some(cookie)) => {
            (shared.announce)(&shared.gate.address());
            match HeaderValue::from_str(&cookie) {
                Ok(cookie) => (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response(),
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            }
        }
        Ok(None) => refused(Refusal::NoSession),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What is asked by an address alone.
async fn ask<T: Into<PageRequest>>(
    shared: State<SharedState>,
    who: Extension<Session>,
    nonce: Extension<Nonce>,
    Query(asked): Query<T>,
) -> Response {
    answer(shared, who, nonce, asked.into()).await
}

async fn decide(
    shared: State<SharedState>,
    who: Extension<Session>,
    nonce: Extension<Nonce>,
    Form(form): Form<requests::Form>,
) -> Response {
    shared.gate.remember(&who, form.who.trim());
    answer(shared, who, nonce, PageRequest::Decide(form)).await
}

/// Asks the study, on a thread that may take its time.
async fn answer(
    State(shared): State<SharedState>,
    Extension(session): Extension<Session>,
    Extension(Nonce(nonce)): Extension<Nonce>,
    ask: PageRequest,
) -> Response {
    let asker = Requester { who: session.who, nonce };
    let answered = tokio::task::spawn_blocking(move || {
        shared.study.lock().unwrap_or_else(PoisonError::into_inner).answer(ask, &asker)
    });
    match answered.await {
        Ok(Reply::Page(status, page)) => {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            (status, [(CONTENT_TYPE, html)], page).into_response()
        }
        Ok(Reply::See(address)) => match HeaderValue::from_str(&address) {
            Ok(address) => (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
