//! Headers and credentials, read from the socket as they come.

use std::sync::{Arc, Mutex};

use doorward_idp::{Credential, Dialect, GroupKey, Session, TokenForm};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::desk::{ada, group};
use crate::fake::{Fake, Fault, TOKEN};

/// Answers every request with an empty list and keeps it as it came.
async fn raw_requests(dialect: Dialect, credential: Credential) -> Vec<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = vec![0; 64 * 1024];
            let mut length = 0;
            while length == 0 || !complete(&buffer[..length]) {
                length += stream.read(&mut buffer[length..]).await.unwrap();
            }
            kept.lock().unwrap().push(String::from_utf8(buffer[..length].to_vec()).unwrap());
            let body = r#"{"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[],"id":"u-1"}"#;
            let status = if buffer.starts_with(b"POST") { "201 Created" } else { "200 OK" };
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/scim+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let session = Session::new(dialect, &url, &credential, 1).unwrap();
    session.assign(&ada()).await.unwrap();
    let _ = session.push_group(&group("x"), &[]).await;
    let _ = session.delete_group(GroupKey(0)).await;
    seen.lock().unwrap().clone()
}

fn complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    length.is_none_or(|length| body.len() >= length.parse::<usize>().unwrap())
}

fn header_lines(request: &str) -> Vec<&str> {
    let head = request.split("\r\n\r\n").next().unwrap();
    head.lines().skip(1).filter(|line| !line.starts_with("Host:") && !line.starts_with("Content-Length:")).collect()
}

#[tokio::test]
async fn okta_sends_the_headers_of_its_client() {
    let requests = raw_requests(Dialect::OktaWizard, Dialect::OktaWizard.credential("t")).await;
    let common = [
        "Accept: application/scim+json",
        "Accept-Charset: utf-8",
        "Accept-Encoding: gzip,deflate",
        "User-Agent: Okta SCIM Client 1.0.0",
        "Authorization: Bearer t",
        "Connection: Keep-Alive",
    ];
    assert_eq!(header_lines(&requests[0]), common);
    let with_body: Vec<_> = common.into_iter().chain(["Content-Type: application/scim+json; charset=utf-8"]).collect();
    assert!(requests[1].starts_with("POST /scim/v2/Users HTTP/1.1\r\n"));
    assert_eq!(header_lines(&requests[1]), with_body);
    let delete = requests.iter().find(|r| r.starts_with("DELETE")).unwrap();
    assert_eq!(header_lines(delete), with_body);
    assert!(delete.ends_with("\r\n\r\n"), "DELETE has no body");
}

#[tokio::test]
async fn row_39_40_and_41_credentials_and_media_types() {
    let oin = raw_requests(Dialect::OktaOin, Dialect::OktaOin.credential("t")).await;
    assert!(oin[0].contains("\r\nAuthorization: t\r\n"), "{}", oin[0]);
    let basic = raw_requests(Dialect::OktaCatalog, Credential::basic("okta", "pw")).await;
    assert!(basic[0].contains("\r\nAuthorization: Basic b2t0YTpwdw==\r\n"), "{}", basic[0]);
    let v1 = raw_requests(Dialect::OktaV1, Dialect::OktaV1.credential("t")).await;
    assert!(v1[1].contains("\r\nAccept: application/json\r\n"), "{}", v1[1]);
    assert!(v1[1].contains("\r\nContent-Type: application/json; charset=utf-8\r\n"), "{}", v1[1]);
}

#[tokio::test]
async fn row_91_onelogin_sends_an_empty_user_agent() {
    let requests = raw_requests(Dialect::OneLogin, Dialect::OneLogin.credential("t")).await;
    assert!(requests[0].contains("\r\nUser-Agent: \r\n"), "{}", requests[0]);
}

#[tokio::test]
async fn a_base_url_with_a_trailing_slash_yields_two_and_okta_takes_no_underscore() {
    let fake = Fake::start(false, Fault::None).await;
    let url = format!("{}/", fake.url);
    let session = Session::new(Dialect::Rippling, &url, &Dialect::Rippling.credential(TOKEN), 1).unwrap();
    session.assign(&ada()).await.unwrap();
    let okta = |url: &str| Session::new(Dialect::OktaWizard, url, &Dialect::OktaWizard.credential("t"), 1);
    assert!(okta("https://scim.example/my_tenant").unwrap_err().to_string().contains("underscore"));
    assert!(okta("ftp://scim.example").unwrap_err().to_string().contains("http"));
}

#[tokio::test]
async fn wt_09_every_form_of_a_token_reaches_the_server() {
    for (form, text) in [
        (TokenForm::Bearer, "Bearer t"),
        (TokenForm::Bare, "t"),
        (TokenForm::Doubled, "Bearer Bearer t"),
        (TokenForm::LowerCase, "bearer t"),
    ] {
        let requests = raw_requests(Dialect::OktaWizard, Credential::bearer("t").written(form)).await;
        assert!(requests[0].contains(&format!("\r\nAuthorization: {text}\r\n")), "{}", requests[0]);
    }
    let requests = raw_requests(Dialect::OktaWizard, Credential::Missing).await;
    assert!(!requests[0].contains("Authorization"), "{}", requests[0]);
}

#[tokio::test]
async fn row_03_a_refusal_must_be_an_error_message_of_the_protocol() {
    for dialect in [Dialect::OktaWizard, Dialect::OktaV1] {
        let fake = Fake::start(dialect.is_v1(), Fault::None).await;
        let wrong = Session::new(dialect, &fake.url, &dialect.credential("wrong"), 1).unwrap();
        wrong.expect_refusal().await.unwrap();
        let right = Session::new(dialect, &fake.url, &dialect.credential(TOKEN), 1).unwrap();
        assert!(right.expect_refusal().await.unwrap_err().to_string().contains("status 200 instead of 401"));
    }
}
