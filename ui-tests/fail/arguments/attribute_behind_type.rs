use actor_core::prelude::*;

#[actor]
struct Folder {
    path: String,
}

#[actor]
impl Folder {
    pub fn open(&mut self, path: String #[message], depth: u8) -> u8 {
        self.path = path;
        depth
    }
    pub fn close(&mut self) {}
}

async fn uses_it(folder: FolderHandle) -> Result<u8, CallError> {
    folder.close().await?;
    folder.open("a".to_owned(), 1).await
}

fn main() {
    drop(uses_it(Folder { path: String::new() }.spawn()));
}
