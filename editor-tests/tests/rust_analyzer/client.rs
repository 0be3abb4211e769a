//! An editor without a screen.

use serde_json::{Value, json};
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::text::{FIXTURE, Place, Text};

pub(crate) struct Client {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    file: String,
    version: u64,
    asked: u64,
    quiet: bool,
}

impl Client {
    /// Starts the server on the fixture, and waits until it has read it and built its macro.
    pub(crate) fn start() -> Self {
        let folder = write_fixture().expect("a place for the fixture");
        let program = std::env::var_os("RUST_ANALYZER").unwrap_or_else(|| "rust-analyzer".into());
        let mut server = Command::new(program)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`rust-analyzer` on the path or in the variable `RUST_ANALYZER`");
        let input = server.stdin.take().expect("piped");
        let output = BufReader::new(server.stdout.take().expect("piped"));
        let file = format!("file://{}", folder.join("src/main.rs").display());
        let mut client = Client { server, input, output, file, version: 0, asked: 0, quiet: false };
        client.ask(
            "initialize",
            json!({
                "processId": std::process::id(),
                "rootUri": format!("file://{}", folder.display()),
                "capabilities": {
                    "experimental": { "serverStatusNotification": true },
                    "textDocument": { "hover": { "contentFormat": ["markdown"] }, "diagnostic": {} },
                },
                // What the compiler says is the other tests' concern; what the server says of types, it says only if asked to.
                "initializationOptions": {
                    "checkOnSave": false,
                    "cachePriming": { "enable": false },
                    "diagnostics": { "experimental": { "enable": true } },
                },
            }),
        );
        client.tell("initialized", json!({}));
        client.wait_until_quiet();
        client
    }

    pub(crate) fn open(&mut self, text: &Text) {
        let document =
            json!({ "uri": self.file, "languageId": "rust", "version": self.version, "text": text.0 });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        self.wait_until_quiet();
    }

    pub(crate) fn change(&mut self, text: &Text) {
        self.version += 1;
        let document = json!({ "uri": self.file, "version": self.version });
        let changes = json!([{ "text": text.0 }]);
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// The lines that "go to definition" leads to.
    pub(crate) fn definitions(&mut self, place: Place) -> Vec<usize> {
        let answer = self.ask_at("textDocument/definition", place);
        let places = answer.as_array().cloned().unwrap_or_default();
        let line = |place: Value| {
            assert_eq!(place["uri"], self.file, "in another file");
            place["range"]["start"]["line"].as_u64().expect("a line") as usize
        };
        places.into_iter().map(line).collect()
    }

    /// What is shown beside the pointer.
    pub(crate) fn hover(&mut self, place: Place) -> String {
        let answer = self.ask_at("textDocument/hover", place);
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// The names that are offered, without their arguments.
    pub(crate) fn completions(&mut self, place: Place) -> Vec<String> {
        let answer = self.ask_at("textDocument/completion", place);
        let items = answer["items"].as_array().or(answer.as_array()).cloned().unwrap_or_default();
        let name = |item: &Value| {
            let label = item["label"].as_str().unwrap_or_default();
            label.split(['(', ' ', '…']).next().unwrap_or_default().to_owned()
        };
        items.iter().map(name).collect()
    }

    /// What the server itself finds wrong: the lines, from 0, and the texts.
    pub(crate) fn errors(&mut self) -> Vec<(u64, String)> {
        let answer = self.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": self.file } }));
        let items = answer["items"].as_array().expect("a report").clone();
        let error = |item: &Value| {
            let line = item["range"]["start"]["line"].as_u64()?;
            // Hints and warnings are for those who read them.
            (item["severity"] == 1).then(|| (line, item["message"].to_string()))
        };
        items.iter().filter_map(error).collect()
    }

    fn ask_at(&mut self, method: &str, Place { line, column }: Place) -> Value {
        self.ask(
            method,
            json!({
                "textDocument": { "uri": self.file },
                "position": { "line": line, "character": column },
            }),
        )
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The server says when it has nothing left to read or build.
    fn wait_until_quiet(&mut self) {
        while !self.quiet {
            self.receive();
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server listens");
        self.input.flush().expect("the server listens");
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(
                self.output.read_line(&mut line).expect("the server speaks"),
                0,
                "the server has gone"
            );
            match line.trim() {
                "" => break,
                header => {
                    if let Some(value) = header.strip_prefix("Content-Length:") {
                        length = value.trim().parse().expect("a length");
                    }
                }
            }
        }
        let mut bytes = vec![0; length];
        self.output.read_exact(&mut bytes).expect("the server speaks");
        let message: Value = serde_json::from_slice(&bytes).expect("a message");
        if message["method"] == "experimental/serverStatus" {
            assert_ne!(message["params"]["health"], "error", "{message}");
            self.quiet = message["params"]["quiescent"] == true;
        }
        if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
            // It asks for the editor's own settings, among others: there are none.
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
        }
        message
    }
}

/// As a program of its own, where the server may build and lock as it likes.
fn write_fixture() -> io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixture");
    fs::create_dir_all(folder.join("src"))?;
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../actor-core");
    let manifest = format!(
        "[package]\nname = \"fixture\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nactor-core = {{ path = {library:?} }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/main.rs"), FIXTURE)?;
    Ok(folder)
}

impl Drop for Client {
    fn drop(&mut self) {
        // It leaves nothing behind that could be spoilt.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
