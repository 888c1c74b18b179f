//! Requests without an answer, and requests while the service ends.

use std::time::Duration;

use doorward_server::service::requests;
use doorward_store::Options;
use doorward_store::paging::{Cursor, Order};
use doorward_store::request_log::RequestFilter;
use doorward_store::scope::OperatorScope;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::app_api::{Api, data};
use crate::support::{Directory, Kind, Service, with_directory};

#[tokio::test]
async fn a_request_whose_client_went_away_is_recorded_as_unanswered() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let mut stream = TcpStream::connect(idp.service.address).await.unwrap();
        let head = format!(
            "POST /scim/{}/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Length: 100\r\n\r\n{{\"userName\"",
            idp.label, idp.authorization
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(stream);
        let target = format!("/directories/{}/requests?failed=true", idp.id);
        let mut found = json!(null);
        for _ in 0..40 {
            found = api.found(&target).await;
            if !data(&found).is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(data(&found).len(), 1, "{found}");
        // Either the handler saw the body end early, or it was dropped with its connection.
        assert!([json!(null), json!(400)].contains(&data(&found)[0]["status"]), "{found}");
    })
    .await;
}

#[tokio::test]
async fn the_last_requests_are_written_when_the_service_ends() {
    for database in doorward_testkit::databases() {
        let service = Service::start(database, Options::default());
        let idp = service.directory(Kind::okta()).await;
        idp.get("/Users?count=1").await.expect(200);
        service.end();
        let mut written = 0;
        for _ in 0..100 {
            let first = Cursor::first(10, Order::Descending);
            let (store, operator) = (service.app.store(), OperatorScope::local());
            let list = requests::list(store, &operator, idp.id, first, RequestFilter::default()).await;
            written = list.unwrap().items.len();
            if written > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(written, 1);
    }
}
