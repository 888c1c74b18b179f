//! Debian's Chromium, driven over WebDriver (W3C): what these tests need of it is a page of code, a client library is a hundred crates.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Portal, Visitor, client};

/// The name under which WebDriver tells of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with a profile of its own.
pub struct Browser {
    client: reqwest::Client,
    session: String,
    base: String,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    pub async fn start(portal: &Portal) -> Self {
        Self::start_with(portal, true).await
    }

    pub async fn start_with(portal: &Portal, scripts: bool) -> Self {
        let advice = "the browser tests need chromium and chromium-driver (names as on Debian); scripts/test installs them as root";
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect(advice);
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            line.split_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())
        });
        let port = port.expect("chromedriver says where it listens");
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().unwrap();
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--lang=en-US",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let preferences =
            if scripts { json!({}) } else { json!({"profile.managed_default_content_settings.javascript": 2}) };
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions":
            {"args": arguments, "prefs": preferences}}}});
        let client = client().build().unwrap();
        let answer = client.post(format!("http://127.0.0.1:{port}/session")).json(&wanted).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let id = answer["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let session = format!("http://127.0.0.1:{port}/session/{id}");
        Browser { client, session, base: portal.url(""), driver, _profile: profile }
    }

    async fn post(&self, command: &str, body: Value) -> Value {
        let answer = self.client.post(format!("{}/{command}", self.session)).json(&body).send().await.unwrap();
        let is_good = answer.status().is_success();
        let answer: Value = answer.json().await.unwrap();
        assert!(is_good, "{command} {body}: {answer}");
        answer["value"].clone()
    }

    /// A command of the developer tools' protocol.
    pub async fn tool(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// Opens a page of the portal.
    pub async fn go(&self, path: &str) {
        self.post("url", json!({"url": format!("{}{path}", self.base)})).await;
    }

    pub async fn back(&self) {
        self.post("back", json!({})).await;
    }

    /// The path of the page shown.
    pub async fn path(&self) -> String {
        let answer = self.client.get(format!("{}/url", self.session)).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["value"].as_str().unwrap().strip_prefix(&self.base).unwrap_or_default().to_owned()
    }

    /// Runs a script in the page; what it returns.
    pub async fn script(&self, script: &str) -> Value {
        self.post("execute/sync", json!({"script": script, "args": []})).await
    }

    pub async fn script_later(&self, script: &str) -> Value {
        self.post("execute/async", json!({"script": script, "args": []})).await
    }

    /// Runs before anything of each page does.
    pub async fn before_each_page(&self, script: &str) {
        self.tool("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
    }

    async fn find(&self, css: &str) -> String {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let body = json!({"using": "css selector", "value": css});
            let answer = self.client.post(format!("{}/element", self.session)).json(&body).send().await.unwrap();
            let answer: Value = answer.json().await.unwrap();
            if let Some(id) = answer["value"][ELEMENT].as_str() {
                return id.to_owned();
            }
            assert!(Instant::now() < end, "no {css} on {}", self.path().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether the page has such an element; waits for none.
    pub async fn has(&self, css: &str) -> bool {
        let body = json!({"using": "css selector", "value": css});
        let answer = self.client.post(format!("{}/element", self.session)).json(&body).send().await.unwrap();
        answer.status().is_success()
    }

    /// The path of the page, once it begins like this.
    pub async fn until_path(&self, start: &str) -> String {
        for _ in 0..200 {
            let path = self.path().await;
            if path.starts_with(start) {
                return path;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{start} was not reached");
    }

    /// Waits until an element says this, for a page that the click before has asked for; what it says.
    pub async fn until_text(&self, css: &str, said: &str) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let text = self.text(css).await;
            if text.contains(said) {
                return text;
            }
            assert!(Instant::now() < end, "{css} does not say {said}: {text}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether the element can be seen.
    pub async fn displayed(&self, css: &str) -> bool {
        let id = self.find(css).await;
        let answer = self.client.get(format!("{}/element/{id}/displayed", self.session)).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["value"] == true
    }

    pub async fn click(&self, css: &str) {
        let id = self.find(css).await;
        self.post(&format!("element/{id}/click"), json!({})).await;
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let id = self.find(css).await;
        self.post(&format!("element/{id}/clear"), json!({})).await;
        self.post(&format!("element/{id}/value"), json!({"text": text})).await;
    }

    /// Chooses a file in a field for files.
    pub async fn choose_file(&self, css: &str, path: &str) {
        let id = self.find(css).await;
        self.post(&format!("element/{id}/value"), json!({"text": path})).await;
    }

    pub async fn text(&self, css: &str) -> String {
        loop {
            let id = self.find(css).await;
            let answer = self.client.get(format!("{}/element/{id}/text", self.session)).send().await.unwrap();
            let answer: Value = answer.json().await.unwrap();
            if let Some(text) = answer["value"].as_str() {
                return text.to_owned();
            }
            // The page was left between the two: the element is of the page before.
            assert_eq!(answer["value"]["error"], "stale element reference", "{answer}");
        }
    }

    /// Takes over the sessions of somebody who has signed in elsewhere.
    pub async fn sign_in(&self, visitor: &Visitor) {
        self.go("/admin/sign-in").await;
        let cookies = visitor.cookies.borrow().clone();
        for (name, session) in cookies.iter().filter(|(name, _)| !name.ends_with("visit")) {
            let cookie = json!({"name": name, "value": session, "path": "/", "httpOnly": true, "sameSite": "Strict"});
            self.post("cookie", json!({"cookie": cookie})).await;
        }
    }

    /// As on a screen of this width, in light or dark.
    pub async fn shape(&self, width: u32, dark: bool) {
        let shape = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.tool("Emulation.setDeviceMetricsOverride", shape).await;
        let value = if dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.tool("Emulation.setEmulatedMedia", features).await;
    }

    /// The whole page as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        use base64::Engine as _;
        let height = self.script("return Math.min(4000, document.documentElement.scrollHeight)").await;
        let width = self.script("return innerWidth").await;
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
        let answer = self
            .tool("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true, "clip": clip}))
            .await;
        base64::engine::general_purpose::STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
    }

    /// Ends it; a test that fails leaves that to `drop`.
    pub async fn end(self) {
        let _ = self.client.delete(&self.session).send().await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends its browser when it is asked to end, which a kill would not let it do.
        let _ = Command::new("kill").arg(self.driver.id().to_string()).status();
        let _ = self.driver.wait();
    }
}
