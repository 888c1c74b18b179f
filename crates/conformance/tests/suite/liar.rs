//! A proxy before a real Doorward that tells one untruth.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response};
use doorward_conformance::{Plan, Report, Version, run};
use doorward_store::directory::Strictness;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::doorward::{Doorward, client};

/// One exchange on its way through the proxy.
#[derive(Debug, Clone)]
pub struct Passing {
    pub method: String,
    /// Below the base URL, with its query.
    pub path: String,
    /// Of the request, then of the answer.
    pub headers: HeaderMap,
    /// 0 until the server has answered; set before, the server is not asked.
    pub status: u16,
    /// Of the request, then of the answer.
    pub body: String,
}

impl Passing {
    /// Answers without asking the server.
    pub fn answer(&mut self, status: u16) {
        self.status = status;
        self.headers = HeaderMap::new();
        self.body.clear();
    }

    /// Changes the JSON of the body.
    pub fn json(&mut self, change: impl FnOnce(&mut Value)) {
        if let Ok(mut value) = serde_json::from_str(&self.body) {
            change(&mut value);
            self.body = value.to_string();
        }
    }

    /// Takes a parameter out of the query.
    pub fn without_parameter(&mut self, name: &str) {
        let Some((path, query)) = self.path.split_once('?') else { return };
        let kept: Vec<&str> = query.split('&').filter(|pair| pair.split('=').next() != Some(name)).collect();
        self.path = format!("{path}?{}", kept.join("&"));
    }
}

/// What the proxy does to requests, and to answers.
#[derive(Clone, Copy)]
pub struct Lie {
    pub request: fn(&mut Passing),
    pub answer: fn(&mut Passing),
}

fn nothing(_: &mut Passing) {}

pub fn in_answers(answer: fn(&mut Passing)) -> Lie {
    Lie { request: nothing, answer }
}

pub fn in_requests(request: fn(&mut Passing)) -> Lie {
    Lie { request, answer: nothing }
}

struct Proxy {
    behind: String,
    own: String,
    lie: Lie,
}

async fn pass(State(proxy): State<Arc<Proxy>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap();
    let mut passing = Passing {
        method: parts.method.to_string(),
        path: parts.uri.path_and_query().unwrap().as_str().to_owned(),
        headers: parts.headers,
        status: 0,
        body: String::from_utf8_lossy(&body).replace(&proxy.own, &proxy.behind),
    };
    (proxy.lie.request)(&mut passing);
    let asked = passing.clone();
    if passing.status == 0 {
        forward(&proxy, &mut passing).await;
        passing.method = asked.method;
        (proxy.lie.answer)(&mut passing);
    }
    let mut response = Response::builder().status(passing.status);
    for (name, value) in
        passing.headers.iter().filter(|(name, _)| !["content-length", "transfer-encoding"].contains(&name.as_str()))
    {
        response = response.header(name, value.to_str().unwrap().replace(&proxy.behind, &proxy.own));
    }
    response.body(Body::from(passing.body.replace(&proxy.behind, &proxy.own))).unwrap()
}

async fn forward(proxy: &Proxy, passing: &mut Passing) {
    let mut headers = std::mem::take(&mut passing.headers);
    headers.remove("host");
    headers.remove("content-length");
    let method = Method::from_bytes(passing.method.as_bytes()).unwrap();
    let request = client().request(method, format!("{}{}", proxy.behind, passing.path)).headers(headers);
    let answer = request.body(passing.body.clone()).send().await.unwrap();
    passing.status = answer.status().as_u16();
    passing.headers = answer.headers().clone();
    passing.body = answer.text().await.unwrap();
}

/// Tests a Doorward through the liar, these chapters only.
pub async fn tested(version: Version, lie: Lie, chapters: &[&str]) -> (Report, Doorward) {
    let doorward = Doorward::start(Strictness::Strict).await;
    doorward.bystander().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = format!("http://{}", listener.local_addr().unwrap());
    let proxy = Arc::new(Proxy { behind: doorward.base(version), own: own.clone(), lie });
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(pass).with_state(proxy)).await.unwrap() });
    let mut plan = Plan { url: own, ..doorward.plan(version) };
    plan.only = chapters.iter().map(|name| (*name).to_owned()).collect();
    let report = run(plan, &mut |_| {}).await.unwrap();
    (report, doorward)
}
