use actor_core::prelude::*;

type Result<T> = std::result::Result<T, String>;

#[actor]
struct Folder {
    path: String,
}

#[actor]
impl Folder {
    [message(result)] #
    pub fn open(&mut self, path: String) -> Result<u8> {
        self.path = path;
        Ok(1)
    }
    pub fn close(&mut self) {}
}

async fn uses_it(folder: FolderHandle) {
    let _ = folder.close().await;
    let _ = folder.open("a".to_owned()).await;
}

fn main() {
    drop(uses_it(Folder { path: String::new() }.spawn()));
}
